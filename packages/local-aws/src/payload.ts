import { createHash, type KeyObject } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { decodeChunks } from "./aws-chunked.ts";
import { startChecksum, startHash } from "./checksums.ts";
import type { Checksum, ChecksumAlgorithm } from "./engine.ts";
import { AwsError } from "./errors.ts";
import type { SignatureClaim } from "./sigv4.ts";

/** A payload and what became known of it at its end. */
export interface Payload {
  /** The bytes; throws an AwsError before the end when a check fails. */
  readonly pieces: AsyncGenerator<Buffer>;
  checksum(): Checksum | undefined;
}

const ALGORITHMS: readonly ChecksumAlgorithm[] = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

/** Reads and checks the payload of an S3 request, whose signature was checked before. */
export function openPayload(
  request: IncomingMessage,
  claim: SignatureClaim,
  signingKey: KeyObject,
): Payload {
  const { headers } = request;
  const contentHash = headers["x-amz-content-sha256"]?.toString() ?? "UNSIGNED-PAYLOAD";
  const trailers = new Map<string, string>();
  const promised = findAlgorithm(headers);
  let verified: Checksum | undefined;

  async function* check(): AsyncGenerator<Buffer> {
    const md5 = headers["content-md5"]?.toString();
    const md5Sum = md5 === undefined ? undefined : startHash("md5");
    const hashed = /^[0-9a-f]{64}$/.test(contentHash);
    const sha256 = hashed ? createHash("sha256") : undefined;
    const sum = promised === undefined ? undefined : startChecksum(promised);
    const name = promised === undefined ? "" : `x-amz-checksum-${promised.toLowerCase()}`;
    let length = 0;

    for await (const piece of decoded()) {
      length += piece.length;
      sha256?.update(piece);
      sum?.update(piece);
      md5Sum?.update(piece);
      yield piece;
    }

    const expectedLength = headers["x-amz-decoded-content-length"];
    if (expectedLength !== undefined && Number(expectedLength) !== length) {
      throw new AwsError(
        "IncompleteBody",
        "The body is not as long as x-amz-decoded-content-length",
      );
    }
    if (sha256 !== undefined && sha256.digest("hex") !== contentHash) {
      throw new AwsError(
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    }
    if (md5Sum !== undefined && md5Sum.digest() !== md5) throw badDigest("Content-MD5");
    if (promised !== undefined && sum !== undefined) {
      const value = sum.digest();
      const expected = headers[name]?.toString() ?? trailers.get(name);
      if (expected !== value) throw badDigest(name);
      verified = { algorithm: promised, value };
    }
  }

  async function* decoded(): AsyncGenerator<Buffer> {
    const source = received(request);
    if (!contentHash.startsWith("STREAMING-")) {
      yield* source;
      return;
    }
    const signed = contentHash.startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    if (!signed && contentHash !== "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
      throw new AwsError("InvalidRequest", `${contentHash} is not supported`);
    }
    yield* decodeChunks(source, trailers, signed ? { claim, key: signingKey } : undefined);
  }

  return { pieces: check(), checksum: () => verified };
}

/** The pieces of a request; leaving early does not tear down the connection. */
async function* received(request: IncomingMessage): AsyncGenerator<Buffer> {
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    if (Buffer.isBuffer(piece)) yield piece;
  }
}

/** The headers as they would be without `aws-chunked`. */
export function withoutChunking(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const length = headers["x-amz-decoded-content-length"]?.toString();
  const encoding = headers["content-encoding"];
  if (length === undefined && encoding === undefined) return headers;
  const rest = (encoding ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "" && part !== "aws-chunked")
    .join(", ");
  const result = { ...headers };
  if (rest === "") delete result["content-encoding"];
  else result["content-encoding"] = rest;
  if (length !== undefined) result["content-length"] = length;
  return result;
}

function findAlgorithm(headers: IncomingHttpHeaders): ChecksumAlgorithm | undefined {
  const trailer = headers["x-amz-trailer"]?.toString().toLowerCase() ?? "";
  return ALGORITHMS.find((algorithm) => {
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`;
    return headers[name] !== undefined || trailer.split(/\s*,\s*/).includes(name);
  });
}

function badDigest(name: string): AwsError {
  return new AwsError("BadDigest", `The ${name} you specified did not match what we received.`);
}
