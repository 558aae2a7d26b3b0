import { type DataMap, errorText, LavaError, formatLocalTime } from "@lava/core";
import { type ChildRecord, numberOf, textOf } from "@lava/realm";
import type { StoredJob } from "@lava/spec";
import { childKey } from "./children/child-key.ts";
import type { EarlierChild } from "./children/run-tree.ts";
import { describeFailure } from "./failure-reason.ts";
import type { ChildOptions, JobContext, JobResult } from "./handler.ts";
import { RunInterrupted } from "./interruption.ts";
import { childLavaGlobals } from "./lava-globals.ts";
import { type Places, waitForPlaces } from "./places.ts";
import { runJob, NOT_ENABLED } from "./run-job.ts";
import { createRunRecorder, type RunRecorder } from "./run-recorder.ts";
import type { ChildOrigin } from "./run-services.ts";
import { waitUntilDue } from "./wait.ts";

/**
 * Runs a child of a chain, dag or foreach: an events item of its own under the parent's run id, its own retries
 * and actions, the parent's directory (JOB-all-05 to JOB-all-08). What an earlier run, or this run before it was given
 * back, left complete is not run again.
 *
 * @throws {LavaError} the child's failure; RECURSIVE_JOB when it contains itself
 * @throws {RunInterrupted} when it is to go on later
 */
export async function runChildJob(
  child: StoredJob,
  options: ChildOptions,
  origin: ChildOrigin,
): Promise<JobResult> {
  const { context, input } = origin;
  context.signal.throwIfAborted();
  refuseCircle(child, context);
  const begun = await beginChild(child, options, origin);
  if (begun.leftOut !== undefined) {
    await leaveOut(begun, begun.leftOut);
    return { exit_status: 0 };
  }
  waitUntilDue(dueOf(begun.earlier), origin.services);
  const { slot } = input.tree;
  // The parent waits for its children: only they are at work.
  await slot.enter();
  if (origin.active.count++ === 0) slot.leave();
  try {
    return await runBegun(begun, options);
  } finally {
    if (--origin.active.count === 0) await slot.enter();
    slot.leave();
  }
}

function refuseCircle({ job_id }: StoredJob, { lineage }: JobContext): void {
  if (!lineage.includes(job_id)) return;
  const circle = [...lineage, job_id].join(" > ");
  throw new LavaError("RECURSIVE_JOB", `Job ${job_id}: contains itself: ${circle}`, {
    hint: "Take the job out of its own chain, dag or foreach.",
    retry: "never",
  });
}

/** A child that is about to run, or to be left out. */
interface Begun {
  readonly child: StoredJob;
  readonly origin: ChildOrigin;
  readonly run: { readonly job_id: string; readonly run_id: string };
  readonly signal: AbortSignal;
  readonly thread: string;
  /** Milliseconds. */
  readonly started: number;
  readonly recorder: RunRecorder;
  readonly earlier: EarlierChild | undefined;
  /** Its record as it begins. */
  readonly record: ChildRecord;
  /** Why it is not to run. */
  readonly leftOut: "complete" | "not_asked" | undefined;
  note(more: Partial<ChildRecord>): void;
}

