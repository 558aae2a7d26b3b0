import { type DataMap, errorText, LavaError } from "@lava/core";
import type { StoredJob } from "@lava/spec";
import { faultText, getChildJob, workerMismatch } from "../children/child-job.ts";
import { foreachValues } from "../foreach/index.ts";
import { defineHandler, type Job, type JobContext } from "../handler.ts";
import { passInterruption } from "../interruption.ts";

/** `foreach`: runs one job once for each value of a list, one after the other (JOB-foreach-01..16). */
export const foreach = defineHandler({
  type: "foreach",
  async run(job, context) {
    const { payload } = job;
    if (typeof payload !== "string") {
      throw new LavaError("BAD_PAYLOAD", "Bad payload: must be string", { retry: "never" });
    }
    const limit = checkLimit(job, context);
    const child = await getChild(payload, context);
    const values = await takeValues(job, context, limit);

    const failed_indexes: number[] = [];
    const counts = { limit, foreach_len: values.length };
    let jobs_completed = 0;
    for (const [index, globals] of values.entries()) {
      context.signal.throwIfAborted();
      try {
        await context.runChild(child, { globals, index });
        jobs_completed += 1;
      } catch (cause) {
        passInterruption(cause, context);
        failed_indexes.push(index);
        if (job.parameters.can_fail) continue;
        const error = `Job ${payload}: Index ${index}: ${errorText(cause)}`;
        throw new LavaError("FOREACH_FAILED", error, {
          cause,
          data: { exit_status: 1, ...counts, jobs_completed, failed_indexes, error },
        });
      }
    }
    return { exit_status: 0, ...counts, jobs_completed, failed_indexes };
  },
});

/** How many values there may be (JOB-foreach-02). */
function checkLimit(job: Job<"foreach">, { config }: JobContext): number {
  const limit = job.parameters.limit ?? config.FOREACH_LIMIT;
  if (limit <= config.FOREACH_MAX_LIMIT) return limit;
  throw new LavaError(
    "FOREACH_LIMIT",
    `foreach limit of ${limit} exceeds realm limit of ${config.FOREACH_MAX_LIMIT}`,
    { retry: "never", hint: "FOREACH_MAX_LIMIT of the realm's configuration sets it." },
  );
}

/** The job to run, before any value is read (JOB-foreach-13). */
async function getChild(id: string, context: JobContext): Promise<StoredJob> {
  const fail = (text: string, cause?: unknown): LavaError => {
    const error = `Job ${id}: ${text}`;
    return new LavaError("FOREACH_FAILED", error, {
      cause,
      retry: "never",
      ...(cause === undefined ? {} : { data: { exit_status: 1, error } }),
    });
  };
  const child = await getChildJob(context, id).catch((cause: unknown) => {
    throw fail(faultText(cause, id), cause);
  });
  const mismatch = workerMismatch(context, child);
  if (mismatch !== undefined) throw fail(mismatch);
  return child;
}

/** All values; one more than the limit is read to know that there are too many. */
async function takeValues(
  job: Job<"foreach">,
  context: JobContext,
  limit: number,
): Promise<DataMap[]> {
  const { foreach: source, jinja } = job.parameters;
  const render = (text: string): string => (jinja ? context.render(text) : text);
  const values: DataMap[] = [];
  for await (const value of foreachValues(source, { context, render })) {
    values.push(value);
    if (values.length <= limit) continue;
    const error = `foreach value list exceeds limit of ${limit}`;
    throw new LavaError("FOREACH_LIMIT", error, {
      data: { exit_status: 1, error },
      retry: "never",
      hint: "Raise `limit`; FOREACH_MAX_LIMIT of the realm's configuration is its cap.",
    });
  }
  return values;
}
