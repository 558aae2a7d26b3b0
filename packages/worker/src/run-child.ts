import { type DataMap, LavaError, formatLocalTime } from "@lava/core";
import type { StoredJob } from "@lava/spec";
import type { ChildOptions, JobContext, JobResult } from "./handler.ts";
import { RunInterrupted } from "./interruption.ts";
import { childLavaGlobals } from "./lava-globals.ts";
import { runJob } from "./run-job.ts";
import { childTarget, createRunRecorder } from "./run-recorder.ts";
import type { ChildOrigin } from "./run-services.ts";

/**
 * Runs a child of a chain, dag or foreach: an events item of its own under the parent's run id, its own retries
 * and actions, the parent's directory (JOB-all-05 to JOB-all-08).
 *
 * @throws {LavaError} the child's failure; RECURSIVE_JOB when it contains itself
 */
export async function runChildJob(
  child: StoredJob,
  options: ChildOptions,
  origin: ChildOrigin,
): Promise<JobResult> {
  const { context, input, services } = origin;
  const { job } = context;
  context.signal.throwIfAborted();
  if (context.lineage.includes(child.job_id)) {
    const circle = [...context.lineage, child.job_id].join(" > ");
    throw new LavaError("RECURSIVE_JOB", `Job ${child.job_id}: contains itself: ${circle}`, {
      hint: "Take the job out of its own chain, dag or foreach.",
      retry: "never",
    });
  }
  const signal =
    options.signal === undefined ? input.signal : AbortSignal.any([input.signal, options.signal]);
  const thread = options.lane === undefined ? input.thread : `${input.thread}_${options.lane}`;
  const started = services.clock.now();
  const run = { job_id: child.job_id, run_id: job.run_id };
  const recorder = createRunRecorder({
    target: childTarget(services.realm.events, run, {
      origin: services.origin,
      ts_dispatch: formatLocalTime(job.ts_dispatch),
      extra: { x_child: { parent: job.job_id, path: origin.path } },
    }),
    run,
    clock: services.clock,
    logger: services.logger,
    events: services.events,
    isLive: () => !signal.aborted,
    batchMs: services.batchMs,
  });
  if (child.enabled === false) {
    const fields = { event_type: "job", thread, ...run };
    const text = `Job ${run.job_id} (${run.run_id}): Job is not enabled (static)`;
    services.logger.warn(fields, text);
    await recorder.finish({ status: "skipped", info: "Job not enabled (static)" }, false);
    return { exit_status: 0 };
  }
  recorder.note({ status: "starting", info: null, time: started });
  try {
    return await runJob(
      {
        record: child,
        run_id: job.run_id,
        ts_dispatch: job.ts_dispatch,
        ts_start: Math.floor(started / 1000) * 1000,
        parameters: child.parameters,
        globals: childGlobals(child.globals, options, context),
        recorder,
        signal,
        ancestors: context.lineage,
        path: origin.path,
        holder: input.holder,
        epoch: input.epoch,
        thread,
        judgeDelay: true,
        firstIteration: 1,
        openDir: () => Promise.resolve(context.tmpdir),
        wait: (seconds) => services.clock.sleep(seconds * 1000, signal),
        doneActions: new Set(),
      },
      services,
    );
  } catch (error) {
    if (error instanceof RunInterrupted) await noteInterruption(error);
    throw error;
  }

  /** The child's item must not say `running` for ever (design 2.5). */
  async function noteInterruption({ message, reason }: RunInterrupted): Promise<void> {
    await recorder
      .append({ status: "retrying", info: message }, { x_state: "released", x_reason: reason })
      .catch(() => undefined);
  }
}

function childGlobals(own: DataMap, options: ChildOptions, { job }: JobContext): DataMap {
  return {
    ...own,
    ...job.globals,
    ...options.globals,
    lava: { ...childLavaGlobals(job.lava, job, options.index) },
  };
}
