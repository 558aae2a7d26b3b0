import { valueError } from "../values/error.ts";
import { textRepr } from "../values/text.ts";
import { fromIsoCalendar, fromOrdinal, isoWeeks, pad } from "./calendar.ts";

/** The parts of a date. */
export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The parts of a time. */
export interface TimeParts {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  /** Seconds east of UTC; undefined where none was given. */
  readonly offset: number | undefined;
}

const DATE = /^(\d{4})(?:-(\d\d)-(\d\d)|(\d\d)(\d\d)|-?W(\d\d)(?:-?(\d))?)/;
const TIME =
  /^(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d+))?)?|(\d\d)(?:(\d\d)(?:[.,](\d+))?)?)?([^\d:.,Z+-])?(Z|[+-]\d\d(?::?\d\d(?::?\d\d(?:\.\d+)?)?)?)?$/;

/** Reads the date at the start of an ISO 8601 text, as `fromisoformat` of Python 3.11 does. */
export function readIsoDate(text: string): { date: DateParts; length: number } | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [all, year = "", month, day, month2, day2, week, weekday] = match;
  if (week !== undefined) {
    const number = Number(week);
    const day = Number(weekday ?? 1);
    if (number < 1 || number > isoWeeks(Number(year)) || day < 1 || day > 7) return undefined;
    const ordinal = fromIsoCalendar(Number(year), number, day);
    return { date: fromOrdinal(ordinal), length: all.length };
  }
  const date = {
    year: Number(year),
    month: Number(month ?? month2),
    day: Number(day ?? day2),
  };
  return { date, length: all.length };
}

/** Reads an ISO 8601 time with an optional offset. */
export function readIsoTime(text: string): TimeParts | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [, hour, minute, second, fraction, minute2, second2, fraction2, junk, zone] = match;
  // CPython looks for a sign only after whole parts, and past one character.
  if (junk !== undefined && (zone === undefined || (fraction ?? fraction2) !== undefined)) {
    return undefined;
  }
  const digits = (fraction ?? fraction2 ?? "").padEnd(6, "0").slice(0, 6);
  return {
    hour: Number(hour),
    minute: Number(minute ?? minute2 ?? 0),
    second: Number(second ?? second2 ?? 0),
    microsecond: Number(digits),
    offset: zone === undefined ? undefined : readOffset(zone),
  };
}

/** Seconds of `Z`, `+11:00`, `-0330`. */
export function readOffset(text: string): number {
  if (text === "Z" || text === "z") return 0;
  const digits = text.slice(1).replaceAll(":", "");
  const size =
    Number(digits.slice(0, 2)) * 3600 +
    Number(digits.slice(2, 4) || 0) * 60 +
    Number(digits.slice(4, 6) || 0);
  return text.startsWith("-") ? -size : size;
}

/** The error of `fromisoformat`. */
export const badIso = (text: string): Error =>
  valueError(`Invalid isoformat string: ${textRepr(text)}`);

/** `HH:MM:SS.ffffff`, as far as `timespec` says. */
export function isoTime(
  at: { hour: number; minute: number; second: number; microsecond: number },
  timespec: string,
): string {
  const hours = pad(at.hour);
  const minutes = `${hours}:${pad(at.minute)}`;
  const seconds = `${minutes}:${pad(at.second)}`;
  switch (timespec) {
    case "auto":
      return at.microsecond === 0 ? seconds : `${seconds}.${pad(at.microsecond, 6)}`;
    case "hours":
      return hours;
    case "minutes":
      return minutes;
    case "seconds":
      return seconds;
    case "milliseconds":
      return `${seconds}.${pad(Math.floor(at.microsecond / 1000), 3)}`;
    case "microseconds":
      return `${seconds}.${pad(at.microsecond, 6)}`;
    default:
      throw valueError("Unknown timespec value");
  }
}
