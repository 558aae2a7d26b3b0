import { parseScheduleExpression, type ScheduleExpression } from "../events/schedule-expression.ts";

/**
 * Reads `at()`, `rate()` or `cron()` on the clock of a zone: local times that the clock skips come an hour later, ones
 * that it repeats come once.
 *
 * @param since Where rates are counted from, in milliseconds
 * @throws {RangeError} for an unknown zone; {Error} for an expression that is none
 */
export function parseZonedExpression(
  text: string,
  zone: string,
  since: number,
): ScheduleExpression {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  const next = parseScheduleExpression(text, since);
  if (text.startsWith("rate(")) return next;
  const offset = (instant: number): number => {
    const [, sign, hours = "0", minutes = "0"] =
      /GMT(?:([-+])(\d\d):(\d\d))?/.exec(format.format(instant)) ?? [];
    return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  };
  return (after) => {
    for (let local = next(after + offset(after)); local !== undefined; local = next(local)) {
      // The offset just before a change counts for what is skipped, and for the first of two.
      const instant = local - offset(local - offset(local - 86_400_000));
      if (instant > after) return instant;
    }
    return undefined;
  };
}
