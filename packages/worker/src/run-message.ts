import { errorText, formatLocalTime, LavaError, parseDuration } from "@lava/core";
import type { ClaimedRun, ClaimResult, ReceivedMessage, RunKey } from "@lava/realm";
import type { DispatchMessage, StoredJob } from "@lava/spec";
import { runActionList } from "./action-list.ts";
import { watchDeadline } from "./cancellation.ts";
import { findJob, parseMessage, Rejection } from "./check-message.ts";
import type { RunTree } from "./children/run-tree.ts";
import { leftActions } from "./discarded.ts";
import { endDiscarded, resultOf } from "./end-discarded.ts";
import { hintOf } from "./failure-reason.ts";
import { giveBack } from "./give-back.ts";
import { RunInterrupted } from "./interruption.ts";
import { keepItem } from "./item-keeper.ts";
import { createJobContext } from "./job-context.ts";
import { holdMessage, type MessageHold } from "./message-hold.ts";
import { toMessageInput } from "./message-input.ts";
import type { MessageServices, Settlement } from "./message-services.ts";
import type { Places } from "./places.ts";
import { sentOf } from "./progress.ts";
import { rejectMessage, skipRun } from "./reject-message.ts";
import type { RunInput } from "./run-input.ts";
import { runJob } from "./run-job.ts";
import { type RunRecorder, claimedTarget, createRunRecorder } from "./run-recorder.ts";
import type { Slot } from "./slots.ts";
import { parseIsoTime } from "./times.ts";
import { toJob } from "./to-job.ts";
import { repeatWhileLive } from "./transient.ts";

const DELETED: Settlement = { how: "deleted" };

/** Handles one received message to its end and settles it exactly once. Never throws. */
export async function runMessage(
  message: ReceivedMessage,
  wasShort: boolean,
  slot: Slot,
  services: MessageServices,
): Promise<void> {
  const { logger, events } = services;
  const fields = { event_type: "worker", thread: slot.thread, message_id: message.message_id };
  const hold = holdMessage(message, wasShort, services);
  let run: RunKey | undefined;
  let settlement: Settlement;
  try {
    settlement = await handle({ message, hold }, slot, services, (key) => {
      run = key;
    });
  } catch (error) {
    // A store or a queue that is away: nothing was decided, so the message goes on as a fresh copy.
    logger.error(fields, `Job dispatch message ${message.message_id}: ${errorText(error)}`);
    settlement = laterOf(message, services.clock.now());
  }
  // The run is over: the next one may start while this one's message is settled.
  slot.release();
  try {
    await settle(settlement, message, hold, services);
  } catch (error) {
    logger.error(fields, `Job dispatch message ${message.message_id}: ${errorText(error)}`);
    settlement = { how: "left" };
  }
  const how = settlement.how === "adopted" ? "left" : settlement.how;
  events.emit("settled", { message_id: message.message_id, how, ...run });
}

async function settle(
  settlement: Settlement,
  { body }: ReceivedMessage,
  hold: MessageHold,
  { queue }: MessageServices,
): Promise<void> {
  if (settlement.how === "adopted") return;
  try {
    if (settlement.how === "left") return;
    if (settlement.how === "given_back" && hold.receipt !== undefined) {
      await queue.sendBody(body, { delay: Math.min(900, Math.ceil(settlement.delay)) });
    }
  } finally {
    const receipt = hold.end();
    if (settlement.how !== "left" && receipt !== undefined) await queue.delete(receipt);
  }
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
  { message, hold }: Pick<Work, "message" | "hold">,
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
    if (record.enabled === false) {
      const skipped = await skipRun(run, ts_dispatch, slot, services);
      if (skipped !== undefined) return skipped;
    }
    return await claimAndRun({ message, hold, dispatch, record, ts_dispatch }, slot, services);
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    const fields = { event_type: "worker", thread: slot.thread, ...error.run };
    logger[error.level]({ ...fields, hint: hintOf(error) }, error.message);
    return await rejectMessage(error, message, slot, services);
  }
}

interface Work {
  readonly message: ReceivedMessage;
  readonly hold: MessageHold;
  readonly dispatch: DispatchMessage;
  readonly record: StoredJob;
  readonly ts_dispatch: number;
}

async function claimAndRun(work: Work, slot: Slot, services: MessageServices): Promise<Settlement> {
  const { lease, clock, origin, realm } = services;
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
    if (claim.outcome === "held") return await leaveToHolder(claim, work, services);
    services.held.set(stop, { ...run, holder, hold: work.hold });
    const { pools } = places;
    return await carryOut(claim.run, { ...work, holder, stop, started, pools }, slot, services);
  } finally {
    await places?.free();
    services.stops.delete(stop);
    services.held.delete(stop);
    lease.leave();
  }
}

/**
 * The message of a run that another has, or this process under another message. In a mixed fleet it is hidden for a
 * while; otherwise it goes round as a fresh copy, since every receive counts towards limits.
 */
