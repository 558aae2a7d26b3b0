import {
  createHash,
  createPrivateKey,
  type KeyObject,
  randomUUID,
  sign,
  X509Certificate,
} from "node:crypto";
import { LavaError } from "@lava/core";

/** Whose assertion it is, and for whom. */
export interface AssertionOptions {
  readonly conn_id: string;
  readonly clientId: string;
  /** Where tokens are given: the audience. */
  readonly tokenUrl: string;
  /** Certificate and private key of the application, PEM one after the other. */
  readonly certificate: string;
  /** Milliseconds. */
  readonly now: number;
}

/** Seconds for which an assertion is good. */
const GOOD_FOR_S = 300;

/**
 * What an application says of itself in place of a secret: a token that it has signed with the key of its
 * certificate, as Microsoft Entra reads it (RS256, SHA-256 thumbprint of the certificate).
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD when the text is no certificate with its RSA key
 */
export function clientAssertion(options: AssertionOptions): string {
  const { clientId, tokenUrl, now } = options;
  const { key, thumbprint } = readCertificate(options);
  const seconds = Math.trunc(now / 1000);
  const head = { alg: "RS256", typ: "JWT", "x5t#S256": thumbprint };
  const claims = {
    aud: tokenUrl,
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    nbf: seconds,
    exp: seconds + GOOD_FOR_S,
  };
  const text = [head, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
}

function readCertificate({ conn_id, certificate }: AssertionOptions): {
  readonly key: KeyObject;
  readonly thumbprint: string;
} {
  try {
    const public_ = new X509Certificate(certificate);
    const key = createPrivateKey(certificate);
    if (key.asymmetricKeyType === "rsa" && public_.checkPrivateKey(key)) {
      return { key, thumbprint: createHash("sha256").update(public_.raw).digest("base64url") };
    }
  } catch {
    // The fault of the parser may show what it has read.
  }
  throw new LavaError(
    "BAD_CONNECTION_RECORD",
    `Connection ${conn_id}: client_certificate is no certificate with its RSA key`,
    { retry: "never", hint: "Store both in one SSM parameter, PEM one after the other." },
  );
}
