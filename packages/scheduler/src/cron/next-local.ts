import type { Cron } from "./cron.ts";

/** Minutes of a day. */
const DAY = 1440;
/**
 * The first minute of the wall clock that a crontab time matches, from `minute` on; undefined when there is none
 * before `limit` (finite). Minutes count from 1970-01-01 00:00 on that clock.
 */
export function nextLocalMinute(cron: Cron, minute: number, limit: number): number | undefined {
  if (cron.minutes.length === 0 || cron.hours.length === 0) return undefined;
  let day = Math.floor(minute / DAY);
  let from = minute - day * DAY;
  const last = Math.floor((limit - 1) / DAY);
  for (; day <= last; day += 1, from = 0) {
    const date = new Date(day * DAY * 60_000);
    const month = date.getUTCMonth() + 1;
    if (!cron.months.includes(month)) {
      // To the last day of the month; the loop goes on to the next.
      day = Date.UTC(date.getUTCFullYear(), month, 0) / (DAY * 60_000);
      continue;
    }
    if (!matchesDay(cron, date)) continue;
    const found = minuteOfDay(cron, from);
    if (found === undefined) continue;
    const result = day * DAY + found;
    return result < limit ? result : undefined;
  }
  return undefined;
}

function matchesDay(cron: Cron, date: Date): boolean {
  const day = cron.days.includes(date.getUTCDate());
  const weekday = cron.weekdays.includes(date.getUTCDay());
  return cron.bothDays ? day && weekday : day || weekday;
}

function minuteOfDay(cron: Cron, from: number): number | undefined {
  const fromHour = Math.floor(from / 60);
  for (const hour of cron.hours) {
    if (hour < fromHour) continue;
    const least = hour === fromHour ? from % 60 : 0;
    const minute = cron.minutes.find((value) => value >= least);
    if (minute !== undefined) return hour * 60 + minute;
  }
  return undefined;
}
