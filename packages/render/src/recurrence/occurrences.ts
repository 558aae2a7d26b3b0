import { daysInMonth, floorDiv, floorMod, fromOrdinal, toOrdinal } from "../datetime/calendar.ts";
import { PyDate } from "../datetime/date.ts";
import { PyDateTime } from "../datetime/datetime.ts";
import { PyTime } from "../datetime/time.ts";
import { valueError } from "../values/error.ts";
import { spendSearch } from "../values/limits.ts";
import {
  DAILY,
  gcd,
  HOURLY,
  MINUTELY,
  MONTHLY,
  type Rule,
  SECONDLY,
  WEEKLY,
  YEARLY,
} from "./rule.ts";
import { YearDays } from "./year-days.ts";

/** Steps of the budget that one made datetime costs. */
const MADE = 40;
const WHAT = "a recurrence rule";

/** The datetimes of a rule in order. */
export function* occurrences(rule: Rule): Generator<PyDateTime> {
  const { count, start, until } = rule;
  let left = count ?? Infinity;
  for (const found of candidates(rule)) {
    spendSearch(MADE, WHAT);
    if (until !== undefined && (found.compare(until) ?? 0) > 0) return;
    if ((found.compare(start) ?? 0) < 0) continue;
    if (--left < 0) return;
    yield found;
  }
}

/** All datetimes that the periods give, those before the start too. */
function* candidates(rule: Rule): Generator<PyDateTime> {
  for (const { days, first, times } of periods(rule)) {
    if (times.length === 0) continue;
    const at = (day: number, time: PyTime): PyDateTime =>
      new PyDateTime(PyDate.fromOrdinal(first + day), time, rule.start.zone);
    if (rule.positions === undefined) {
      for (const day of days) for (const time of times) yield at(day, time);
      continue;
    }
    const found = new Map<number, PyDateTime>();
    for (const position of rule.positions) {
      const place = position < 0 ? position : position - 1;
      const day = days.at(floorDiv(place, times.length));
      const time = times[floorMod(place, times.length)];
      if (day === undefined || time === undefined) continue;
      found.set(day * 86_400 + time.secondOfDay, at(day, time));
    }
    for (const [, value] of [...found].sort(([a], [b]) => a - b)) yield value;
  }
}

/** One period: its days that are allowed, and the times on each of them. */
interface Period {
  readonly days: readonly number[];
  /** Ordinal of day 0. */
  readonly first: number;
  readonly times: readonly PyTime[];
}

function* periods(rule: Rule): Generator<Period> {
  const clock = new Clock(rule);
  let days = new YearDays(rule, clock.year, clock.month);
  while (true) {
    if (
      days.year !== clock.year ||
      (rule.frequency === MONTHLY && rule.nthWeekdays !== undefined)
    ) {
      days = new YearDays(rule, clock.year, clock.month);
    }
    const [from, to] = daysOf(rule, clock, days);
    const allowed: number[] = [];
    for (let day = from; day < to; day++) if (days.allows(day)) allowed.push(day);
    spendSearch(5 + to - from, WHAT);
    yield { days: allowed, first: days.first, times: clock.times() };
    if (!clock.advance(allowed.length < to - from)) return;
  }
}

/** First day and day after the last of the period that the clock shows. */
function daysOf(rule: Rule, clock: Clock, days: YearDays): [from: number, to: number] {
  if (rule.frequency === YEARLY) return [0, days.length];
  if (rule.frequency === MONTHLY) return days.monthRange(clock.month);
  const day = toOrdinal(clock.year, clock.month, clock.day) - days.first;
  if (rule.frequency > WEEKLY) return [day, day + 1];
  let to = day + 1;
  while (to < day + 7 && days.weekdayOf(to) !== rule.weekStart) to++;
  return [day, to];
}

/** The moving hand of a rule. */
class Clock {
  year: number;
  month: number;
  day: number;
  #hour: number;
  #minute: number;
  #second: number;
  #weekday: number;
  /** Whether hour, minute and second are among those that the rule wants. */
  #fits: boolean;
  readonly #rule: Rule;
  readonly #dayTimes: readonly PyTime[];

