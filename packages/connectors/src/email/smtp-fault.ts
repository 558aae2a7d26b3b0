import { LavaError } from "@lava/core";
import { isOfCertificate, networkReason, TRUST_HINT } from "../network-fault.ts";

const UNREACHABLE = new Set(["ECONNECTION", "ESOCKET", "EDNS", "ETIMEDOUT", "EPROTOCOL"]);

/** What a client of an SMTP server failed with, with what to look at. */
export function smtpFault(
  conn_id: string,
  { host, port }: { readonly host: string; readonly port: number },
  cause: unknown,
): LavaError {
  const where = `${host}:${port}`;
  const text = `${conn_id}: ${networkReason(cause)}`;
  const kind: unknown = cause instanceof Error ? Reflect.get(cause, "code") : undefined;
  const fault = (code: string, hint: string): LavaError =>
    new LavaError(code, `${text} (${where})`, { cause, hint });
  if (kind === "EAUTH") {
    return fault("LOGIN_FAILED", "Check user, and the parameter that password names.");
  }
  if (kind === "ETLS" || /certificate|STARTTLS|wrong version number/i.test(text)) {
    return fault(
      "CONNECTION_FAILED",
      isOfCertificate(cause)
        ? TRUST_HINT
        : "The server offers no TLS, or another kind of it: see tls of the record.",
    );
  }
  if (typeof kind === "string" && UNREACHABLE.has(kind)) {
    return fault(
      "CONNECTION_FAILED",
      "Check host, port and tls of the record, and whether the server runs.",
    );
  }
  return new LavaError("EMAIL_FAILED", text, { cause });
}
