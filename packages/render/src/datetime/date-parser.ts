import { PyError } from "../values/error.ts";
import { intArgument } from "./arguments.ts";
import { daysInMonth } from "./calendar.ts";
import { dateTokens } from "./date-lexer.ts";
import { DateTextError } from "./date-text-error.ts";
import { halfIn, isJump, isUtc, monthIn, unitIn, weekdayIn } from "./date-words.ts";
import { PyDate } from "./date.ts";
import { PyDateTime } from "./datetime.ts";
import { nextWeekday } from "./relativedelta.ts";
import { PyTime } from "./time.ts";
import { YearMonthDay } from "./year-month-day.ts";
import { localZone, newLocalZone, offsetZone, tzutc, type Zone } from "./zone.ts";

/** Options of {@link parseDateText}, as `dateutil.parser.parse` has them. */
export interface DateTextOptions {
  readonly dayFirst: boolean;
  readonly yearFirst: boolean;
  readonly fuzzy: boolean;
  readonly ignoreZone: boolean;
  /** The zone of a name or offset, where the caller knows better; undefined where it does not. */
  readonly zoneOf?: (name: string | null, offset: number | null) => Zone | null | undefined;
  /** Supplies the parts that the text does not give. */
  readonly usual: PyDateTime;
  /** Year of today, for years of two digits. */
  readonly thisYear: number;
}

interface Found {
  weekday?: number;
  hour?: number;
  minute?: number;
  second?: number;
  microsecond?: number;
  half?: number;
  zoneName?: string | undefined;
  offset?: number | undefined;
}

const parserError = (message: string, text: string): PyError =>
  new PyError("ParserError", `${message}: ${text}`);

/** Reads a date text as dateutil guesses it (T-55). */
export const parseDateText = (text: string, options: DateTextOptions): PyDateTime =>
  parseWithRest(text, options).date;

/** Reads a date text, and tells what it skipped. */
export function parseWithRest(
  text: string,
  options: DateTextOptions,
): { date: PyDateTime; rest: readonly string[] } {
  const reader = new Reader(text, options);
  const dates = reader.read();
  if (dates === undefined) throw parserError("Unknown string format", text);
  if (!reader.foundAnything) throw parserError("String does not contain a date", text);
  try {
    return { date: reader.build(dates), rest: reader.rest() };
  } catch (error) {
    if (error instanceof PyError && error.type === "ValueError")
      throw parserError(error.message, text);
    throw error;
  }
}

interface Dates {
  readonly year?: number;
  readonly month?: number;
  readonly day?: number;
}

class Reader {
  readonly #tokens: string[];
  readonly #options: DateTextOptions;
  readonly #found: Found = {};
  readonly #ymd = new YearMonthDay();
  readonly #skipped: number[] = [];

  constructor(text: string, options: DateTextOptions) {
    this.#tokens = dateTokens(text);
    this.#options = options;
  }

  get foundAnything(): boolean {
    return this.#ymd.size > 0 || Object.values(this.#found).some((value) => value !== undefined);
  }

  read(): Dates | undefined {
    try {
      for (let at = 0; at < this.#tokens.length; at++) at = this.#token(at);
      const dates = this.#ymd.resolve(this.#options.yearFirst, this.#options.dayFirst);
      const { year } = dates;
      return year === undefined ? dates : { ...dates, year: this.#fullYear(year) };
    } catch (error) {
      if (error instanceof DateTextError) return undefined;
      throw error;
    }
  }

  #at(index: number): string {
    const token = this.#tokens[index];
    if (token === undefined) throw new DateTextError();
    return token;
  }

  #fullYear(year: number, centuryGiven = this.#ymd.centuryGiven): number {
    if (year >= 100 || centuryGiven) return year;
    const { thisYear } = this.#options;
    const full = year + Math.floor(thisYear / 100) * 100;
    if (full >= thisYear + 50) return full - 100;
    return full < thisYear - 50 ? full + 100 : full;
  }

