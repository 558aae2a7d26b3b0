import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Data, type DataMap, LavaError, errorText, isTruthy } from "@lava/core";
import { type JobExtensions, parseJobExtensions, parseJobParameters } from "@lava/spec";
import { runActionList } from "./action-list.ts";
import type { ActionEvent, ActionResult } from "./action.ts";
import { hasLeftFiles } from "./children/left-files.ts";
import { type Deferral, decideDeferral } from "./deferral.ts";
import { endDiscarded } from "./end-discarded.ts";
import { describeFailure, hintOf } from "./failure-reason.ts";
import type { Job, JobContext, JobResult } from "./handler.ts";
import { isDiskFull, RunInterrupted } from "./interruption.ts";
import { createJobContext } from "./job-context.ts";
import { measureRun } from "./metrics/measure-run.ts";
import { pythonFloat } from "./process.ts";
import { checkRunDelay, decideRetry, planRetries, type RetryPlan } from "./retry.ts";
import { actionsFor } from "./run-actions.ts";
import type { RunInput } from "./run-input.ts";
import type { RunRecorder } from "./run-recorder.ts";
import type { RunServices } from "./run-services.ts";
import { toInfo } from "./to-info.ts";
import { toJob } from "./to-job.ts";
import { waitForNext, waitUntilDue } from "./wait.ts";
import { withinTimeout } from "./within-timeout.ts";

/** Info of a run whose job is switched off (WK-050). */
export const NOT_ENABLED = "Job not enabled (static)";

/**
 * Carries out a run after its `starting` event: the steps of WK-052 to WK-067. Every end is recorded.
 *
 * @returns the handler's result; `{exit_status: 0}` for a job that is skipped
 * @throws {LavaError} the failure of the run, for its parent (WK-067)
 * @throws {RunInterrupted} when the run stopped without an end
 */
export async function runJob(input: RunInput, services: RunServices): Promise<JobResult> {
  const { record, run_id, recorder, signal } = input;
  const fields = { event_type: "job", thread: input.thread, job_id: record.job_id, run_id };
  const logger = services.logger.child(fields);
  const prefix = `Job ${record.job_id} (${run_id})`;
  const end = async (status: "rejected" | "failed", error: unknown): Promise<never> => {
    signal.throwIfAborted();
    if (error instanceof RunInterrupted) throw error;
    const text = errorText(error);
    logger.error({ hint: hintOf(error) }, `${prefix}: ${text}`);
    const failure =
      error instanceof LavaError ? error : new LavaError("RUN_FAILED", text, { cause: error });
    const extra = describeFailure(failure, services.realm.redactor);
    await endDiscarded({ status, info: text }, extra, input, services);
    throw failure;
  };

  if (record.enabled === false) {
    // It was not when the run began; whoever had it then is lost.
    logger.warn({}, `${prefix}: Job is not enabled (static)`);
    const info = NOT_ENABLED;
    await recorder.finish({ status: "skipped", info }, false, { x_reason: "disabled" });
    return { exit_status: 0 };
  }
  logger.info({}, `${prefix}: Starting`);
  waitUntilDue(input.due, services);
  let extensions: JobExtensions;
  let plan: RetryPlan;
  let job: Job;
  try {
    if (input.judgeDelay) checkRunDelay(record.max_run_delay, input.ts_dispatch, input.ts_start);
    extensions = parseJobExtensions(record.raw);
    const { config } = services.realm;
    const limits = {
      maxLimit: config.ITERATION_MAX_LIMIT,
      maxDelay: config.ITERATION_MAX_DELAY,
      maxDeferrals: config.DEFER_MAX_LIMIT,
      maxDeferDelay: config.DEFER_MAX_DELAY,
    };
    plan = planRetries(record, limits, extensions["x-lava-retry"]);
    checkEnabled(record.enabled);
    job = toJob(input, services);
  } catch (error) {
    return end("rejected", error);
  }
  let context: JobContext;
  try {
    job = { ...job, state: await loadState(record.state, services) };
    context = createJobContext(job, input, services, logger);
    noteEventLog(context, recorder, `${prefix}: Bad event_log`);
    if (typeof record.enabled === "string") {
      const enabled = context
        .render(record.enabled, {}, { path: ["enabled"] })
        .trim()
        .toLowerCase();
      if (enabled !== "true") {
        logger.warn({ enabled }, `${prefix}: Job is not enabled (dynamic)`);
        const info = `Job not enabled (enabled="${enabled}")`;
        await recorder.finish({ status: "skipped", info }, false, { x_reason: "disabled" });
        return { exit_status: 0 };
      }
    }
    if (services.registry.handler(record.type) === undefined) {
      throw new LavaError("UNKNOWN_JOB_TYPE", `${record.type}: Unknown job type`);
    }
    context = { ...context, tmpdir: await input.openDir() };
  } catch (error) {
    if (isDiskFull(error)) throw tempFull(error, services.tempFullDelay);
    return end("failed", error);
  }
  return measureRun(input, services, () =>
    iterate({ input, services, extensions, plan, job, context, prefix }),
  );
}