async function beginChild(
  child: StoredJob,
  options: ChildOptions,
  origin: ChildOrigin,
): Promise<Begun> {
  const { context, input, services, number } = origin;
  const { job } = context;
  const { tree } = input;
  const started = services.clock.now();
  const run = { job_id: child.job_id, run_id: job.run_id };
  const id = `${input.childId === "" ? "" : `${input.childId} > `}${child.job_id}#${number}`;
  const pass = `${input.pass === "" ? "" : `${input.pass}.`}${context.iteration}`;
  const key = childKey(options);
  const log = services.realm.temp.runUri(run);
  const record: ChildRecord = {
    id,
    job_id: child.job_id,
    pass,
    status: "running",
    ...(options.index === undefined ? {} : { index: options.index }),
    ...(key === undefined ? {} : { key }),
    started: new Date(started).toISOString(),
    log,
  };
  const signal =
    options.signal === undefined ? input.signal : AbortSignal.any([input.signal, options.signal]);
  const found = await tree.earlier?.(job.job_id, { id, pass });
  // Of a foreach that has other values now, iterations with the same number are others.
  const earlier = found?.child.key === key ? found : undefined;
  const note = (more: Partial<ChildRecord>): void => {
    tree.ledger.note(job.job_id, { ...record, ...more });
  };
  const recorder = createRunRecorder({
    target: tree.ledger.target({
      ...{ job_id: child.job_id, parent: job.job_id, id, log, started },
      ts_dispatch: formatLocalTime(job.ts_dispatch),
    }),
    run,
    path: origin.path,
    clock: services.clock,
    logger: services.logger,
    events: services.events,
    isLive: () => !signal.aborted,
    batchMs: services.batchMs,
  });
  const thread = options.lane === undefined ? input.thread : `${input.thread}_${options.lane}`;
  const isDone = earlier?.child.status === "complete" || earlier?.child.status === "skipped";
  const isAsked = input.ancestors.length > 0 || isNamed(tree.only, child.job_id, options.index);
  return {
    ...{ child, origin, run, signal, thread, started, recorder, earlier, record, note },
    leftOut: isAsked ? (isDone && tree.only === undefined ? "complete" : undefined) : "not_asked",
  };
}

function isNamed(only: readonly string[] | undefined, job_id: string, index?: number): boolean {
  if (only === undefined) return true;
  return only.includes(job_id) || (index !== undefined && only.includes(String(index)));
}

/** A child that is not run: of another run it is said so in an event of its own, this run's has all its events. */
async function leaveOut(begun: Begun, why: "complete" | "not_asked"): Promise<void> {
  const { earlier, record, recorder, run } = begun;
  if (why === "not_asked") {
    const info = "Not among the children that this run was asked for";
    await recorder.finish({ status: "skipped", info }, false, { x_reason: why });
    // What was complete before is so still.
    const { child = record, run_id: from } = earlier ?? {};
    const status = child.status === "complete" ? "complete" : "skipped";
    begun.note({ ...child, ...ids(record), status, reason: info, ...(from && { from }) });
    return;
  }
  if (earlier === undefined || earlier.run_id === run.run_id) return;
  const { child, run_id } = earlier;
  const from = child.from ?? run_id;
  const info = `Complete in run ${from}: not run again`;
  await recorder.finish({ status: "skipped", info }, false, { x_reason: "complete_before" });
  begun.note({ ...child, ...ids(record), from, reason: info });
}

/** What of a record is this run's own. */
function ids({ id, pass }: ChildRecord): Pick<ChildRecord, "id" | "pass"> {
  return { id, pass };
}

async function runBegun(begun: Begun, options: ChildOptions): Promise<JobResult> {
  const { child, run, origin, recorder, thread, started, note } = begun;
  const { services } = origin;
  if (child.enabled === false) {
    const text = `Job ${run.job_id} (${run.run_id}): Job is not enabled (static)`;
    services.logger.warn({ event_type: "job", thread, ...run }, text);
    const info = NOT_ENABLED;
    await recorder.finish({ status: "skipped", info }, false, { x_reason: "disabled" });
    note({ status: "skipped", reason: info });
    return { exit_status: 0 };
  }
  const { waiting } = origin.input.tree;
  waiting.delete(begun.record.id);
  note({});
  let places: Places | undefined;
  try {
    places = await waitForPlaces(child, { ...origin.input, signal: begun.signal }, services);
    recorder.note({ status: "starting", info: null, time: started });
    const result = await runJob(toInput(begun, options, places), services);
    note(endOf(begun, recorder.ended === "skipped" ? "skipped" : "complete"));
    return result;
  } catch (error) {
    await noteFailure(begun, error);
    throw error;
  } finally {
    await places?.free();
  }
}

/** Milliseconds. */
function dueOf(earlier: EarlierChild | undefined): number | undefined {
  return earlier?.child.due === undefined ? undefined : Date.parse(earlier.child.due);
}