  /** Reads the token at an index; gives the index of the last one that it used. */
  #token(at: number): number {
    const token = this.#at(at);
    const found = this.#found;
    if (/^\d/.test(token) || /^\.\d/.test(token)) return this.#number(at);
    const weekday = weekdayIn(token);
    if (weekday !== undefined) {
      found.weekday = weekday;
      return at;
    }
    const month = monthIn(token);
    if (month !== undefined) return this.#month(at, month);
    const half = halfIn(token);
    if (half !== undefined) {
      if (!this.#half(half)) this.#skipped.push(at);
      return at;
    }
    if (this.#couldBeZone(token, found.offset)) return this.#zone(at, token);
    if (found.hour !== undefined && (token === "+" || token === "-")) return this.#offset(at);
    if (!isJump(token) && !this.#options.fuzzy) throw new DateTextError();
    this.#skipped.push(at);
    return at;
  }

  /** What was skipped: neighbouring tokens together. */
  rest(): string[] {
    const parts: string[] = [];
    for (const [index, at] of this.#skipped.entries()) {
      const token = this.#tokens[at] ?? "";
      if (index > 0 && this.#skipped[index - 1] === at - 1) {
        parts.push(`${parts.pop() ?? ""}${token}`);
      } else parts.push(token);
    }
    return parts;
  }

  #month(at: number, month: number): number {
    this.#ymd.add(month, "M");
    const next = this.#tokens[at + 1];
    if (next === "-" || next === "/") {
      this.#ymd.add(this.#at(at + 2));
      if (this.#tokens[at + 3] !== next) return at + 2;
      this.#ymd.add(this.#at(at + 4));
      return at + 4;
    }
    const isOf =
      next === " " && this.#tokens[at + 3] === " " && this.#tokens[at + 2]?.toLowerCase() === "of";
    if (!isOf || at + 4 >= this.#tokens.length) return at;
    const year = this.#at(at + 4);
    if (/^\d+$/.test(year)) this.#ymd.add(String(this.#fullYear(Number(year), false)), "Y");
    return at + 4;
  }

  /** Takes `am` or `pm`; false where it means nothing here. */
  #half(half: number): boolean {
    const { hour, half: known } = this.#found;
    const { fuzzy } = this.#options;
    if (fuzzy && known !== undefined) return false;
    if (hour === undefined || hour < 0 || hour > 12) {
      if (fuzzy) return false;
      throw new DateTextError();
    }
    this.#found.hour = withHalf(hour, half);
    this.#found.half = half;
    return true;
  }

  #couldBeZone(token: string, offset: number | undefined): boolean {
    return (
      this.#found.hour !== undefined &&
      this.#found.zoneName === undefined &&
      offset === undefined &&
      token.length <= 5 &&
      (/^[A-Z]+$/.test(token) || ["UTC", "GMT", "Z", "z"].includes(token))
    );
  }

  #zone(at: number, token: string): number {
    const found = this.#found;
    found.zoneName = token;
    found.offset = isUtc(token) ? 0 : undefined;
    const sign = this.#tokens[at + 1];
    if (sign !== "+" && sign !== "-") return at;
    // "UTC+3" is read by people as three hours east.
    this.#tokens[at + 1] = sign === "+" ? "-" : "+";
    found.offset = undefined;
    if (isUtc(token)) found.zoneName = undefined;
    return at;
  }

