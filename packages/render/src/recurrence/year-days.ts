import { daysInMonth, fromOrdinal, isLeap, toOrdinal, weekdayOf } from "../datetime/calendar.ts";
import { floorDiv, floorMod } from "../datetime/calendar.ts";
import { easter } from "./easter.ts";
import { MONTHLY, type Rule, YEARLY } from "./rule.ts";

const yearLength = (year: number): number => (isLeap(year) ? 366 : 365);

/** The days of one year that a rule allows. Days are counted from 0; up to 7 more are of the next year. */
export class YearDays {
  readonly year: number;
  readonly length: number;
  /** Ordinal of the first day. */
  readonly first: number;
  readonly #rule: Rule;
  readonly #weekNumbers: ReadonlySet<number> | undefined;
  readonly #easter: ReadonlySet<number> | undefined;
  readonly #nth: ReadonlySet<number> | undefined;

  /** The month matters for weekdays counted within it. */
  constructor(rule: Rule, year: number, month: number) {
    this.#rule = rule;
    this.year = year;
    this.length = yearLength(year);
    this.first = toOrdinal(year, 1, 1);
    this.#weekNumbers =
      rule.weekNumbers === undefined || rule.weekNumbers.length === 0
        ? undefined
        : this.#daysOfWeeks(rule.weekNumbers, rule.weekStart);
    this.#nth = this.#nthDays(month);
    if (rule.easterDays !== undefined && rule.easterDays.length > 0) {
      const sunday = easter(year).ordinal - this.first;
      this.#easter = new Set(rule.easterDays.map((offset) => sunday + offset));
    }
  }

  weekdayOf(day: number): number {
    return weekdayOf(this.first + day);
  }

  /** Whether the rule allows a day. */
  allows(day: number): boolean {
    const rule = this.#rule;
    const { months, monthDays, weekdays, yearDays } = rule;
    const date = fromOrdinal(this.first + day);
    if (months !== undefined && months.length > 0 && !months.includes(date.month)) return false;
    if (this.#weekNumbers?.has(day) === false) return false;
    if (weekdays !== undefined && !weekdays.includes(this.weekdayOf(day))) return false;
    if (this.#nth?.has(day) === false) return false;
    if (this.#easter?.has(day) === false) return false;
    if (monthDays.length > 0) {
      const fromEnd = date.day - daysInMonth(date.year, date.month) - 1;
      if (!monthDays.includes(date.day) && !monthDays.includes(fromEnd)) return false;
    }
    if (yearDays === undefined || yearDays.length === 0) return true;
    const isNext = day >= this.length;
    const size = isNext ? yearLength(this.year + 1) : this.length;
    const ofYear = isNext ? day - this.length : day;
    return yearDays.includes(ofYear + 1) || yearDays.includes(ofYear - size);
  }

  /** First day and day after the last of a month. */
  monthRange(month: number): [from: number, to: number] {
    const from = toOrdinal(this.year, month, 1) - this.first;
    return [from, from + daysInMonth(this.year, month)];
  }

  #nthDays(month: number): Set<number> | undefined {
    const { frequency, months, nthWeekdays } = this.#rule;
    if (nthWeekdays === undefined) return undefined;
    const ranges: [number, number][] = [];
    if (frequency === MONTHLY) ranges.push(this.monthRange(month));
    else if (frequency === YEARLY && months !== undefined && months.length > 0) {
      for (const one of months) ranges.push(this.monthRange(one));
    } else if (frequency === YEARLY) ranges.push([0, this.length]);
    if (ranges.length === 0) return undefined;
    const days = new Set<number>();
    for (const [from, to] of ranges) {
      for (const { weekday, n } of nthWeekdays) {
        let day: number;
        if (n < 0) {
          day = to - 1 + (n + 1) * 7;
          day -= floorMod(this.weekdayOf(day) - weekday, 7);
        } else {
          day = from + (n - 1) * 7;
          day += floorMod(weekday - this.weekdayOf(day), 7);
        }
        if (day >= from && day < to) days.add(day);
      }
    }
    return days;
  }

  /** The days in weeks of given numbers, as dateutil counts them where years meet. */
  #daysOfWeeks(numbers: readonly number[], weekStart: number): Set<number> {
    const firstStart = floorMod(weekStart - this.weekdayOf(0), 7);
    // Week 1 holds the fourth of January.
    const joins = firstStart >= 4;
    const weekOne = joins ? 0 : firstStart;
    const days = joins
      ? this.length + floorMod(this.weekdayOf(0) - weekStart, 7)
      : this.length - weekOne;
    const weeks = floorDiv(days, 7) + floorDiv(days % 7, 4);
    const found = new Set<number>();
    const addWeek = (from: number): void => {
      let day = from;
      do found.add(day++);
      while (this.weekdayOf(day) !== weekStart && day < from + 7);
    };
    const startOf = (week: number): number =>
      week > 1 ? weekOne + (week - 1) * 7 - (joins ? 7 - firstStart : 0) : weekOne;
    for (const number of numbers) {
      const week = number < 0 ? number + weeks + 1 : number;
      if (week > 0 && week <= weeks) addWeek(startOf(week));
    }
    if (numbers.includes(1)) {
      const next = startOf(weeks + 1);
      if (next < this.length) addWeek(next);
    }
    if (weekOne > 0 && numbers.includes(this.#lastWeekBefore(numbers, weekStart, weekOne))) {
      for (let day = 0; day < weekOne; day++) found.add(day);
    }
    return found;
  }

  /** The number of the week that the first days of the year belong to. */
  #lastWeekBefore(numbers: readonly number[], weekStart: number, weekOne: number): number {
    if (numbers.includes(-1)) return -1;
    const before = this.year - 1;
    const firstWeekday = weekdayOf(toOrdinal(before, 1, 1));
    const joins = floorMod(weekStart - firstWeekday, 7) >= 4;
    const days = joins
      ? yearLength(before) + floorMod(firstWeekday - weekStart, 7)
      : this.length - weekOne;
    return 52 + floorDiv(floorMod(days, 7), 4);
  }
}
