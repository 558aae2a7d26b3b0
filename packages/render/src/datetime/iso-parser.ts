import { valueError } from "../values/error.ts";
import { textRepr } from "../values/text.ts";
import { fromIsoCalendar, fromOrdinal, isLeap, toOrdinal } from "./calendar.ts";
import { PyDate } from "./date.ts";
import { PyDateTime } from "./datetime.ts";
import { PyTime } from "./time.ts";
import { offsetZone, tzutc, type Zone } from "./zone.ts";

/** The parts of a time; the hour may be 24 at midnight. */
interface Clock {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  readonly zone: Zone | null;
}

/** `int()` of a piece of the text, which dateutil has as bytes. */
function whole(text: string): number {
  if (/^[ \t\n\r\v\f]*[+-]?\d+(?:_\d+)*[ \t\n\r\v\f]*$/.test(text))
    return Number(text.replaceAll("_", ""));
  throw valueError(`invalid literal for int() with base 10: b${textRepr(text)}`);
}

/** Reads the date at the start of a text; `at` is where it ends. */
function readDate(text: string): { year: number; month: number; day: number; at: number } {
  return commonDate(text) ?? rareDate(text);
}

/** `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, `YYYYMMDD`; undefined for other forms. */
function commonDate(
  text: string,
): { year: number; month: number; day: number; at: number } | undefined {
  if (text.length < 4) throw valueError("ISO string too short");
  const year = Number(/^\d{4}/.exec(text)?.[0] ?? Number.NaN);
  if (Number.isNaN(year)) {
    whole(text.slice(0, 4));
  }
  if (text.length <= 4) return { year, month: 1, day: 1, at: 4 };
  const hasDash = text[4] === "-";
  const monthAt = hasDash ? 5 : 4;
  const month = text.slice(monthAt, monthAt + 2);
  if (!/^\d\d$/.test(month)) return undefined;
  let at = monthAt + 2;
  if (at >= text.length) return hasDash ? { year, month: Number(month), day: 1, at } : undefined;
  if (hasDash) {
    if (text[at] !== "-") return undefined;
    at++;
  }
  const day = text.slice(at, at + 2);
  if (!/^\d\d$/.test(day)) return undefined;
  return { year, month: Number(month), day: Number(day), at: at + 2 };
}

/** Weeks and days of the year. */
function rareDate(text: string): { year: number; month: number; day: number; at: number } {
  const year = whole(text.slice(0, 4));
  const hasDash = text[4] === "-";
  let at = hasDash ? 5 : 4;
  if (text[at] === "W") {
    at++;
    const week = whole(text.slice(at, at + 2));
    at += 2;
    let day = 1;
    if (at < text.length) {
      if ((text[at] === "-") !== hasDash) throw valueError("Inconsistent use of dash separator");
      if (hasDash) at++;
      day = whole(text.slice(at, at + 1));
      at++;
    }
    if (week < 1 || week > 53) throw valueError(`Invalid week: ${week}`);
    if (day < 1 || day > 7) throw valueError(`Invalid weekday: ${day}`);
    return { ...fromOrdinal(fromIsoCalendar(year, week, day)), at };
  }
  if (text.length - at < 3) throw valueError("Invalid ordinal day");
  const day = whole(text.slice(at, at + 3));
  if (day < 1 || day > (isLeap(year) ? 366 : 365)) {
    throw valueError(`Invalid ordinal day ${day} for year ${year}`);
  }
  return { ...fromOrdinal(toOrdinal(year, 1, 1) + day - 1), at: at + 3 };
}

const FRACTION = /^[.,]([0-9]+)/;

/** Reads a time, with a zone where there is one. */
function readClock(text: string): Clock {
  if (text.length < 2) throw valueError("ISO time too short");
  const hasColons = text.length >= 3 && text[2] === ":";
  const parts = [0, 0, 0, 0];
  let zone: Zone | null = null;
  let at = 0;
  let part = -1;
  while (at < text.length && part < 5) {
    part++;
    if ("-+Zz".includes(text[at] ?? " ")) {
      zone = readZone(text.slice(at));
      at = text.length;
      break;
    }
    if (part === 1 && text[at] === ":") at++;
    else if (part === 2 && hasColons) {
      if (text[at] !== ":") throw valueError("Inconsistent use of colon separator");
      at++;
    }
    if (part < 3) {
      parts[part] = whole(text.slice(at, at + 2));
      at += 2;
    }
    if (part === 3) {
      const match = FRACTION.exec(text.slice(at));
      if (match === null) continue;
      const [all, digits = ""] = match;
      parts[3] = Number(digits.slice(0, 6).padEnd(6, "0"));
      at += all.length;
    }
  }
  if (at < text.length) throw valueError("Unused components in ISO string");
  const [hour = 0, minute = 0, second = 0, microsecond = 0] = parts;
  if (hour === 24 && minute + second + microsecond > 0) {
    throw valueError("Hour may only be 24 at 24:00:00.000");
  }
  return { hour, minute, second, microsecond, zone };
}

/** `Z`, `+11`, `+1100`, `+11:00`. */
function readZone(text: string): Zone {
  if (text === "Z" || text === "z") return tzutc;
  if (![3, 5, 6].includes(text.length)) {
    throw valueError("Time zone offset must be 1, 3, 5 or 6 characters");
  }
  const sign = text[0] === "-" ? -1 : text[0] === "+" ? 1 : undefined;
  if (sign === undefined) throw valueError("Time zone offset requires sign");
  const hours = whole(text.slice(1, 3));
  const minutes = text.length === 3 ? 0 : whole(text.slice(text[3] === ":" ? 4 : 3));
  if (hours === 0 && minutes === 0) return tzutc;
  if (minutes > 59) throw valueError("Invalid minutes in time zone offset");
  if (hours > 23) throw valueError("Invalid hours in time zone offset");
  return offsetZone(null, sign * (hours * 3600 + minutes * 60));
}

/** `isoparse`: date, or date and time with any one character between them, or that of `separator`. */
export function isoParse(text: string, separator?: string): PyDateTime {
  const { at, year, month, day } = readDate(text);
  let clock: Clock = { hour: 0, minute: 0, second: 0, microsecond: 0, zone: null };
  if (text.length > at) {
    if (separator !== undefined && text[at] !== separator) {
      throw valueError("String contains unknown ISO components");
    }
    clock = readClock(text.slice(at + 1));
  }
  const isMidnight = clock.hour === 24;
  const date = new PyDate(year, month, day);
  const time = new PyTime(
    isMidnight ? 0 : clock.hour,
    clock.minute,
    clock.second,
    clock.microsecond,
  );
  const found = new PyDateTime(date, time, clock.zone);
  return isMidnight ? found.moved(86_400_000_000n) : found;
}

/** `isoparser().parse_isodate`. */
export function isoParseDate(text: string): PyDate {
  const { at, year, month, day } = readDate(text);
  if (at < text.length) {
    throw valueError(`String contains unknown ISO components: ${textRepr(text)}`);
  }
  return new PyDate(year, month, day);
}

/** `isoparser().parse_isotime`. */
export function isoParseTime(text: string): PyTime {
  const { hour, minute, second, microsecond, zone } = readClock(text);
  return new PyTime(hour === 24 ? 0 : hour, minute, second, microsecond, zone);
}

/** `isoparser().parse_tzstr`. */
export const isoParseZone = (text: string): Zone => readZone(text);