interface Iteration {
  readonly input: RunInput;
  readonly services: RunServices;
  readonly extensions: JobExtensions;
  readonly plan: RetryPlan;
  readonly job: Job;
  readonly context: JobContext;
  readonly prefix: string;
}

/** Attempt after attempt until one succeeds or none is left (WK-061 to WK-064). */
async function iterate(all: Iteration): Promise<JobResult> {
  const { input, plan, context, prefix, services } = all;
  const { recorder, signal } = input;
  for (let iteration = input.firstIteration; ; iteration += 1) {
    context.logger.info({}, `${prefix}: Running iteration ${iteration}`);
    recorder.note({ status: "running", info: `Iteration ${iteration}` });
    if (iteration > 1) await clearFolder(all);
    const { attempt, outcome } = await tryOnce(all, iteration);
    signal.throwIfAborted();
    if (!(outcome instanceof LavaError)) {
      context.logger.info({}, `${prefix}: Complete`);
      await conclude(all, attempt, { event: "on_success", result: outcome });
      return outcome;
    }
    const failure = outcome;
    requireLive(input, failure);
    context.logger.error(
      { hint: hintOf(failure) },
      `${prefix}: Iteration ${iteration} failed: ${failure.message}`,
    );
    const result = failureInfo(failure, services);
    const defer = all.extensions["x-lava-defer"];
    const deferral = decideDeferral(defer, failure, input.deferrals, services.realm.config);
    if (deferral !== undefined) {
      const key = `on_retry-${iteration}-deferred-${deferral.count}`;
      await conclude(all, attempt, { event: "on_retry", result, key, iterations: iteration - 1 });
      throw putOff(deferral, iteration, failure, services);
    }
    const next = decideRetry(plan, iteration, true, services.random);
    const isFinal = failure.retry === "never" && isHeeded(all.job.type, services);
    if (next.next !== "again" || isFinal) {
      if (plan.limit > 1) {
        context.logger.error(
          {},
          `${prefix}: ${isFinal ? "Cannot succeed" : `Failed ${plan.limit} times`} - abort`,
        );
      }
      if (input.ancestors.length === 0) await abandonWaiting(input);
      await conclude(all, attempt, { event: "on_fail", result, failure });
      // The original's worker says once more why a run has ended, its children's runs aside (WF-186).
      if (input.ancestors.length === 0) context.logger.error({}, `${prefix}: ${failure.message}`);
      throw failure;
    }
    const key = `on_retry-${iteration}`;
    await conclude(all, attempt, { event: "on_retry", result, key, iterations: iteration });
    context.logger.info({}, `${prefix}: Will retry in ${pythonFloat(next.delay)} seconds`);
    const wait = { seconds: next.delay, iteration: iteration + 1, givesBack: plan.givesBack };
    await waitForNext(wait, input, services);
  }
}

/** Whether `retry: "never"` of a failure counts: for types of plug-ins. */
function isHeeded(type: string, { registry }: RunServices): boolean {
  return registry.handler(type)?.heedsNever === true;
}

/**
 * What the watchdog has killed because the lease was not renewed in time did not fail: others run it again.
 *
 * @throws {RunInterrupted} when the run is not ours any more
 */
function requireLive({ isLive }: RunInput, cause: unknown): void {
  if (isLive()) return;
  const text = "The lease was not renewed in time: what ran was killed";
  throw new RunInterrupted("lost", "lease_lost", text, { cause });
}

/** Children that wait for their time when the run has failed for good. */
async function abandonWaiting({ tree }: RunInput): Promise<void> {
  if (tree.waiting.size === 0) return;
  await Promise.all([...tree.waiting.values()].map((abandon) => abandon()));
  await tree.ledger.flush();
}

/** The run is given back until there may be data. */
function putOff(
  { count, limit, delay }: Deferral,
  iteration: number,
  failure: LavaError,
  { clock }: RunServices,
): RunInterrupted {
  const due = new Date(clock.now() + delay * 1000).toISOString();
  return new RunInterrupted(
    "released",
    "deferred",
    `Put off until ${due} (${count} of ${limit}): ${failure.message}`,
    {
      delay,
      cause: failure,
      state: "up_for_retry",
      extra: { x_due: due, x_deferrals: count, x_iteration: iteration - 1 },
    },
  );
}

/** WK-074: an attempt after the first begins in an empty folder where the job asks for it. */
async function clearFolder({ context, extensions, input }: Iteration): Promise<void> {
  // The folder of a child is that of its whole tree.
  if (extensions["x-lava-clean-dir"] !== true || input.ancestors.length > 0) return;
  const names = await readdir(context.tmpdir);
  await Promise.all(
    names.map((name) => rm(join(context.tmpdir, name), { recursive: true, force: true })),
  );
}

