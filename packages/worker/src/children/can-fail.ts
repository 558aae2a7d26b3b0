import { fnmatch } from "@lava/core";

/** Says of a child whether its failure is tolerated: `can_fail` is a glob or a list of them (JOB-chain-03). */
export function mayFail(
  patterns: string | readonly string[] | undefined,
): (job_id: string) => boolean {
  const list = typeof patterns === "string" ? [patterns] : (patterns ?? []);
  return (job_id) => list.some((pattern) => fnmatch(job_id, pattern));
}
