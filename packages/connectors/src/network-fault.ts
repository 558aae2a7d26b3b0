import { errorText, isMap } from "@lava/core";

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the host's name cannot be resolved now",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ETIMEDOUT: "no answer",
  ECONNRESET: "the connection was reset",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN:
    "its certificate is signed by an authority that this machine does not know",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "its certificate is signed by an authority that this machine does not know",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "its certificate is signed by an authority that this machine does not know",
  CERT_HAS_EXPIRED: "its certificate has expired",
};

/** Node's code of a fault of the network or of TLS (`ECONNREFUSED`), or "". */
export function networkCode(error: unknown): string {
  if (!isMap(error)) return "";
  const { code, errors } = error;
  if (Array.isArray(errors) && errors.length > 0) return networkCode(errors[0]);
  return typeof code === "string" ? code : "";
}

/** What Node.js advises who runs it, which nobody does who reads this. */
const ADVICE = /; if the root CA is installed locally.*$/s;

/** Why a server cannot be reached, in words; what the error says itself where it is of another kind. */
export function networkReason(error: unknown): string {
  return REASONS[networkCode(error)] ?? errorText(error).replace(ADVICE, "");
}

/** Whether a certificate is at fault. */
export function isOfCertificate(error: unknown): boolean {
  return /CERT|SIGNATURE/.test(networkCode(error)) || /certificate/i.test(errorText(error));
}

/** What can be done where a record cannot name the authority of its server. */
export const TRUST_HINT =
  "Have the authority of the server's certificate trusted: NODE_EXTRA_CA_CERTS names a file with its own.";
