import { errorText, LavaError } from "@lava/core";
import type { StoredJob } from "@lava/spec";
import type { JobContext } from "../handler.ts";

/**
 * The record of a child of a chain, dag or foreach.
 *
 * @throws {LavaError} NO_SUCH_JOB `No such job`, and what the record's schema finds; texts without the child's id
 */
export async function getChildJob(
  { realm }: Pick<JobContext, "realm">,
  job_id: string,
): Promise<StoredJob> {
  // A key cannot be empty text: DynamoDB refuses the question.
  const child = job_id === "" ? undefined : await realm.jobs.get(job_id);
  if (child !== undefined) return child;
  throw new LavaError("NO_SUCH_JOB", "No such job", {
    retry: "never",
    hint: `There is no job ${job_id} in realm ${realm.name}.`,
  });
}

/** `Worker mismatch: ...` when a child belongs to another worker (JOB-all-06), else undefined. */
export function workerMismatch(
  { job }: Pick<JobContext, "job">,
  child: StoredJob,
): string | undefined {
  if (child.worker === job.worker) return undefined;
  return `Worker mismatch: Expected ${job.worker} but got ${child.worker}`;
}

/** The text of a child's fault without the child's id, which the caller puts in front of it. */
export function faultText(error: unknown, job_id: string): string {
  const text = errorText(error);
  const prefix = `${job_id}: `;
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}
