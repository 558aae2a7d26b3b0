import { valueError } from "../values/error.ts";

/** Floor division, for times before the epoch. */
export const floorDiv = (a: number, b: number): number => Math.floor(a / b);

/** Remainder with the divisor's sign. */
export const floorMod = (a: number, b: number): number => a - b * Math.floor(a / b);

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Whether a year has 366 days. */
export const isLeap = (year: number): boolean =>
  year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Days of a month, from 1. */
export const daysInMonth = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : (DAYS[month - 1] ?? 31);

/** Days since 0000-12-31: 1 is 0001-01-01. */
export function toOrdinal(year: number, month: number, day: number): number {
  const before = year - 1;
  let days = before * 365 + floorDiv(before, 4) - floorDiv(before, 100) + floorDiv(before, 400);
  for (let past = 1; past < month; past++) days += daysInMonth(year, past);
  return days + day;
}

/** Year, month and day of an ordinal; an OverflowError outside of the years 1 to 9999. */
export function fromOrdinal(ordinal: number): { year: number; month: number; day: number } {
  let days = ordinal - 1;
  const cycles = floorDiv(days, 146_097);
  days -= cycles * 146_097;
  const centuries = Math.min(3, floorDiv(days, 36_524));
  days -= centuries * 36_524;
  const fours = floorDiv(days, 1461);
  days -= fours * 1461;
  const years = Math.min(3, floorDiv(days, 365));
  days -= years * 365;
  const year = cycles * 400 + centuries * 100 + fours * 4 + years + 1;
  let month = 1;
  while (days >= daysInMonth(year, month)) days -= daysInMonth(year, month++);
  return { year, month, day: days + 1 };
}

/** Largest ordinal: 9999-12-31. */
export const LAST_ORDINAL = 3_652_059;
/** Ordinal of 1970-01-01. */
export const EPOCH_ORDINAL = 719_163;

/** Monday is 0. */
export const weekdayOf = (ordinal: number): number => floorMod(ordinal + 6, 7);

/** Day of the year, from 1. */
export const yearDay = (year: number, month: number, day: number): number =>
  toOrdinal(year, month, day) - toOrdinal(year, 1, 1) + 1;

const isoWeek1 = (year: number): number => {
  const first = toOrdinal(year, 1, 1);
  const weekday = weekdayOf(first);
  return first - weekday + (weekday > 3 ? 7 : 0);
};

/** ISO year, week and weekday (Monday is 1). */
export function isoCalendar(
  ordinal: number,
  year: number,
): { year: number; week: number; weekday: number } {
  let isoYear = year;
  if (ordinal < isoWeek1(year)) isoYear--;
  else if (ordinal >= isoWeek1(year + 1)) isoYear++;
  return {
    year: isoYear,
    week: floorDiv(ordinal - isoWeek1(isoYear), 7) + 1,
    weekday: weekdayOf(ordinal) + 1,
  };
}

/** The ordinal of an ISO year, week and weekday. */
export const fromIsoCalendar = (year: number, week: number, weekday: number): number =>
  isoWeek1(year) + (week - 1) * 7 + weekday - 1;

/** Weeks of an ISO year. */
export const isoWeeks = (year: number): number => (isoWeek1(year + 1) - isoWeek1(year)) / 7;

/** Fails as Python's constructors do. */
export function checkDate(year: number, month: number, day: number): void {
  if (year < 1 || year > 9999) throw valueError(`year ${year} is out of range`);
  if (month < 1 || month > 12) throw valueError("month must be in 1..12");
  if (day < 1 || day > daysInMonth(year, month)) throw valueError("day is out of range for month");
}

/** Fails as Python's constructors do. */
export function checkTime(hour: number, minute: number, second: number, micro: number): void {
  if (hour < 0 || hour > 23) throw valueError("hour must be in 0..23");
  if (minute < 0 || minute > 59) throw valueError("minute must be in 0..59");
  if (second < 0 || second > 59) throw valueError("second must be in 0..59");
  if (micro < 0 || micro > 999_999) throw valueError("microsecond must be in 0..999999");
}

/** Fails as Python's constructors do. */
export function checkFold(fold: number): void {
  if (fold !== 0 && fold !== 1) throw valueError("fold must be either 0 or 1");
}

/** `two(7)` is `07`. */
export const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

/** `+11:00`, with seconds where there are some. */
export function offsetText(seconds: number, separator = ":"): string {
  const size = Math.abs(seconds);
  const parts = [pad(floorDiv(size, 3600)), pad(floorDiv(size, 60) % 60)];
  if (size % 60 !== 0) parts.push(pad(size % 60));
  return (seconds < 0 ? "-" : "+") + parts.join(separator);
}
