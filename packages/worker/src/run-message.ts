import { type DataMap, errorText, formatLocalTime, LavaError } from "@lava/core";
import type { ClaimedRun, Realm, ReceivedMessage, RunKey, WorkerQueue } from "@lava/realm";
import { type DispatchMessage, type StoredJob, UNROUTABLE_JOB_ID } from "@lava/spec";
import { findJob, type MessageChecks, parseMessage, Rejection } from "./check-message.ts";
import type { DueSender } from "./due-sender.ts";
import { giveBack } from "./give-back.ts";
import { RunInterrupted } from "./interruption.ts";
import { createJobContext } from "./job-context.ts";
import type { TempArea } from "./job-tmpdir.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import type { Places, RunPlaces } from "./places.ts";
import { progressOf, sentOf } from "./progress.ts";
import { actionsFor } from "./run-actions.ts";
import type { RunInput } from "./run-input.ts";
import { resultOf, runActionList, runJob, toJob } from "./run-job.ts";
import { type RunRecorder, claimedTarget, createRunRecorder } from "./run-recorder.ts";
import type { RunServices } from "./run-services.ts";
import type { Slot } from "./slots.ts";
import { parseIsoTime } from "./times.ts";
import { repeatWhileLive } from "./transient.ts";
import type { VisibilityKeeper } from "./visibility-keeper.ts";
import type { Watchdog } from "./watchdog/watchdog.ts";

/** What handling messages needs beyond what every run needs. */
export interface MessageServices extends RunServices, MessageChecks {
  readonly realm: Realm;
  readonly queue: WorkerQueue;
  readonly lease: LeaseKeeper;
  readonly watchdog: Pick<Watchdog, "remember" | "forget">;
  readonly visibility: VisibilityKeeper;
  readonly temp: TempArea;
  readonly places: RunPlaces;
  readonly due: DueSender;
  /** Signals of runs by the holder under which they were claimed, for whoever stops them. */
  readonly stops: Map<AbortController, string>;
}

/** What is to become of a message. */
type Settlement =
  | { readonly how: "deleted" }
  | { readonly how: "left" }
  | { readonly how: "given_back"; readonly delay: number };

/** Messages of runs that last longer are sent again by the watchdog should this process be lost; milliseconds. */
const BEQUEATH_MS = 300;

const DELETED: Settlement = { how: "deleted" };

/** Handles one received message to its end and settles it exactly once. Never throws. */
export async function runMessage(
  message: ReceivedMessage,
  wasShort: boolean,
  slot: Slot,
  services: MessageServices,
): Promise<void> {
  const { logger, queue, events } = services;
  const fields = { event_type: "worker", thread: slot.thread, message_id: message.message_id };
  const release = services.visibility.hold(message.receipt, wasShort);
  const bequeath = setTimeout(() => {
    services.watchdog.remember(message.message_id, message);
  }, BEQUEATH_MS);
  let run: RunKey | undefined;
  let settlement: Settlement;
  try {
    settlement = await handle(message, slot, services, (key) => {
      run = key;
    });
  } catch (error) {
    // A store or a queue that is away: nothing was decided, so the message goes on as a fresh copy.
    logger.error(fields, `Job dispatch message ${message.message_id}: ${errorText(error)}`);
    settlement = laterOf(message, services.clock.now());
  }
  release();
  // The run is over: the next one may start while this one's message is settled.
  slot.release();
  try {
    if (settlement.how === "given_back") {
      await queue.sendBody(message.body, { delay: Math.min(900, Math.ceil(settlement.delay)) });
    }
    if (settlement.how !== "left") await queue.delete(message.receipt);
  } catch (error) {
    logger.error(fields, `Job dispatch message ${message.message_id}: ${errorText(error)}`);
    settlement = { how: "left" };
  }
  clearTimeout(bequeath);
  services.watchdog.forget(message.message_id);
  events.emit("settled", { message_id: message.message_id, how: settlement.how, ...run });
}

