import type { Value } from "../values/value.ts";
import { daysInMonth, floorMod, isLeap, toOrdinal, EPOCH_ORDINAL, weekdayOf } from "./calendar.ts";
import { PyDate } from "./date.ts";
import { Zone } from "./zone.ts";

/** When summer time begins or ends: seconds since 1970 on the standard clock, by year. */
export type Change = (year: number) => number;

/** Names and offsets of a zone of rules. */
export interface ZoneRules {
  readonly standardName: string | null;
  readonly standard: number;
  /** Empty where there is no summer time. */
  readonly summerName: string | null;
  readonly summer: number;
  /** Begin and end on the clock of standard time; undefined where there is no summer time. */
  readonly begin: Change | undefined;
  readonly end: Change | undefined;
}

/** `tzstr(...)` and `tzrange(...)`: summer time by a rule, for all years. */
export class RangeZone extends Zone {
  override readonly typeName: string;
  readonly #rules: ZoneRules;
  readonly #text: string;
  constructor(typeName: "tzstr" | "tzrange", rules: ZoneRules, text: string) {
    super();
    this.typeName = typeName;
    this.#rules = rules;
    this.#text = text;
  }
  repr(): string {
    return this.#text;
  }
  override equals(other: Value): boolean {
    return other instanceof RangeZone && other.#key === this.#key;
  }
  get #key(): string {
    const { begin, end, ...rest } = this.#rules;
    return JSON.stringify([rest, begin?.(2024), end?.(2024), begin?.(2025), end?.(2025)]);
  }
  override hashKey(): string {
    return `\0z${this.#key}`;
  }
  get #shift(): number {
    return this.#rules.summer - this.#rules.standard;
  }
  /** Begin and end of the year of a wall time. */
  #changes(wall: number): { begin: number; end: number } | undefined {
    const { begin, end } = this.#rules;
    if (begin === undefined || end === undefined) return undefined;
    const { year } = PyDate.fromOrdinal(Math.floor(wall / 86_400) + EPOCH_ORDINAL);
    return { begin: begin(year), end: end(year) };
  }
  override isAmbiguous(wall: number): boolean {
    const changes = this.#changes(wall);
    return changes !== undefined && wall >= changes.end && wall < changes.end + this.#shift;
  }
  #isSummer(wall: number, fold: number): boolean {
    const changes = this.#changes(wall);
    if (changes === undefined) return false;
    const isSummer = within(wall, changes.begin, changes.end);
    return !isSummer && this.isAmbiguous(wall) ? fold === 0 : isSummer;
  }
  override offsetAtWall(wall: number, fold: number): number {
    return this.#isSummer(wall, fold) ? this.#rules.summer : this.#rules.standard;
  }
  override offsetAtUtc(utc: number): number {
    const { standard, summer } = this.#rules;
    const changes = this.#changes(utc + standard);
    if (changes === undefined) return standard;
    return within(utc, changes.begin - standard, changes.end - standard) ? summer : standard;
  }
  override nameAt(wall: number, fold: number): string | null {
    return this.#isSummer(wall, fold) ? this.#rules.summerName : this.#rules.standardName;
  }
  override dstAt(wall: number, fold: number): number {
    return this.#isSummer(wall, fold) ? this.#shift : 0;
  }
}

const within = (wall: number, begin: number, end: number): boolean =>
  begin < end ? wall >= begin && wall < end : !(wall >= end && wall < begin);

const startOf = (year: number, month: number, day: number): number =>
  (toOrdinal(year, month, day) - EPOCH_ORDINAL) * 86_400;

/** The nth such weekday (0 is Sunday) of a month, the last for 5 or -1, at a second of the day. */
const monthRule =
  (month: number, week: number, weekday: number, seconds: number): Change =>
  (year) => {
    const wanted = floorMod(weekday - 1, 7);
    let day: number;
    if (week > 0 && week < 5) {
      day = 1 + floorMod(wanted - weekdayOf(toOrdinal(year, month, 1)), 7) + (week - 1) * 7;
    } else {
      const last = daysInMonth(year, month);
      day = last - floorMod(weekdayOf(toOrdinal(year, month, last)) - wanted, 7);
    }
    return startOf(year, month, day) + seconds;
  };

/** The first Sunday of April and the last of October, which dateutil takes where a text has no rules. */
export const usualBegin: Change = monthRule(4, 1, 0, 7200);
/** See {@link usualBegin}; on the standard clock. */
export const usualEnd: Change = monthRule(10, 5, 0, 3600);

/** Day of the year from 1; 29 February counts only with `leapDays`. */
const dayRule =
  (day: number, leapDays: boolean, seconds: number): Change =>
  (year) =>
    startOf(year, 1, 1) +
    (day - 1 + (!leapDays && isLeap(year) && day > 59 ? 1 : 0)) * 86_400 +
    seconds;

const OFFSET = "([+-]?)(\\d{1,2}(?::\\d{2}(?::\\d{2})?)?|\\d{4})";
const ZONE = new RegExp(`^([A-Za-z]*)(?:${OFFSET})?(?:([A-Za-z]+)(?:${OFFSET})?)?(?:,(.+))?$`);

/** Seconds east; a plus means west, as POSIX has it. */
function readOffset(sign: string | undefined, text: string): number {
  const [hours = "0", minutes = "0", seconds = "0"] =
    text.length === 4 && !text.includes(":") ? [text.slice(0, 2), text.slice(2)] : text.split(":");
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" ? size : -size;
}

/** Reads `EST5EDT,M3.2.0,M11.1.0`; undefined for what is none. */
export function readZoneText(text: string, posix: boolean): ZoneRules | undefined {
  const match = ZONE.exec(text);
  if (match === null) return undefined;
  const [, name = "", sign, size, summerName, summerSign, summerSize, rules] = match;
  if (name === "" && (size !== undefined || summerName !== undefined)) return undefined;
  let standard = size === undefined ? 0 : readOffset(sign, size);
  // GMT+3 is meant as people read it.
  if ((name === "GMT" || name === "UTC") && !posix) standard = 0 - standard;
  if (summerName === undefined) {
    const standardName = name === "" ? null : name;
    return {
      standardName,
      standard,
      summerName: null,
      summer: standard,
      begin: undefined,
      end: undefined,
    };
  }
  const summer = summerSize === undefined ? standard + 3600 : readOffset(summerSign, summerSize);
  const shift = summer - standard;
  const [beginText, endText, ...more] = rules?.split(",") ?? [];
  if (more.length > 0) return undefined;
  const begin = beginText === undefined ? usualBegin : readRule(beginText, 0);
  const end = endText === undefined ? monthRule(10, 5, 0, 7200 - shift) : readRule(endText, shift);
  if (begin === undefined || end === undefined) return undefined;
  return { standardName: name, standard, summerName, summer, begin, end };
}

const MONTH_RULE = /^M(\d{1,2})[.-](-?\d)[.-](\d)$/;
const DAY_RULE = /^(J?)(\d{1,3})$/;

/** A change; `shift` takes the summer clock of an end to the standard one. */
function readRule(text: string, shift: number): Change | undefined {
  const [rule = "", time] = text.split("/");
  const [hours = "2", minutes = "0", seconds = "0"] = time?.split(":") ?? [];
  const at = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) - shift;
  const month = MONTH_RULE.exec(rule);
  if (month !== null) {
    const [, number, week, weekday] = month;
    return monthRule(Number(number), Number(week), Number(weekday), at);
  }
  const day = DAY_RULE.exec(rule);
  if (day === null) return undefined;
  return dayRule(Number(day[2]) + (day[1] === "J" ? 0 : 1), day[1] !== "J", at);
}