async function leaveToHolder(
  claim: Extract<ClaimResult, { outcome: "held" }>,
  { message, hold, dispatch }: Work,
  { held, clock, visibility, realm }: MessageServices,
): Promise<Settlement> {
  const { job_id, run_id } = dispatch;
  const ours = [...held.values()].find((run) => run.job_id === job_id && run.run_id === run_id);
  if (claim.own && ours !== undefined) {
    const isCopy = ours.hold.receipt === undefined || ours.hold.message_id === message.message_id;
    if (!isCopy) return DELETED;
    ours.hold.replace(hold);
    return { how: "adopted" };
  }
  const seconds = (claim.until - clock.now()) / 1000;
  if (realm.config.FLEET === "typescript") {
    return { how: "given_back", delay: Math.min(900, Math.max(60, seconds)) };
  }
  // At first for a lease only: its holder may be lost, and the watchdog's copy of its message come early.
  const { leaseMs, skewMs } = realm.runs.leaseTimes;
  const least = message.receives <= 1 ? (leaseMs + skewMs) / 1000 : 300 * message.receives;
  await visibility.hide(message.receipt, Math.min(3600, Math.max(least, seconds)));
  return { how: "left" };
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
    target: claimedTarget(run, () => lease.isLive(work.holder)),
    run: key,
    clock,
    logger,
    events,
    isLive: () => lease.isLive(work.holder),
    batchMs: services.batchMs,
  });
  let folder: string | undefined;
  const input = toMessageInput(run, work, slot, recorder, services, async () => {
    folder = await services.temp.open(run.run_id);
    return folder;
  });
  let endWatch: (() => void) | undefined;
  const { EVENT_TTL } = services.realm.config;
  const ttl = EVENT_TTL === undefined ? 0 : parseDuration(EVENT_TTL);
  const letItemGo = run.finished === undefined ? keepItem(run, ttl, logger) : undefined;
  try {
    if (run.finished === undefined) {
      endWatch = watchDeadline(run, work.stop, clock);
      await runJob(input, services);
    } else await finishActions(run, input, recorder, services);
  } catch (error) {
    endWatch?.();
    // A failure of the job is recorded by now; what is not is a failure of ours.
    const settlement = await settleBroken(error, run, { recorder, input }, work, services);
    if (settlement !== undefined) return settlement;
  } finally {
    endWatch?.();
    letItemGo?.();
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
  { recorder, input }: { readonly recorder: RunRecorder; readonly input: RunInput },
  work: ClaimedWork,
  services: MessageServices,
): Promise<Settlement | undefined> {
  const isOver = recorder.ended !== undefined || run.finished !== undefined;
  if (error instanceof RunInterrupted) {
    // Actions that were cut off are done by whoever gets the message next.
    if (isOver) return { how: "left" };
    if (error.kind !== "cancelled") {
      const { left } = input.tree;
      return giveUp(error, run, { ...work, left }, services);
    }
    return endCancelled(error, input, work, services);
  }
  if (isOver) return undefined;
  // A process that died while the lease was over was killed by the watchdog: that says nothing about the job.
  if (!services.lease.isLive(work.holder)) return { how: "left" };
  const text = `The result of the run cannot be recorded: ${errorText(error)}`;
  const fields = { event_type: "job", job_id: run.job_id, run_id: run.run_id };
  services.logger.error(fields, `Job ${run.job_id} (${run.run_id}): ${text}`);
  try {
    await recorder.finish({ status: "failed", info: text }, false, { x_reason: "not_recorded" });
    return undefined;
  } catch {
    return { how: "left" };
  }
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
  const actions = leftActions(finished?.status ?? "", input.record, services.realm);
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

/** A run that somebody, or its deadline, has stopped: its processes have ended by now, and it is over. */
async function endCancelled(
  interruption: RunInterrupted,
  input: RunInput,
  work: ClaimedWork,
  services: MessageServices,
): Promise<undefined> {
  const { reason, message, ending } = interruption;
  const { job_id } = input.record;
  const key = { job_id, run_id: input.run_id };
  services.events.emit("interrupted", { ...key, kind: interruption.kind, reason });
  // What follows is not cancelled with the run, but lost with the lease.
  const stop = new AbortController();
  services.stops.set(stop, work.holder);
  const info = ending.status === "failed" ? { error_data: null, error: message } : message;
  try {
    await endDiscarded(
      { status: ending.status, info },
      { x_state: ending.state, x_reason: reason },
      { ...input, signal: stop.signal },
      services,
    );
  } catch (error) {
    // Actions that were cut off are done by whoever gets the message next.
    if (!(error instanceof RunInterrupted)) throw error;
    return Promise.reject(error);
  } finally {
    services.stops.delete(stop);
  }
  return undefined;
}

/** A run that stopped without an end: given back, or left to whoever has it now. */
async function giveUp(
  interruption: RunInterrupted,
  run: ClaimedRun,
  work: ClaimedWork & Pick<RunTree, "left">,
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