  #offset(at: number): number {
    const sign = this.#at(at) === "+" ? 1 : -1;
    const digits = this.#at(at + 1);
    let last = at + 1;
    let hours: number;
    let minutes = 0;
    if (digits.length === 4) {
      hours = wholeNumber(digits.slice(0, 2));
      minutes = wholeNumber(digits.slice(2));
    } else if (this.#tokens[at + 2] === ":") {
      hours = wholeNumber(digits);
      minutes = wholeNumber(this.#at(at + 3));
      last = at + 3;
    } else if (digits.length <= 2) hours = wholeNumber(digits);
    else throw new DateTextError();
    this.#found.offset = sign * (hours * 3600 + minutes * 60);
    const name = this.#tokens[last + 3];
    const isNamed =
      name !== undefined &&
      isJump(this.#tokens[last + 1] ?? "") &&
      this.#tokens[last + 2] === "(" &&
      this.#tokens[last + 4] === ")" &&
      name.length >= 3 &&
      this.#couldBeZone(name, undefined);
    if (!isNamed) return last;
    this.#found.zoneName = name;
    return last + 4;
  }

  #number(at: number): number {
    const token = this.#at(at);
    const found = this.#found;
    const next = this.#tokens[at + 1];
    const size = token.length;
    if (
      this.#ymd.size === 3 &&
      (size === 2 || size === 4) &&
      found.hour === undefined &&
      (next === undefined || (next !== ":" && unitIn(next) === undefined))
    ) {
      found.hour = wholeNumber(token.slice(0, 2));
      if (size === 4) found.minute = wholeNumber(token.slice(2));
      return at;
    }
    if (size === 6 || (size > 6 && token.indexOf(".") === 6)) {
      if (this.#ymd.size === 0 && !token.includes(".")) {
        this.#ymd.add(token.slice(0, 2));
        this.#ymd.add(token.slice(2, 4));
        this.#ymd.add(token.slice(4));
      } else {
        found.hour = wholeNumber(token.slice(0, 2));
        found.minute = wholeNumber(token.slice(2, 4));
        this.#seconds(token.slice(4));
      }
      return at;
    }
    if (size === 8 || size === 12 || size === 14) {
      this.#ymd.add(token.slice(0, 4), "Y");
      this.#ymd.add(token.slice(4, 6));
      this.#ymd.add(token.slice(6, 8));
      if (size > 8) {
        found.hour = wholeNumber(token.slice(8, 10));
        found.minute = wholeNumber(token.slice(10, 12));
        if (size > 12) found.second = wholeNumber(token.slice(12));
      }
      return at;
    }
    const unitAt = this.#unitAt(at);
    if (unitAt !== undefined) {
      const unit = unitIn(this.#at(unitAt)) ?? 0;
      this.#unit(token, unitAt > at ? unit : unit + 1);
      return Math.max(unitAt, at);
    }
    if (next === ":" && this.#tokens[at + 2] !== undefined) return this.#clock(at);
    if (next === "-" || next === "/" || next === ".") return this.#separated(at, next);
    if (next === undefined || isJump(next)) {
      const half = halfIn(this.#tokens[at + 2]);
      if (half !== undefined) {
        found.hour = withHalf(Math.trunc(Number(token)), half);
        return at + 2;
      }
      this.#ymd.add(Number(token));
      return at + 1;
    }
    const half = halfIn(next);
    if (half !== undefined && Number(token) >= 0 && Number(token) < 24) {
      found.hour = withHalf(Math.trunc(Number(token)), half);
      return at + 1;
    }
    if (this.#ymd.couldBeDay(Number(token))) this.#ymd.add(Number(token));
    else if (!this.#options.fuzzy) throw new DateTextError();
    return at;
  }

  #clock(at: number): number {
    const found = this.#found;
    found.hour = Math.trunc(Number(this.#at(at)));
    this.#minutes(this.#at(at + 2));
    if (this.#tokens[at + 3] !== ":" || this.#tokens[at + 4] === undefined) return at + 2;
    this.#seconds(this.#at(at + 4));
    return at + 4;
  }

  #separated(at: number, separator: string): number {
    this.#ymd.add(this.#at(at));
    const second = this.#tokens[at + 2];
    if (second === undefined || isJump(second)) return at + 1;
    if (/^\d+$/.test(second)) this.#ymd.add(second);
    else {
      const month = monthIn(second);
      if (month === undefined) throw new DateTextError();
      this.#ymd.add(month, "M");
    }
    if (this.#tokens[at + 3] !== separator) return at + 2;
    const third = this.#at(at + 4);
    const month = monthIn(third);
    if (month === undefined) this.#ymd.add(third);
    else this.#ymd.add(month, "M");
    return at + 4;
  }

  /** Where the unit (`h`, `minutes`) of a number is. */
  #unitAt(at: number): number | undefined {
    const tokens = this.#tokens;
    if (unitIn(tokens[at + 1]) !== undefined) return at + 1;
    if (tokens[at + 1] === " " && unitIn(tokens[at + 2]) !== undefined) return at + 2;
    if (at > 0 && unitIn(tokens[at - 1]) !== undefined) return at - 1;
    const isLast = at > 1 && at === tokens.length - 1 && tokens[at - 1] === " ";
    return isLast && unitIn(tokens[at - 2]) !== undefined ? at - 2 : undefined;
  }

  #unit(text: string, unit: number): void {
    const value = Number(text);
    if (unit === 0) {
      this.#found.hour = Math.trunc(value);
      if (value % 1 !== 0) this.#found.minute = Math.trunc(60 * (value % 1));
    } else if (unit === 1) this.#minutes(text);
    else if (unit === 2) this.#seconds(text);
  }

  #minutes(text: string): void {
    const value = Number(text);
    if (Number.isNaN(value)) throw new DateTextError();
    this.#found.minute = Math.trunc(value);
    if (value % 1 !== 0) this.#found.second = Math.trunc(60 * (value % 1));
  }

  #seconds(text: string): void {
    const [whole = "", fraction] = text.split(".");
    this.#found.second = wholeNumber(whole);
    this.#found.microsecond =
      fraction === undefined ? 0 : Number(fraction.padEnd(6, "0").slice(0, 6));
  }

  build(dates: Dates): PyDateTime {
    const { usual } = this.#options;
    const found = this.#found;
    const year = intArgument(dates.year, usual.year);
    const month = dates.month ?? usual.month;
    const last = month >= 1 && month <= 12 ? daysInMonth(year, month) : 31;
    const day = dates.day ?? Math.min(usual.day, last);
    const time = new PyTime(
      found.hour ?? usual.hour,
      found.minute ?? usual.minute,
      found.second ?? usual.second,
      found.microsecond ?? usual.microsecond,
    );
    let result = new PyDateTime(new PyDate(year, month, day), time, usual.zone);
    if (found.weekday !== undefined && (dates.day === undefined || dates.day === 0)) {
      const moved = nextWeekday(result, found.weekday);
      if (moved instanceof PyDateTime) result = moved;
    }
    const zone = this.#options.ignoreZone ? undefined : this.#zoneOf(result);
    if (zone === null) return new PyDateTime(result.date, result.time, null);
    return zone === undefined ? result : new PyDateTime(result.date, result.time, zone);
  }

  #zoneOf(at: PyDateTime): Zone | null | undefined {
    let { zoneName: name, offset } = this.#found;
    if ((offset === 0 && name === undefined) || name === "Z" || name === "z") {
      name = "UTC";
      offset = 0;
    } else if (offset !== 0 && name !== undefined && isUtc(name)) offset = 0;
    const known = this.#options.zoneOf?.(name ?? null, offset ?? null);
    if (known !== undefined) return known;
    if (name !== undefined && this.#isLocalName(name, at)) return newLocalZone();
    if (offset === 0) return tzutc;
    return offset === undefined ? undefined : offsetZone(name ?? null, offset);
  }

  #isLocalName(name: string, at: PyDateTime): boolean {
    const names = [0, 6].map((month) => localZone.nameAt(Date.UTC(at.year, month, 15) / 1000, 0));
    return names.includes(name) && !(isUtc(name) && localZone.nameAt(at.wall, 0) !== name);
  }
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new DateTextError();
  return Number(text);
}

function withHalf(hour: number, half: number): number {
  if (hour < 12 && half === 1) return hour + 12;
  return hour === 12 && half === 0 ? 0 : hour;
}
