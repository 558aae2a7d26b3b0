import type { Cron } from "../src/cron/cron.ts";
import type { Zone } from "../src/zone/zone.ts";

const MINUTE = 60_000;

/**
 * A cron daemon that wakes every minute, as the loop in cronie's `cron.c` does, without its search for the next
 * time: the second opinion on what fires when. Gives the moments at which an entry runs, each once.
 */
export function runDaemon(cron: Cron, zone: Zone, from: number, to: number): number[] {
  const fired = new Set<number>();
  let virtual = wall(zone, from);
  for (let now = from + MINUTE; now <= to; now += MINUTE) {
    const clock = wall(zone, now);
    const jump = clock - virtual;
    if (jump === 1 || Math.abs(jump) > 180) {
      virtual = clock;
      if (matches(cron, clock)) fired.add(now);
    } else if (jump > 0) {
      if (!cron.isFixed && matches(cron, clock)) fired.add(now);
      while (virtual < clock) {
        virtual += 1;
        if (cron.isFixed && matches(cron, virtual)) fired.add(now);
      }
    } else if (!cron.isFixed && matches(cron, clock)) {
      fired.add(now);
    }
  }
  return [...fired];
}

/** Minutes of the wall clock. */
function wall(zone: Zone, now: number): number {
  return Math.floor((now + zone.segmentAt(now).offset) / MINUTE);
}

function matches(cron: Cron, minute: number): boolean {
  const date = new Date(minute * MINUTE);
  const day = cron.days.includes(date.getUTCDate());
  const weekday = cron.weekdays.includes(date.getUTCDay());
  return (
    cron.minutes.includes(date.getUTCMinutes()) &&
    cron.hours.includes(date.getUTCHours()) &&
    cron.months.includes(date.getUTCMonth() + 1) &&
    (cron.bothDays ? day && weekday : day || weekday)
  );
}
