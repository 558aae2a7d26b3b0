import { type JobSchedule, nextSlot } from "../schedule/job-schedule.ts";

/** What happens to slots that were missed in a long outage. */
export interface CatchUp {
  readonly mode: "none" | "last" | "all";
  readonly windowMs: number;
}

/** A slot to be dispatched. */
export interface PlannedSlot {
  readonly slot: number;
  /** It was made up for after an outage. */
  readonly caughtUp: boolean;
}

/** What is to be done about the slots of a stretch of time. */
export interface SlotPlan {
  readonly fire: readonly PlannedSlot[];
  /** The latest ones that are not made up for. */
  readonly missed: readonly number[];
  /** How many there were in all; counting ends at {@link MAX_COUNT}. */
  readonly missedCount: number;
}

/** Slots that are late by no more than this always fire: a leader has failed over, a clock was set (design 8). */
export const FAILOVER_MS = 60_000;

/** So many missed slots of one job get an entry of their own. */
const MAX_MISSED = 100;

/** So many slots of one job are looked at, latest last, and at most so many made up for. */
const MAX_COUNT = 100_000;
const MAX_FIRE = 10_000;

/** Decides about the slots after `after` up to `now`. Pure. */
export function planSlots(
  schedule: JobSchedule,
  after: number,
  now: number,
  { mode, windowMs }: CatchUp,
): SlotPlan {
  const slots: number[] = [];
  let count = 0;
  for (let at = after; count < MAX_COUNT; count += 1) {
    const slot = nextSlot(schedule, at, now + 1);
    if (slot === undefined) break;
    slots.push(slot);
    if (slots.length >= 2 * MAX_FIRE) slots.splice(0, MAX_FIRE);
    at = slot;
  }
  const late = now - FAILOVER_MS;
  const last = slots.at(-1);
  const isWanted = (slot: number): boolean =>
    slot >= late ||
    (slot >= now - windowMs && (mode === "all" || (mode === "last" && slot === last)));
  const fire = slots.filter(isWanted).map((slot) => ({ slot, caughtUp: slot < late }));
  const missed = slots.filter((slot) => !isWanted(slot));
  return { fire, missed: missed.slice(-MAX_MISSED), missedCount: count - fire.length };
}
