import { createHash, getHashes } from "node:crypto";
import type { DataMap } from "@lava/core";
import { pythonJson, withoutWholeFloats, withoutXFields } from "./build/python-json.ts";

/** Name of the field. */
export const CHECKSUM_FIELD = "x-lava-chk";

/** Algorithms whose digests have one length; those of Python's hashlib that Node.js has (CLI-064). */
export const HASH_ALGORITHMS: readonly string[] = [
  "blake2b",
  "blake2s",
  "md5",
  "sha1",
  "sha224",
  "sha256",
  "sha384",
  "sha3_224",
  "sha3_256",
  "sha3_384",
  "sha3_512",
  "sha512",
].filter((name) => getHashes().includes(nodeName(name)));

/** How the checksum of an item stands. */
export interface ChecksumState {
  /** `none`: there is no checksum; `bad`: it is damaged, or the item was changed since. */
  readonly state: "ok" | "none" | "bad";
  readonly message: string;
  /** Of a good one. */
  readonly algorithm?: string;
}

/** A checksum over all fields but top-level `x-` and `X-` ones (CLI-055, CLI-056). */
export function makeChecksum(item: DataMap, algorithm: string, tag: string): string {
  return checksumOf(withoutXFields(item), algorithm, tag);
}

/** The same over all that is given. */
export function checksumOf(content: DataMap, algorithm: string, tag: string): string {
  return `1;${tag};${algorithm};${digest(content, algorithm)}`;
}

/** Compares the checksum of an item with what it is; the tag does not count (CLI-057). */
export function checksumState(item: DataMap): ChecksumState {
  const value = item[CHECKSUM_FIELD];
  if (value === undefined || value === null || value === "")
    return { state: "none", message: "No checksum" };
  const parts = typeof value === "string" ? value.split(";") : [];
  const [version, , algorithm = "", hex = ""] = parts;
  if (parts.length !== 4 || version !== "1") return { state: "bad", message: "Malformed checksum" };
  if (!HASH_ALGORITHMS.includes(algorithm))
    return { state: "bad", message: `unsupported hash type ${algorithm}` };
  if (digest(withoutXFields(item), algorithm) !== hex)
    return { state: "bad", message: "Invalid checksum" };
  return { state: "ok", message: "OK", algorithm };
}

/** Whole floats count as ints, as DynamoDB keeps them (CLI-065). */
function digest(content: DataMap, algorithm: string): string {
  const text = pythonJson(withoutWholeFloats(content));
  return createHash(nodeName(algorithm)).update(text).digest("hex");
}

function nodeName(algorithm: string): string {
  return (
    { blake2b: "blake2b512", blake2s: "blake2s256" }[algorithm] ??
    algorithm.replace("sha3_", "sha3-")
  );
}
