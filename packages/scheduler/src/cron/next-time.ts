import type { Zone, ZoneSegment } from "../zone/zone.ts";
import type { Cron } from "./cron.ts";
import { nextLocalMinute } from "./next-local.ts";

const MINUTE = 60_000;
/** Changes of the clock by more than this are no daylight saving to cron: fixed times follow the clock then. */
const LARGE = 180 * MINUTE;
/** The longest that a crontab time which fires at all can pause: a 29 February on one weekday, over 2100. */
const LONGEST_PAUSE = 41 * 366 * 1440 * MINUTE;

/**
 * The first moment after `after` (both in milliseconds) at which a crontab time fires; undefined when it never does
 * again, or not before `before`.
 *
 * When the clocks go forward, a fixed time that is skipped fires at the end of the gap, once however many were
 * skipped. When they go back, a fixed time fires the first time only. Schedules with `*` in minute or hour follow
 * the clock (design 8; cronie's `cron.c`).
 */
export function nextCronTime(
  cron: Cron,
  zone: Zone,
  after: number,
  before = Infinity,
): number | undefined {
  const limit = Math.min(before, after + LONGEST_PAUSE);
  let segment = zone.segmentAt(after);
  let from = Math.max(
    Math.floor((after + segment.offset) / MINUTE) + 1,
    firstMinute(cron, segment, zone),
  );
  for (;;) {
    const end = Math.min(segment.end, limit);
    const minute = nextLocalMinute(cron, from, ceilMinute(end + segment.offset));
    if (minute !== undefined) return minute * MINUTE - segment.offset;
    if (segment.end >= limit) return undefined;
    const next = zone.segmentAt(segment.end);
    if (catchesUp(cron, segment, next)) return next.start;
    from = firstMinute(cron, next, zone);
    segment = next;
  }
}

/** The first minute of a segment's wall clock that counts: what the clock shows again is over for fixed times. */
function firstMinute(cron: Cron, segment: ZoneSegment, zone: Zone): number {
  const { offset } = zone.segmentAt(segment.start - 1);
  const back = offset - segment.offset;
  const repeats = cron.isFixed && back > 0 && back <= LARGE;
  return ceilMinute(segment.start + (repeats ? offset : segment.offset));
}

/** Whether a fixed time lies in the gap between two segments. */
function catchesUp(cron: Cron, segment: ZoneSegment, next: ZoneSegment): boolean {
  const gap = next.offset - segment.offset;
  if (!cron.isFixed || gap <= 0 || gap > LARGE) return false;
  const first = ceilMinute(segment.end + segment.offset);
  return nextLocalMinute(cron, first, ceilMinute(next.start + next.offset)) !== undefined;
}

function ceilMinute(time: number): number {
  return Math.ceil(time / MINUTE);
}