/** One attempt, within the time that the job gives it, and what its children left to be written. */
async function tryOnce(
  all: Iteration,
  iteration: number,
): Promise<{ attempt: JobContext; outcome: JobResult | LavaError }> {
  const { input, services, context, extensions } = all;
  const make = (signal: AbortSignal): JobContext =>
    createJobContext(
      { ...all.job, lava: { ...all.job.lava, iteration } },
      { ...input, signal, tmpdir: context.tmpdir, iteration },
      services,
      context.logger,
    );
  const attempt = make(input.signal);
  try {
    const outcome = await withinTimeout(
      extensions["x-lava-timeout"],
      { signal: input.signal, clock: services.clock, graceMs: services.killGraceMs + 10_000 },
      (signal) => runHandler(signal === input.signal ? attempt : make(signal), services),
    );
    return { attempt, outcome };
  } catch (error) {
    if (input.ancestors.length === 0) {
      input.tree.left.files = await hasLeftFiles(context.tmpdir);
    }
    input.signal.throwIfAborted();
    if (error instanceof RunInterrupted) throw error;
    if (isDiskFull(error)) throw tempFull(error, services.tempFullDelay);
    const outcome =
      error instanceof LavaError
        ? error
        : new LavaError("RUN_FAILED", errorText(error), { cause: error });
    return { attempt, outcome };
  } finally {
    // Children's events come before the end of the run that they belong to.
    if (input.ancestors.length === 0) await input.tree.ledger.flush();
  }
}

async function runHandler(
  { job, ...context }: JobContext,
  services: RunServices,
): Promise<JobResult> {
  const handler = services.registry.handler(job.type);
  if (handler === undefined) {
    throw new LavaError("UNKNOWN_JOB_TYPE", `${job.type}: Unknown job type`);
  }
  const { type, parseParameters } = handler;
  const parameters =
    parseParameters?.(job.rawParameters) ?? parseJobParameters(type, job.rawParameters);
  const parsed = { ...job, parameters };
  return handler.run(parsed, { ...context, job: parsed });
}

const STATUS = { on_success: "complete", on_fail: "failed", on_retry: "retrying" } as const;

/** What an attempt came to. */
interface Conclusion {
  readonly event: ActionEvent;
  readonly result: ActionResult;
  readonly failure?: LavaError;
  /** Key of the actions; that of the event by default. */
  readonly key?: string;
  /** Attempts that are over, to be remembered. */
  readonly iterations?: number;
}

/** Records what an attempt came to, then runs the actions for it. */
async function conclude(
  { input, services, prefix }: Iteration,
  context: JobContext,
  { event, result, failure, key = event, iterations }: Conclusion,
): Promise<void> {
  const { recorder } = input;
  const actions = actionsFor(event, input.record.raw, services.realm.record.raw);
  const status = STATUS[event];
  // The success result gets `error: null` in the event, never for actions (WK-072).
  const info = toInfo(event === "on_success" ? { ...result, error: null } : result);
  if (event === "on_retry") {
    await recorder.append({ status, info }, { x_iteration: iterations });
  } else {
    // The next run may start while this one's end is written.
    if (actions === undefined) input.releaseSlot?.();
    const extra =
      failure === undefined ? undefined : describeFailure(failure, services.realm.redactor);
    await recorder.finish({ status, info }, actions !== undefined, extra);
  }
  if (actions === undefined) return;
  const failed = await runActionList(
    { event, actions, result, context, key, done: input.doneActions },
    services,
    recorder,
    prefix,
  );
  if (event !== "on_retry") await recorder.settle(failed);
  else if (failed !== undefined) recorder.hold(failed); // the run is not over: `running` follows
}

/** `{error_data, error [, exception]}` (WK-063, WK-071). */
function failureInfo(failure: LavaError, { realm }: RunServices): ActionResult {
  return {
    error_data: failure.data ?? null,
    error: failure.message,
    ...(realm.config.DEBUG ? { exception: (failure.stack ?? "").split("\n") } : {}),
  };
}

/** WK-057 BEYOND: only booleans and templates say whether a job is enabled. */
function checkEnabled(enabled: Data): void {
  if (typeof enabled === "boolean" || typeof enabled === "string") return;
  throw new LavaError("BAD_JOB_RECORD", `Bad enabled: must be a boolean or a string`);
}

/** Stored values in place of the defaults; what is not stored keeps its default (WK-055). */
async function loadState(defaults: DataMap, { realm }: RunServices): Promise<DataMap> {
  const entries = await Promise.all(
    Object.entries(defaults).map(async ([id, value]) => {
      // No item can have an empty name.
      const item = id === "" ? undefined : await realm.state.get(id);
      return [id, item === undefined ? value : item.value] as const;
    }),
  );
  return Object.fromEntries(entries);
}

/** The job's own entry in the event log; a fault in it is written instead and is not fatal (WK-056). */
function noteEventLog(context: JobContext, recorder: RunRecorder, fault: string): void {
  const entry = context.job.record.event_log;
  if (!isTruthy(entry) || entry === undefined) return;
  let info: Data;
  try {
    info = context.renderJson(entry, {}, { path: ["event_log"] });
  } catch (error) {
    context.logger.error({}, `${fault}: ${errorText(error)}`);
    info = `Error: Bad event_log: ${errorText(error)}`;
  }
  recorder.note({ status: "logging", info });
}

function tempFull(cause: unknown, delay: number): RunInterrupted {
  return new RunInterrupted(
    "released",
    "temp_full",
    `The temp area is full: ${errorText(cause)}; the run is given back`,
    { delay, cause },
  );
}
