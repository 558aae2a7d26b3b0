import { errorText, LavaError } from "@lava/core";
import { mayFail } from "../children/can-fail.ts";
import { faultText, getChildJob, workerMismatch } from "../children/child-job.ts";
import { readGraph } from "../children/graph-source.ts";
import { createJobGraph } from "../children/job-graph.ts";
import { runGraph } from "../children/run-graph.ts";
import { defineHandler, type JobContext } from "../handler.ts";
import { passInterruption } from "../interruption.ts";

/** `dag`: runs jobs of the same worker, each as soon as those it depends on are done (JOB-dag-01..10). */
export const dag = defineHandler({
  type: "dag",
  async run(job, context) {
    const graph = createJobGraph(await readGraph(context), job.parameters.job_prefix);
    const tolerated = mayFail(job.parameters.can_fail);
    const ids = { event_type: "job", job_id: job.job_id, run_id: job.run_id };
    const log = (message: string): void => context.logger.info(ids, message);
    const jobs: string[] = [];
    const failed_jobs: string[] = [];
    let failed = false;

    const stop = (id: string, message: string, cause: unknown, error = message): LavaError => {
      // Of several that fail, the first is the dag's failure; later ones are told by their own events.
      if (!failed) failed_jobs.push(id);
      failed = true;
      return new LavaError("DAG_FAILED", message, {
        cause,
        data: { exit_status: 1, jobs: [...jobs], failed_jobs: [...failed_jobs], error },
      });
    };

    async function runOne(id: string, lane: number): Promise<void> {
      context.signal.throwIfAborted();
      const child = await getChildJob(context, id).catch((fault: unknown) => {
        const text = faultText(fault, id);
        throw stop(id, `${id}: ${text}`, fault, `Job ${id} failed: ${text}`);
      });
      const mismatch = workerMismatch(context, child);
      if (mismatch !== undefined) {
        throw stop(id, `${id}: ${mismatch}`, undefined, `Job ${id} failed: ${mismatch}`);
      }
      log(`Submitting child job ${id} to executor`);
      try {
        await context.runChild(child, { lane });
        if (failed) return;
        log(`Job ${id} done`);
        jobs.push(id);
      } catch (error) {
        passInterruption(error, context);
        if (!tolerated(id)) throw stop(id, `Job ${id}: ${errorText(error)}`, error);
        if (!failed) failed_jobs.push(id);
      }
    }

    await runGraph(graph, {
      workers: countWorkers(job.parameters.workers, context, ids),
      onReady: (ready) => log(`Ready to run: ${listed(ready)}`),
      run: runOne,
    });
    context.signal.throwIfAborted();
    return { exit_status: 0, jobs, failed_jobs };
  },
});

/** Ids for a log line: of a wide dag the first hundred. */
function listed(ids: readonly string[]): string {
  const shown = ids.slice(0, 100).join(", ");
  return ids.length > 100 ? `${shown}, and ${ids.length - 100} more` : shown;
}

/** How many children may run at a time (JOB-dag-02). */
function countWorkers(
  asked: number | undefined,
  { config, logger }: JobContext,
  ids: Readonly<Record<string, string>>,
): number {
  const workers = asked ?? config.DAG_WORKERS;
  const most = config.DAG_MAX_WORKERS;
  if (workers < 1) {
    throw new LavaError("BAD_DAG_WORKERS", "max_workers must be greater than 0", {
      retry: "never",
      hint: "Set `workers` to 1 or more, or leave it out.",
    });
  }
  if (workers <= most) return workers;
  logger.warn(ids, `Too many DAG workers (${workers}): limiting to ${most}`);
  return most;
}
