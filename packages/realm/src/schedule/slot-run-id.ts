import { createHash } from "node:crypto";

/** The namespace of the run ids of slots; arbitrary and fixed. */
const NAMESPACE = Buffer.from("b1c46f0d7d3e4f1fa0c2c2f6a1d9e733", "hex");

/** The run of a slot, as a UUID of version 5: whoever sends it, it is one run (design 14, SIB-NUVLA-02). */
export function slotRunId(realm: string, job_id: string, slot: number): string {
  const name = `${realm}\n${job_id}\n${new Date(slot).toISOString()}`;
  const hash = createHash("sha1").update(NAMESPACE).update(name).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex", 0, 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