function toInput(begun: Begun, options: ChildOptions, places: Places) {
  const { child, origin, recorder, signal, thread, started, earlier, record } = begun;
  const { context, input } = origin;
  const { job } = context;
  return {
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
    work: origin.work,
    holder: input.holder,
    epoch: input.epoch,
    thread,
    // Judged when it first began, and from the parent's dispatch (JOB-all-07).
    judgeDelay: earlier === undefined,
    firstIteration: (earlier?.child.iteration ?? 0) + 1,
    openDir: () => Promise.resolve(context.tmpdir),
    deferrals: earlier?.child.deferrals ?? 0,
    due: dueOf(earlier),
    tree: input.tree,
    childId: record.id,
    pass: record.pass,
    pools: new Set([...input.pools, ...places.pools]),
    isLive: input.isLive,
    doneActions: new Set<string>(),
  };
}

/** How the child ended, for graphs and charts of time. */
function endOf({ origin, started }: Begun, status: ChildRecord["status"]): Partial<ChildRecord> {
  const now = origin.services.clock.now();
  return { status, ended: new Date(now).toISOString(), seconds: (now - started) / 1000 };
}

/** Most bytes of a failure's text in a record: the child's own item has the whole. */
const REASON_LENGTH = 300;

async function noteFailure(begun: Begun, error: unknown): Promise<void> {
  const { recorder, note, origin } = begun;
  const reason = errorText(error).slice(0, REASON_LENGTH);
  if (error instanceof RunInterrupted) {
    if (error.kind === "lost") return; // another worker has the run: what it writes counts
    const { state, extra } = error.givenBack;
    const isReleased = error.kind === "released";
    const status = isReleased ? "retrying" : "failed";
    if (isReleased) {
      const more = { ...extra, x_state: state, x_reason: error.reason };
      await recorder.append({ status: "retrying", info: error.message }, more);
    } else {
      const more = { x_state: error.ending.state, x_reason: error.reason };
      await recorder.finish({ status: "failed", info: error.message }, false, more);
    }
    note({ ...endOf(begun, status), reason, ...progressOf(begun, error) });
    if (isReleased) origin.input.tree.waiting.set(begun.record.id, () => abandon(begun));
    return;
  }
  if (recorder.ended === undefined) {
    // Stopped from above, by the time of a parent or because the run was cancelled; or it could not begin.
    const { redactor } = origin.services.realm;
    const isStopped = begun.signal.aborted || !(error instanceof LavaError);
    const extra = isStopped ? { x_reason: "stopped" } : describeFailure(error, redactor);
    await recorder.finish({ status: "failed", info: errorText(error) }, false, extra);
  }
  const status = recorder.ended === "rejected" ? "rejected" : "failed";
  note({ ...endOf(begun, status), reason });
  origin.services.logger.debug({ ...begun.run, id: begun.record.id }, "child failed");
}

/** The run ends while this child waits: nobody will come back to it. */
async function abandon({ recorder, note, origin: { context } }: Begun): Promise<void> {
  const info = `Job ${context.job.job_id} ended before this one went on`;
  await recorder.finish({ status: "failed", info }, false, {
    x_state: "done",
    x_reason: "abandoned",
  });
  note({ status: "failed", reason: info });
}

/** Where a child that is given back goes on. */
function progressOf(
  { earlier }: Begun,
  { givenBack: { extra } }: RunInterrupted,
): Pick<ChildRecord, "due" | "iteration" | "deferrals"> {
  const due = textOf(extra["x_due"]);
  const iteration = numberOf(extra["x_iteration"]) ?? earlier?.child.iteration;
  const deferrals = numberOf(extra["x_deferrals"]) ?? earlier?.child.deferrals;
  return {
    ...(due === undefined ? {} : { due }),
    ...(iteration === undefined ? {} : { iteration }),
    ...(deferrals === undefined ? {} : { deferrals }),
  };
}

/** Each child gets values of its own: what one does to them, others do not see (T-40, WK-138). */
function childGlobals(own: DataMap, options: ChildOptions, { job }: JobContext): DataMap {
  return {
    ...own,
    ...job.globals,
    ...options.globals,
    lava: { ...childLavaGlobals(job.lava, job, options.index) },
  };
}
