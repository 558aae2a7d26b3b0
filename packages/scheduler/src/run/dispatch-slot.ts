import { errorText, formatLocalTime, LavaError, type Logger } from "@lava/core";
import { isAccessDenied, type OpenSlot, type Realm } from "@lava/realm";
import { formatDispatchMessage } from "@lava/spec";
import type { BookedJob } from "./booked-job.ts";
import type { Office } from "./election.ts";
import { jitterOf } from "./jitter.ts";
import type { MissedAlarm } from "./missed-alarm.ts";
import type { Sender } from "./sender.ts";

/** What dispatching a slot needs of a realm. */
export type SlotRealm = Pick<
  Realm,
  "name" | "clock" | "clients" | "schedule" | "queue" | "due" | "events"
>;

/** Who dispatches. */
export interface SlotContext {
  readonly realm: SlotRealm;
  readonly logger: Logger;
  readonly hostname: string;
  readonly sender: Sender;
  readonly alarm: MissedAlarm;
  /** Lets so many entries of the ledger be written at a time. */
  readonly entries: <T>(write: () => Promise<T>) => Promise<T>;
}

/** Seconds for which a queue can hold a message back. */
const MAX_DELAY = 900;

/** A slot that is sent so much later than it was due is late, in ms. */
const LATE_MS = 5000;

/** Between two tries of a call that failed, in ms: doubled each time up to the second. */
const AGAIN_MS = [100, 2000] as const;

/**
 * Enters a slot and sends its run, unless that has been done. Faults of the services are tried again while the
 * office lasts; after that the slot is the next leader's. One that cannot be sent at all is entered as missed.
 *
 * @param isOpen It was entered before its time, by this office
 */
export async function dispatchSlot(
  job: BookedJob,
  slot: number,
  reason: string | undefined,
  office: Office,
  context: SlotContext,
  isOpen = false,
): Promise<void> {
  const { realm, logger, sender } = context;
  const { job_id, worker } = job;
  const late = reason ?? (realm.clock.now() - slot > LATE_MS ? "late" : undefined);
  const entry: OpenSlot = {
    job_id,
    slot,
    worker,
    epoch: office.epoch,
    ...(late === undefined ? {} : { reason: late }),
  };
  const open = () => persist(() => realm.schedule.slots.open(entry), office, context);
  if (!isOpen && !(await context.entries(open))) return;
  const run_id = realm.schedule.slots.runId(entry);
  try {
    await persist(() => send(job, slot, run_id, context), office, context);
  } catch (error) {
    if (office.signal.aborted || !office.isHeld()) throw error;
    const why = errorText(error);
    await context.alarm.raise({ job, count: 1, slot, run_id, why });
    await persist(() => missSlot(entry, why, context), office, context);
    return;
  }
  const sent = realm.clock.now();
  // Messages first: 2,000 slots of one second do not wait for each other's entries.
  await sender.idle();
  await context.entries(() =>
    persist(() => realm.schedule.slots.close(entry, "sent", { sent }), office, context),
  );
  logger.info(
    { event_type: "dispatch", job_id, run_id, slot: new Date(slot).toISOString() },
    `Job ${job_id} (${run_id}): dispatched${late === undefined ? "" : ` (${late})`}`,
  );
}

async function send(
  { job_id, worker, schedule }: BookedJob,
  slot: number,
  run_id: string,
  { realm, sender }: SlotContext,
): Promise<void> {
  const delay = jitterOf(job_id, slot, schedule.jitter);
  const now = realm.clock.now();
  const message = {
    realm: realm.name,
    worker,
    job_id,
    run_id,
    ts_dispatch: formatLocalTime(now + delay * 1000),
  };
  const body = formatDispatchMessage(message);
  if (delay <= MAX_DELAY) await sender.send(worker, body, delay);
  else {
    await realm.due.put({ worker, job_id, run_id, body, due: now + delay * 1000 });
  }
}

/** A slot that is not dispatched, as its run's event tells. */
export async function missSlot(
  entry: OpenSlot,
  why: string,
  { realm, logger, hostname }: SlotContext,
): Promise<void> {
  const { job_id, slot, worker } = entry;
  const run_id = realm.schedule.slots.runId(entry);
  const at = new Date(slot).toISOString();
  await realm.events.append(
    { job_id, run_id },
    { status: "rejected", info: { error: `Scheduled run of ${at} missed: ${why}` } },
    {
      origin: { worker, hostname },
      ts_dispatch: formatLocalTime(slot),
      extra: { x_state: "missed", x_reason: why, x_slot: slot },
    },
  );
  await realm.schedule.slots.close(entry, "missed", { reason: why });
  logger.error(
    { event_type: "scheduler", job_id, run_id, slot: at, error: why },
    `Job ${job_id}: the run of ${at} was missed: ${why}`,
  );
}

/** Tries a call again while the office lasts, unless it can never succeed. */
export async function persist<T>(
  call: () => Promise<T>,
  office: Office,
  { realm, logger }: Pick<SlotContext, "realm" | "logger">,
): Promise<T> {
  for (let wait: number = AGAIN_MS[0]; ; wait = Math.min(wait * 2, AGAIN_MS[1])) {
    if (!office.isHeld()) {
      office.signal.throwIfAborted();
      throw new LavaError("LEADER_LOST", "The leader's lease has ended", { retry: "never" });
    }
    try {
      return await call();
    } catch (error) {
      if (isFinal(error)) throw error;
      logger.warn(
        { event_type: "scheduler", error: errorText(error) },
        `To be tried again: ${errorText(error)}`,
      );
      await realm.clock.sleep(wait, office.signal);
    }
  }
}

function isFinal(error: unknown): boolean {
  if (isAccessDenied(error)) return true;
  if (!(error instanceof LavaError)) return false;
  return error.retry === "never" || error.code === "NO_SUCH_QUEUE";
}
