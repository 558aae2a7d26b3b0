import type { IncomingHttpHeaders } from "node:http";
import type { Checksum, ChecksumAlgorithm } from "../engine.ts";
import { invalidRequest } from "./errors.ts";
import type { ObjectChecksum } from "./objects.ts";

const ALGORITHMS: readonly ChecksumAlgorithm[] = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

/** `x-amz-checksum-crc32: ...`, as readers and writers get it. */
export function checksumHeaders(checksum: ObjectChecksum | undefined): Record<string, string> {
  if (checksum === undefined) return {};
  return {
    [`x-amz-checksum-${checksum.algorithm.toLowerCase()}`]: checksum.value,
    "x-amz-checksum-type": checksum.type,
  };
}

/** `<ChecksumCRC32>`, as documents have it. */
export function checksumElement(
  checksum: Pick<Checksum, "algorithm" | "value"> | undefined,
): Record<string, string> {
  return checksum === undefined ? {} : { [`Checksum${checksum.algorithm}`]: checksum.value };
}

/** The algorithm that `x-amz-checksum-algorithm` asks for. */
export function requestedAlgorithm(headers: IncomingHttpHeaders): ChecksumAlgorithm | undefined {
  const name = headers["x-amz-checksum-algorithm"]?.toString().toUpperCase();
  if (name === undefined) return undefined;
  const algorithm = ALGORITHMS.find((item) => item === name);
  if (algorithm === undefined) {
    throw invalidRequest(
      "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
    );
  }
  return algorithm;
}
