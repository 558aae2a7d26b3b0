import { createHash } from "node:crypto";

/** The namespace of repeatable run ids; arbitrary and fixed. */
const NAMESPACE = Buffer.from("7f0b3c4e5a4d4f0c9a5e6d1b2c3a4f58", "hex");

/** A run id that is a UUID version 5: the same name always gives the same id (design 14, LAM-115). */
export function repeatableRunId(...name: readonly (string | number)[]): string {
  const hash = createHash("sha1").update(NAMESPACE).update(JSON.stringify(name)).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join("-");
}

/** The run id of a dispatch with a key of the sender's: the same key of the same job is the same run. */
export function runIdOfKey(realm: string, job_id: string, key: string): string {
  return repeatableRunId("dispatch", realm, job_id, key);
}