/** How long a message may go round while a store is away, in seconds: as long as a queue keeps it. */
const PATIENCE = 86_400;

/** Later and later; a message that is too old is left to the queue's own limits. */
function laterOf({ body }: ReceivedMessage, now: number): Settlement {
  const sent = /"ts_dispatch": ?"([^"]*)"/.exec(body)?.[1] ?? "";
  const age = (now - (parseIsoTime(sent) ?? 0)) / 1000;
  if (age > PATIENCE) return { how: "left" };
  return { how: "given_back", delay: Math.min(900, Math.max(15, age / 4)) };
}

async function handle(
  message: ReceivedMessage,
  slot: Slot,
  services: MessageServices,
  name: (run: RunKey) => void,
): Promise<Settlement> {
  const { logger } = services;
  try {
    const { dispatch, ts_dispatch } = parseMessage(message, services);
    const run = { job_id: dispatch.job_id, run_id: dispatch.run_id };
    name(run);
    const record = await findJob({ dispatch, ts_dispatch }, message, services);
    if (record.enabled === false) return await skip(run, ts_dispatch, slot, services);
    return await claimAndRun({ message, dispatch, record, ts_dispatch }, slot, services);
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    const fields = { event_type: "worker", thread: slot.thread, ...error.run };
    logger[error.level](fields, error.message);
    return await reject(error, message, services);
  }
}

/** Records a rejected message: under its run, or under `lava/unroutable` when it names none (WF-116). */
async function reject(
  { run, reason, info, ts_dispatch }: Rejection,
  message: ReceivedMessage,
  services: MessageServices,
): Promise<Settlement> {
  const { realm, origin, events, lease } = services;
  const key = run ?? { job_id: UNROUTABLE_JOB_ID, run_id: message.message_id };
  const event = { status: "rejected", info } as const;
  const options = {
    origin,
    ts_dispatch: ts_dispatch ?? formatLocalTime(message.sent),
    extra: { x_reason: reason },
  };
  let { outcome } = await realm.runs.conclude(key, { ...options, events: [event] });
  if (outcome === "held") {
    // Perhaps by a worker that was lost: then it is ours to end.
    const holder = await lease.enter();
    try {
      const claim = await realm.runs.claim(key, { ...options, holder });
      if (claim.outcome === "held") return { how: "left" };
      if (claim.outcome === "claimed" && claim.run.finished !== undefined) {
        await claim.run.settle();
      } else if (claim.outcome === "claimed") {
        await claim.run.finish(event);
        outcome = "concluded";
      }
    } finally {
      lease.leave();
    }
  }
  if (outcome === "concluded") {
    events.emit("event", { ...key, ...event });
    events.emit("finished", { ...key, status: "rejected", seconds: 0 });
  }
  return DELETED;
}

/** A job that is switched off: `skipped` alone, nothing starts (WK-050). */
async function skip(
  run: RunKey,
  ts_dispatch: number,
  slot: Slot,
  services: MessageServices,
): Promise<Settlement> {
  const fields = { event_type: "job", thread: slot.thread, ...run };
  const text = `Job ${run.job_id} (${run.run_id}): Job is not enabled (static)`;
  services.logger.warn(fields, text);
  const info = "Job not enabled (static)";
  const result = await services.realm.runs.conclude(run, {
    origin: services.origin,
    ts_dispatch: formatLocalTime(ts_dispatch),
    events: [{ status: "skipped", info }],
  });
  if (result.outcome === "concluded") {
    services.events.emit("event", { ...run, status: "skipped", info });
    services.events.emit("finished", { ...run, status: "skipped", seconds: 0 });
  }
  return result.outcome === "held" ? { how: "left" } : DELETED;
}

interface Work {
  readonly message: ReceivedMessage;
  readonly dispatch: DispatchMessage;
  readonly record: StoredJob;
  readonly ts_dispatch: number;
}

