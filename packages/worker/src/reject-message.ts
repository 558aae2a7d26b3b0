import { errorText, formatLocalTime } from "@lava/core";
import type {
  ClaimedRun,
  ClaimOptions,
  ExtraAttributes,
  ReceivedMessage,
  RunKey,
} from "@lava/realm";
import { type StoredJob, UNROUTABLE_JOB_ID } from "@lava/spec";
import type { Rejection } from "./check-message.ts";
import { discardActions, missingJob } from "./discarded.ts";
import { endDiscarded } from "./end-discarded.ts";
import { hintOf } from "./failure-reason.ts";
import { toMessageInput } from "./message-input.ts";
import type { MessageServices, Settlement } from "./message-services.ts";
import { NOT_ENABLED } from "./run-job.ts";
import { claimedTarget, createRunRecorder } from "./run-recorder.ts";
import type { Slot } from "./slots.ts";

const DELETED: Settlement = { how: "deleted" };

/** Records a rejected message: under its run, or under `lava/unroutable` when it names none (WF-116). */
export async function rejectMessage(
  rejection: Rejection,
  message: ReceivedMessage,
  slot: Slot,
  services: MessageServices,
): Promise<Settlement> {
  const { run, info } = rejection;
  const { realm, origin, events } = services;
  const key = run ?? { job_id: UNROUTABLE_JOB_ID, run_id: message.message_id };
  const options = {
    origin,
    ts_dispatch: rejection.ts_dispatch ?? formatLocalTime(message.sent),
    extra: extraOf(rejection, services),
  };
  const record = run === undefined ? undefined : await findRecord(run, services);
  const hasActions = record !== undefined && discardActions(record.raw, realm) !== undefined;
  const event = { status: "rejected", info } as const;
  // Actions need a holder; so does a run whose holder may have been lost.
  let outcome = hasActions
    ? "held"
    : (await realm.runs.conclude(key, { ...options, events: [event] })).outcome;
  if (outcome === "held") {
    const result = await endHeld(rejection, key, record, { message, slot, options }, services);
    if (result === "left") return { how: "left" };
    outcome = result;
  }
  if (outcome === "concluded") {
    if (!hasActions) events.emit("event", { ...key, ...event });
    events.emit("finished", { ...key, status: "rejected", seconds: 0 });
  }
  return DELETED;
}

/** Why the run is over, in finer words, and what can be done about it. */
function extraOf(rejection: Rejection, { realm }: MessageServices): ExtraAttributes {
  const { reason } = rejection;
  const hint = hintOf(rejection);
  return {
    x_state: stateOf(reason),
    x_reason: reason,
    ...(hint === undefined ? {} : { x_hint: realm.redactor.mask(hint) }),
  };
}

interface Rejecting {
  readonly message: ReceivedMessage;
  readonly slot: Slot;
  readonly options: Omit<ClaimOptions, "holder">;
}

/** Ends the run as its holder. */
async function endHeld(
  rejection: Rejection,
  key: RunKey,
  record: StoredJob | undefined,
  { message, slot, options }: Rejecting,
  services: MessageServices,
): Promise<"left" | "concluded" | "finished"> {
  const { realm, lease, clock, logger, events } = services;
  const { info } = rejection;
  const holder = await lease.enter();
  const stop = new AbortController();
  services.stops.set(stop, holder);
  try {
    const claim = await realm.runs.claim(key, { ...options, holder });
    if (claim.outcome === "held") return "left";
    if (claim.outcome === "finished") return "finished";
    const { run } = claim;
    if (run.finished !== undefined) {
      const text = `Actions were not done: ${info}`;
      await run.settle([{ status: "action_failed", info: text }]);
      return "finished";
    }
    const recorder = createRunRecorder({
      target: claimedTarget(run, () => lease.isLive(holder)),
      run: key,
      clock,
      logger,
      events,
      isLive: () => lease.isLive(holder),
      batchMs: services.batchMs,
    });
    const extra = extraOf(rejection, services);
    const event = { status: "rejected", info } as const;
    if (record === undefined) await recorder.finish(event, false, extra);
    else {
      const input = inputOf(run, record, { message, slot, holder, stop }, services, recorder);
      await endDiscarded(event, extra, input, services);
    }
    return "concluded";
  } finally {
    services.stops.delete(stop);
    lease.leave();
  }
}

function inputOf(
  run: ClaimedRun,
  record: StoredJob,
  work: { message: ReceivedMessage; slot: Slot; holder: string; stop: AbortController },
  services: MessageServices,
  recorder: ReturnType<typeof createRunRecorder>,
) {
  const now = services.clock.now();
  const dispatch = { parameters: {}, globals: {} };
  return toMessageInput(
    run,
    { ...work, record, dispatch, ts_dispatch: work.message.sent, started: now, pools: [] },
    work.slot,
    recorder,
    services,
    () => Promise.reject(new Error("a rejected run has no folder")),
  );
}

/** The job whose actions follow; that of a message whose job is missing has the realm's only. */
async function findRecord(
  { job_id }: RunKey,
  { realm, worker, logger }: MessageServices,
): Promise<StoredJob | undefined> {
  if (!realm.config.ON_FAIL_DISCARDED || realm.config.FLEET !== "typescript") return undefined;
  try {
    return (await realm.jobs.get(job_id)) ?? missingJob(job_id, worker);
  } catch (error) {
    logger.debug({ job_id, error: errorText(error) }, "the job of a rejected message is no use");
    return missingJob(job_id, worker);
  }
}

/** `x_state` beside the reason (WF-116). */
function stateOf(reason: string): string {
  if (reason === "retry_limit" || reason === "max_tries") return "over_tried";
  return reason === "malformed" || reason === "reserved_job" ? "unroutable" : "done";
}

/**
 * A job that is switched off: `skipped` alone, nothing starts (WK-050). Undefined when the run has begun before, or is
 * over and its actions are not: it has to be claimed.
 */
export async function skipRun(
  run: RunKey,
  ts_dispatch: number,
  slot: Slot,
  services: MessageServices,
): Promise<Settlement | undefined> {
  const info = NOT_ENABLED;
  const result = await services.realm.runs.conclude(run, {
    origin: services.origin,
    ts_dispatch: formatLocalTime(ts_dispatch),
    events: [{ status: "skipped", info }],
    extra: { x_state: "done", x_reason: "disabled" },
  });
  if (result.outcome === "held") return undefined;
  if (result.outcome === "concluded") {
    const fields = { event_type: "job", thread: slot.thread, ...run };
    const text = `Job ${run.job_id} (${run.run_id}): Job is not enabled (static)`;
    services.logger.warn(fields, text);
    services.events.emit("event", { ...run, status: "skipped", info });
    services.events.emit("finished", { ...run, status: "skipped", seconds: 0 });
  }
  return DELETED;
}
