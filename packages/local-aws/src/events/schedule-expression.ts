/** The next moment, in milliseconds, after one; undefined when there is none. */
export type ScheduleExpression = (after: number) => number | undefined;

const UNITS: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const LAST_YEAR = 2199;

/**
 * Reads `rate(5 minutes)`, `cron(0 12 * * ? *)` (EventBridge's six fields, UTC) or `at(2026-01-01T00:00:00)`.
 *
 * @param since Where rates are counted from, in milliseconds
 * @throws {Error} for what EventBridge refuses
 */
export function parseScheduleExpression(text: string, since = 0): ScheduleExpression {
  const fault = new Error("Parameter ScheduleExpression is not valid.");
  const rate = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(text);
  if (rate !== null) {
    const [, count, unit = "", plural] = rate;
    const step = Number(count) * (UNITS[unit] ?? 0);
    if (step === 0 || (Number(count) === 1) !== (plural === "")) throw fault;
    return (after) => since + (Math.floor((after - since) / step) + 1) * step;
  }
  const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(text);
  if (at !== null) {
    const time = Date.parse(`${at[1]}Z`);
    if (Number.isNaN(time)) throw fault;
    return (after) => (after < time ? time : undefined);
  }
  const fields = /^cron\((.*)\)$/.exec(text)?.[1]?.trim().split(/\s+/);
  if (fields?.length !== 6) throw fault;
  return cron(fields, fault);
}

function cron(fields: readonly string[], fault: Error): ScheduleExpression {
  const [minute = "", hour = "", day = "", month = "", weekday = "", year = ""] = fields;
  if ((day === "?") === (weekday === "?")) throw fault;
  const minutes = values(minute, 0, 59, [], fault);
  const hours = values(hour, 0, 23, [], fault);
  const months = values(month, 1, 12, MONTHS, fault);
  const years = values(year, 1970, LAST_YEAR, [], fault);
  const isDay = day === "?" ? weekdayTest(weekday, fault) : dayTest(day, fault);
  return (after) => {
    const start = new Date(Math.floor(after / 60_000) * 60_000 + 60_000);
    const date = new Date(
      Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate()),
    );
    for (; date.getUTCFullYear() <= LAST_YEAR; date.setUTCDate(date.getUTCDate() + 1)) {
      if (!years.has(date.getUTCFullYear()) || !months.has(date.getUTCMonth() + 1)) continue;
      if (!isDay(date)) continue;
      for (const h of hours) {
        for (const m of minutes) {
          const time = date.getTime() + (h * 60 + m) * 60_000;
          if (time >= start.getTime()) return time;
        }
      }
    }
    return undefined;
  };
}

/** The values of one field, in order. */
function values(
  text: string,
  low: number,
  high: number,
  names: readonly string[],
  fault: Error,
): ReadonlySet<number> {
  const number = (word: string): number => {
    const named = names.indexOf(word.toUpperCase());
    const value = named >= 0 ? named + low : /^\d+$/.test(word) ? Number(word) : Number.NaN;
    if (!(value >= low && value <= high)) throw fault;
    return value;
  };
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const [range = "", steps] = part.split("/");
    const step = steps === undefined ? 1 : Number(steps);
    if (!Number.isInteger(step) || step < 1) throw fault;
    const [from = "", to] = range.split("-");
    const first = range === "*" ? low : number(from);
    const open = range === "*" || (to === undefined && steps !== undefined);
    const last = open ? high : to === undefined ? first : number(to);
    for (let value = first; value <= last; value += step) found.add(value);
  }
  return new Set([...found].toSorted((a, b) => a - b));
}

function lastDayOf(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}

/** Day of the month: values, `L` (the last), `15W` (the weekday nearest to it). */
function dayTest(text: string, fault: Error): (date: Date) => boolean {
  if (text === "L") return (date) => date.getUTCDate() === lastDayOf(date);
  const near = /^(\d+)W$/.exec(text);
  if (near !== null) return (date) => date.getUTCDate() === nearestWeekday(date, Number(near[1]));
  const days = values(text, 1, 31, [], fault);
  return (date) => days.has(date.getUTCDate());
}

function nearestWeekday(date: Date, wanted: number): number {
  const last = lastDayOf(date);
  const day = Math.min(wanted, last);
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)).getUTCDay();
  if (weekday === 6) return day > 1 ? day - 1 : day + 2;
  if (weekday === 0) return day < last ? day + 1 : day - 2;
  return day;
}

/** Day of the week: values from 1 (Sunday), `3#2` (the second Tuesday), `6L` (the last Friday). */
function weekdayTest(text: string, fault: Error): (date: Date) => boolean {
  const nth = /^(\d)#([1-5])$/.exec(text);
  if (nth !== null) {
    return (date) =>
      date.getUTCDay() + 1 === Number(nth[1]) &&
      Math.ceil(date.getUTCDate() / 7) === Number(nth[2]);
  }
  const last = /^([1-7])L$/.exec(text);
  if (last !== null) {
    return (date) =>
      date.getUTCDay() + 1 === Number(last[1]) && date.getUTCDate() + 7 > lastDayOf(date);
  }
  const days = values(text === "L" ? "7" : text, 1, 7, DAYS, fault);
  return (date) => days.has(date.getUTCDay() + 1);
}
