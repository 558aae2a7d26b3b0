import { errorText, LavaError } from "@lava/core";
import { mayFail } from "../children/can-fail.ts";
import { faultText, getChildJob, workerMismatch } from "../children/child-job.ts";
import { chainFrom } from "../children/job-list.ts";
import { defineHandler } from "../handler.ts";
import { passInterruption } from "../interruption.ts";

/** `chain`: runs jobs of the same worker one after the other, until one fails (JOB-chain-01..10). */
export const chain = defineHandler({
  type: "chain",
  async run(job, context) {
    const { job_prefix: prefix, start, can_fail } = job.parameters;
    const ids = chainFrom(job.payload, { prefix, start });
    const tolerated = mayFail(can_fail);
    const jobs: string[] = [];
    const failed_jobs: string[] = [];

    /** What ends the chain: the child's fault with what was done so far. */
    const stop = (id: string, message: string, cause: unknown, error = message): LavaError => {
      failed_jobs.push(id);
      return new LavaError("CHAIN_FAILED", message, {
        cause,
        data: { exit_status: 1, jobs, failed_jobs, error },
      });
    };

    for (const id of ids) {
      context.signal.throwIfAborted();
      const child = await getChildJob(context, id).catch((fault: unknown) => {
        const text = faultText(fault, id);
        throw stop(id, `${id}: ${text}`, fault, `Job ${id} failed: ${text}`);
      });
      const mismatch = workerMismatch(context, child);
      if (mismatch !== undefined) throw stop(id, `Job ${id}: ${mismatch}`, undefined);
      try {
        await context.runChild(child);
        jobs.push(id);
      } catch (error) {
        passInterruption(error, context);
        if (!tolerated(id)) throw stop(id, `Job ${id}: ${errorText(error)}`, error);
        failed_jobs.push(id);
      }
    }
    return { exit_status: 0, jobs, failed_jobs };
  },
});
