import { createHash } from "node:crypto";

/**
 * Seconds by which a slot is put off: from 0 up to the job's jitter, the same for the same slot whoever computes it.
 */
export function jitterOf(job_id: string, slot: number, jitter: number): number {
  if (jitter <= 0) return 0;
  const hash = createHash("sha1").update(`${job_id}\n${slot}`).digest();
  return Math.floor((hash.readUInt32BE(0) / 2 ** 32) * (jitter + 1));
}