async function claimAndRun(work: Work, slot: Slot, services: MessageServices): Promise<Settlement> {
  const { lease, clock, origin, realm, visibility } = services;
  const run = { job_id: work.dispatch.job_id, run_id: work.dispatch.run_id };
  const holder = await lease.enter();
  const stop = new AbortController();
  services.stops.set(stop, holder);
  let places: Places | undefined;
  try {
    const since = work.ts_dispatch;
    const request = { record: work.record, run, holder, since, held: new Set<string>() };
    places = await services.places.take(request).catch((error: unknown) => {
      throw noPlace(error, work);
    });
    if (places === undefined) return { how: "given_back", delay: services.places.nextTry() };
    const started = clock.now();
    const claim = await realm.runs.claim(run, {
      holder,
      origin,
      again: repeatWhileLive({
        run,
        clock,
        logger: services.logger,
        isLive: () => lease.isLive(holder),
      }),
      ts_dispatch: formatLocalTime(work.ts_dispatch),
      events: [{ status: "starting", info: null, time: started }],
      extra: sentOf(work.dispatch),
    });
    if (claim.outcome === "finished") return DELETED;
    if (claim.outcome === "held") {
      // Its holder settles it. Seen again only in case it is lost, and not so often that limits are reached.
      const seconds = Math.max(300, (claim.until - clock.now()) / 1000);
      if (!claim.own) await visibility.hide(work.message.receipt, Math.min(seconds, 3600));
      return { how: "left" };
    }
    const { pools } = places;
    return await carryOut(claim.run, { ...work, holder, stop, started, pools }, slot, services);
  } finally {
    await places?.free();
    services.stops.delete(stop);
    lease.leave();
  }
}

/** A job whose limits cannot be kept as they are written is rejected. */
function noPlace(error: unknown, { dispatch, ts_dispatch }: Work): unknown {
  if (!(error instanceof LavaError) || error.retry !== "never") return error;
  const { job_id, run_id } = dispatch;
  return new Rejection(`Job ${job_id} (${run_id}): ${error.message}`, {
    reason: error.code.toLowerCase(),
    run: { job_id, run_id },
    ts_dispatch: formatLocalTime(ts_dispatch),
    info: error.message,
    cause: error,
  });
}

interface ClaimedWork extends Work {
  readonly holder: string;
  /** Pools of which the run has slots. */
  readonly pools: readonly string[];
  readonly stop: AbortController;
  /** Milliseconds. */
  readonly started: number;
}

async function carryOut(
  run: ClaimedRun,
  work: ClaimedWork,
  slot: Slot,
  services: MessageServices,
): Promise<Settlement> {
  const { clock, events, lease, logger } = services;
  const key = { job_id: run.job_id, run_id: run.run_id };
  events.emit("claimed", { ...key, epoch: run.epoch, attempt: run.attempt });
  if (run.finished === undefined) {
    events.emit("event", { ...key, status: "starting", info: null });
  }
  const recorder = createRunRecorder({
    target: claimedTarget(run),
    run: key,
    clock,
    logger,
    events,
    isLive: () => lease.isLive(work.holder),
    batchMs: services.batchMs,
  });
  let folder: string | undefined;
  const input = toInput(run, work, slot, recorder, services, async () => {
    folder = await services.temp.open(run.run_id);
    return folder;
  });
  try {
    if (run.finished === undefined) await runJob(input, services);
    else await finishActions(run, input, recorder, services);
  } catch (error) {
    // A failure of the job is recorded by now; what is not is a failure of ours.
    const settlement = await settleBroken(error, run, recorder, work, services);
    if (settlement !== undefined) return settlement;
  } finally {
    if (folder !== undefined) await services.temp.close(folder);
  }
  const status = recorder.ended ?? "failed";
  events.emit("finished", { ...key, status, seconds: (clock.now() - work.started) / 1000 });
  return DELETED;
}