  constructor(rule: Rule) {
    const { start, frequency } = rule;
    this.#rule = rule;
    this.year = start.year;
    this.month = start.month;
    this.day = start.day;
    this.#hour = start.hour;
    this.#minute = start.minute;
    this.#second = start.second;
    this.#weekday = start.weekday;
    this.#dayTimes = frequency < HOURLY ? this.#all(rule.hours ?? []) : [];
    this.#fits =
      has(rule.hours, this.#hour) &&
      (frequency < MINUTELY || has(rule.minutes, this.#minute)) &&
      (frequency < SECONDLY || has(rule.seconds, this.#second));
  }

  #all(
    hours: readonly number[],
    minutes = this.#rule.minutes,
    seconds = this.#rule.seconds,
  ): PyTime[] {
    const times: PyTime[] = [];
    for (const hour of hours) {
      for (const minute of minutes ?? []) {
        for (const second of seconds ?? []) times.push(new PyTime(hour, minute, second, 0));
      }
    }
    return times;
  }

  times(): readonly PyTime[] {
    const { frequency } = this.#rule;
    if (frequency < HOURLY) return this.#dayTimes;
    if (!this.#fits) return [];
    if (frequency === HOURLY) return this.#all([this.#hour]);
    if (frequency === MINUTELY) return this.#all([this.#hour], [this.#minute]);
    return this.#all([this.#hour], [this.#minute], [this.#second]);
  }

  /** Moves on by one period; false after the last year. A day that is not allowed is left at once. */
  advance(leaveDay: boolean): boolean {
    const { frequency, interval } = this.#rule;
    switch (frequency) {
      case YEARLY:
        this.year += interval;
        return this.year <= 9999;
      case MONTHLY:
        return this.#moveMonths(interval);
      case WEEKLY: {
        const { weekStart } = this.#rule;
        this.day += interval * 7 - floorMod(this.#weekday - weekStart, 7);
        this.#weekday = weekStart;
        break;
      }
      case DAILY:
        this.day += interval;
        break;
      default:
        this.#moveTime(leaveDay);
        this.#fits = true;
    }
    return this.#carryDays();
  }

  #moveMonths(by: number): boolean {
    const months = this.month - 1 + by;
    this.year += floorDiv(months, 12);
    this.month = floorMod(months, 12) + 1;
    return this.year <= 9999;
  }

  /** A day beyond the end of its month belongs to a later one. */
  #carryDays(): boolean {
    if (this.day <= 28) return true;
    while (this.day > daysInMonth(this.year, this.month)) {
      const ordinal = toOrdinal(this.year, this.month, 1) + this.day - 1;
      const date = fromOrdinal(ordinal);
      if (date.year > 9999) return false;
      this.year = date.year;
      this.month = date.month;
      this.day = date.day;
    }
    return true;
  }

  #moveTime(leaveDay: boolean): void {
    const { frequency, interval, hours, minutes, seconds } = this.#rule;
    const base = frequency === HOURLY ? 24 : frequency === MINUTELY ? 1440 : 86_400;
    let at = this.#hour;
    if (frequency >= MINUTELY) at = at * 60 + this.#minute;
    if (frequency >= SECONDLY) at = at * 60 + this.#second;
    // The last step that is still within the day.
    if (leaveDay) at += floorDiv(base - 1 - at, interval) * interval;
    for (let turn = base / gcd(interval, base); turn > 0; turn--) {
      spendSearch(1, WHAT);
      at += interval;
      const inDay = floorMod(at, base);
      const second = frequency === SECONDLY ? inDay % 60 : this.#second;
      const ofHours = frequency === SECONDLY ? floorDiv(inDay, 60) : inDay;
      const minute = frequency === HOURLY ? this.#minute : ofHours % 60;
      const hour = frequency === HOURLY ? inDay : floorDiv(ofHours, 60);
      if (
        !has(hours, hour) ||
        (frequency >= MINUTELY && !has(minutes, minute)) ||
        (frequency >= SECONDLY && !has(seconds, second))
      ) {
        continue;
      }
      this.day += floorDiv(at, base);
      this.#hour = hour;
      this.#minute = minute;
      this.#second = second;
      return;
    }
    throw valueError(
      frequency === SECONDLY
        ? "Invalid combination of interval, byhour and byminute resulting in empty rule."
        : "Invalid combination of interval and byhour resulting in empty rule.",
    );
  }
}

const has = (numbers: readonly number[] | undefined, number: number): boolean =>
  numbers === undefined || numbers.length === 0 || numbers.includes(number);
