import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { AwsError } from "./errors.ts";

/** What the signature of a request claims, before it was checked. */
export interface SignatureClaim {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  /** `20261123/local/s3/aws4_request`. */
  readonly scope: string;
  /** `20261123T101112Z`. */
  readonly timestamp: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** Seconds a presigned URL is good for; undefined for a signature in the header. */
  readonly expiresIn: number | undefined;
  readonly securityToken: string | undefined;
}

/** The parts of a request that are signed. */
export interface SignedParts {
  readonly method: string;
  /** As sent. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly rawQuery: string;
  readonly headers: IncomingMessage["headersDistinct"];
}

/** How far a client's clock may be off. */
const MAX_SKEW_MS = 15 * 60 * 1000;
const MAX_EXPIRES_SECONDS = 7 * 24 * 3600;

/** Reads the claim from the Authorization header or a presigned URL; 403 when there is none. */
export function parseSignatureClaim(parts: SignedParts, query: URLSearchParams): SignatureClaim {
  const authorization = parts.headers["authorization"]?.[0];
  if (authorization !== undefined) return parseHeader(authorization, parts);
  if (query.has("X-Amz-Credential")) return parsePresigned(query);
  if (query.has("AWSAccessKeyId")) throw unsupportedSignature();
  throw new AwsError(
    "MissingAuthenticationTokenException",
    "Request is missing Authentication Token",
    {
      status: 403,
      queryCode: "MissingAuthenticationToken",
    },
  );
}

function parseHeader(authorization: string, parts: SignedParts): SignatureClaim {
  if (!authorization.startsWith("AWS4-HMAC-SHA256 ")) throw unsupportedSignature();
  const fields = new Map(
    authorization
      .slice("AWS4-HMAC-SHA256 ".length)
      .split(",")
      .map((field): [string, string] => {
        const [name = "", ...value] = field.trim().split("=");
        return [name, value.join("=")];
      }),
  );
  return makeClaim({
    credential: fields.get("Credential"),
    timestamp: parts.headers["x-amz-date"]?.[0],
    signedHeaders: fields.get("SignedHeaders"),
    signature: fields.get("Signature"),
    expiresIn: undefined,
    securityToken: parts.headers["x-amz-security-token"]?.[0],
  });
}

function parsePresigned(query: URLSearchParams): SignatureClaim {
  if (query.get("X-Amz-Algorithm") !== "AWS4-HMAC-SHA256") throw unsupportedSignature();
  const expiresIn = Number(query.get("X-Amz-Expires") ?? Number.NaN);
  if (!(expiresIn >= 0 && expiresIn <= MAX_EXPIRES_SECONDS)) {
    throw new AwsError(
      "AuthorizationQueryParametersError",
      "X-Amz-Expires must be between 0 and 604800 seconds",
    );
  }
  return makeClaim({
    credential: query.get("X-Amz-Credential") ?? undefined,
    timestamp: query.get("X-Amz-Date") ?? undefined,
    signedHeaders: query.get("X-Amz-SignedHeaders") ?? undefined,
    signature: query.get("X-Amz-Signature") ?? undefined,
    expiresIn,
    securityToken: query.get("X-Amz-Security-Token") ?? undefined,
  });
}

function makeClaim(found: {
  credential: string | undefined;
  timestamp: string | undefined;
  signedHeaders: string | undefined;
  signature: string | undefined;
  expiresIn: number | undefined;
  securityToken: string | undefined;
}): SignatureClaim {
  const { credential, timestamp, signedHeaders, signature } = found;
  const [accessKeyId, date, region, service, end] = credential?.split("/") ?? [];
  if (
    accessKeyId === undefined ||
    date === undefined ||
    region === undefined ||
    service === undefined ||
    end !== "aws4_request" ||
    signature === undefined ||
    signedHeaders === undefined ||
    timestamp === undefined ||
    !/^\d{8}T\d{6}Z$/.test(timestamp) ||
    !timestamp.startsWith(date)
  ) {
    throw new AwsError(
      "IncompleteSignatureException",
      "the request needs Credential, SignedHeaders, Signature and a date that agree",
      { status: 403, queryCode: "IncompleteSignature" },
    );
  }
  return {
    accessKeyId,
    region,
    service,
    scope: `${date}/${region}/${service}/aws4_request`,
    timestamp,
    signedHeaders: signedHeaders.split(";"),
    signature,
    expiresIn: found.expiresIn,
    securityToken: found.securityToken,
  };
}

/** Checks the claim's time against the clock. */
export function checkSignatureTime(claim: SignatureClaim, now: number): void {
  const signedAt = parseTimestamp(claim.timestamp);
  if (claim.expiresIn !== undefined) {
    if (now > signedAt + claim.expiresIn * 1000) {
      throw new AwsError("AccessDenied", "Request has expired", { status: 403 });
    }
    if (signedAt - now > MAX_SKEW_MS) {
      throw new AwsError("AccessDenied", "Request is not valid yet", { status: 403 });
    }
    return;
  }
  if (!(Math.abs(now - signedAt) <= MAX_SKEW_MS)) {
    const text = "The difference between the request time and the current time is too large.";
    throw claim.service === "s3"
      ? new AwsError("RequestTimeTooSkewed", text, { status: 403 })
      : new AwsError("InvalidSignatureException", `Signature expired: ${text}`, {
          status: 403,
          queryCode: "SignatureDoesNotMatch",
        });
  }
}

/** `20261123T101112Z` in milliseconds. */
function parseTimestamp(text: string): number {
  const part = (from: number, to?: number): string => text.slice(from, to);
  return Date.parse(
    `${part(0, 4)}-${part(4, 6)}-${part(6, 8)}T${part(9, 11)}:${part(11, 13)}:${part(13)}`,
  );
}

/** The key that signs what falls in a scope. */
export function deriveSigningKey(secretAccessKey: string, scope: string): KeyObject {
  return scope
    .split("/")
    .reduce(
      (key, part) => createSecretKey(hmac(key, part)),
      createSecretKey(Buffer.from(`AWS4${secretAccessKey}`)),
    );
}

/** Whether the claim's signature is the one that this key and payload hash give. */
export function isSignatureValid(
  claim: SignatureClaim,
  parts: SignedParts,
  key: KeyObject,
  payloadHash: string,
): boolean {
  const given = Buffer.from(claim.signature);
  return canonicalPaths(parts.path, claim.service).some((path) => {
    const canonical = [
      parts.method,
      path,
      canonicalQuery(parts.rawQuery),
      ...claim.signedHeaders.map((name) => `${name}:${headerValue(parts, name)}`),
      "",
      claim.signedHeaders.join(";"),
      payloadHash,
    ].join("\n");
    // Header bytes reach Node as latin1 characters, and they were signed as bytes.
    const digest = hash("sha256", Buffer.from(canonical, "latin1"));
    const expected = Buffer.from(
      hmac(key, `AWS4-HMAC-SHA256\n${claim.timestamp}\n${claim.scope}\n${digest}`).toString("hex"),
    );
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
}

/** The signature of one chunk or of the trailer of an `aws-chunked` payload, in hex. */
export function signChunk(
  kind: "PAYLOAD" | "TRAILER",
  claim: SignatureClaim,
  key: KeyObject,
  previous: string,
  digest: string,
): string {
  const head = `AWS4-HMAC-SHA256-${kind}\n${claim.timestamp}\n${claim.scope}\n${previous}`;
  return hmac(key, `${head}\n${kind === "PAYLOAD" ? `${EMPTY_HASH}\n` : ""}${digest}`).toString(
    "hex",
  );
}

const EMPTY_HASH = hash("sha256", "");

/** Percent-encodes all but the unreserved characters of RFC 3986. */
function encodeUri(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * The forms in which a client may have signed the path: S3 signs it as it is sent (some clients
 * send fewer escapes than they sign), the other services escape it once more.
 */
function canonicalPaths(path: string, service: string): readonly string[] {
  if (path === "/" || path === "") return ["/"];
  const escape = (text: string) => text.split("/").map(encodeUri).join("/");
  if (service !== "s3") return [escape(path), path];
  try {
    const normal = path
      .split("/")
      .map((part) => encodeUri(decodeURIComponent(part)))
      .join("/");
    return normal === path ? [path] : [path, normal];
  } catch {
    return [path];
  }
}

function canonicalQuery(raw: string): string {
  if (raw === "") return "";
  return raw
    .split("&")
    .filter((pair) => pair !== "" && !pair.startsWith("X-Amz-Signature="))
    .map((pair): [string, string] => {
      const at = pair.indexOf("=");
      return at < 0 ? [recode(pair), ""] : [recode(pair.slice(0, at)), recode(pair.slice(at + 1))];
    })
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function recode(value: string): string {
  try {
    return encodeUri(decodeURIComponent(value.replaceAll("+", "%20")));
  } catch {
    return value;
  }
}

function headerValue(parts: SignedParts, name: string): string {
  return (parts.headers[name.toLowerCase()] ?? [])
    .map((value) => value.trim().replace(/ +/g, " "))
    .join(",");
}

function hmac(key: KeyObject, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function unsupportedSignature(): AwsError {
  return new AwsError(
    "InvalidRequest",
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
  );
}