/** What becomes of the message of a run that threw; undefined when the run is over all the same. */
async function settleBroken(
  error: unknown,
  run: ClaimedRun,
  recorder: RunRecorder,
  work: ClaimedWork,
  services: MessageServices,
): Promise<Settlement | undefined> {
  const isOver = recorder.ended !== undefined || run.finished !== undefined;
  if (error instanceof RunInterrupted) {
    // Actions that were cut off are done by whoever gets the message next.
    return isOver ? { how: "left" } : giveUp(error, run, work, services);
  }
  if (isOver) return undefined;
  // A process that died while the lease was over was killed by the watchdog: that says nothing about the job.
  if (!services.lease.isLive(work.holder)) return { how: "left" };
  const text = `The result of the run cannot be recorded: ${errorText(error)}`;
  const fields = { event_type: "job", job_id: run.job_id, run_id: run.run_id };
  services.logger.error(fields, `Job ${run.job_id} (${run.run_id}): ${text}`);
  try {
    await recorder.finish({ status: "failed", info: text }, false);
    return undefined;
  } catch {
    return { how: "left" };
  }
}

function toInput(
  run: ClaimedRun,
  work: ClaimedWork,
  slot: Slot,
  recorder: RunRecorder,
  services: MessageServices,
  openDir: () => Promise<string>,
): RunInput {
  const { dispatch, record } = work;
  const merge = (own: DataMap, sent: DataMap | undefined): DataMap => ({ ...own, ...sent });
  return {
    record,
    run_id: run.run_id,
    ts_dispatch: work.ts_dispatch,
    ts_start: Math.floor(work.started / 1000) * 1000,
    parameters: merge(record.parameters, dispatch.parameters),
    globals: merge(record.globals, dispatch.globals),
    recorder,
    signal: work.stop.signal,
    ancestors: [],
    path: "",
    holder: work.holder,
    epoch: run.epoch,
    thread: slot.thread,
    judgeDelay: run.attempt === 1,
    openDir,
    ...progressOf(run, work, slot, services),
    isLive: () => services.lease.isLive(work.holder),
    doneActions: new Set(Object.keys(run.finished?.actions ?? {})),
  };
}

/** The run had ended, its actions had not: only these are done (design 5). */
async function finishActions(
  run: ClaimedRun,
  input: RunInput,
  recorder: RunRecorder,
  services: MessageServices,
): Promise<void> {
  const finished = run.finished;
  const event = finished?.status === "complete" ? "on_success" : "on_fail";
  const actions = actionsFor(event, input.record.raw, services.realm.record.raw);
  if (finished === undefined || actions === undefined) {
    await recorder.settle();
    return;
  }
  const fields = { event_type: "job", job_id: run.job_id, run_id: run.run_id };
  const logger = services.logger.child({ ...fields, thread: input.thread });
  const context = createJobContext(toJob(input, services), input, services, logger);
  const failed = await runActionList(
    {
      event,
      actions,
      result: resultOf(finished.info),
      context,
      key: event,
      done: input.doneActions,
    },
    services,
    recorder,
    `Job ${run.job_id} (${run.run_id})`,
  );
  await recorder.settle(failed);
}

/** A run that stopped without an end: given back, or left to whoever has it now. */
async function giveUp(
  interruption: RunInterrupted,
  run: ClaimedRun,
  work: ClaimedWork,
  services: MessageServices,
): Promise<Settlement> {
  const { events, logger } = services;
  const key = { job_id: run.job_id, run_id: run.run_id };
  const { kind, reason, message } = interruption;
  events.emit("interrupted", { ...key, kind, reason });
  logger.warn({ event_type: "job", ...key }, `Job ${run.job_id} (${run.run_id}): ${message}`);
  if (kind === "lost") return { how: "left" };
  const delay = await giveBack(interruption, run, work, services);
  events.emit("event", { ...key, status: "retrying", info: message });
  return delay === undefined ? DELETED : { how: "given_back", delay };
}
