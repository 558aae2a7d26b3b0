import { daysInMonth } from "./calendar.ts";
import { DateTextError } from "./date-text-error.ts";

type Label = "Y" | "M" | "D";

/** The numbers of a date text, and which of them are known to be year, month or day. */
export class YearMonthDay {
  readonly values: number[] = [];
  centuryGiven = false;
  readonly #labels = new Map<Label, number>();

  get size(): number {
    return this.values.length;
  }

  couldBeDay(value: number): boolean {
    const month = this.#labels.get("M");
    const year = this.#labels.get("Y");
    if (this.#labels.has("D") || !Number.isInteger(value)) {
      return !this.#labels.has("D") && value >= 1 && value <= 31;
    }
    if (month === undefined) return value >= 1 && value <= 31;
    const inYear = year === undefined ? 2000 : (this.values[year] ?? 2000);
    return value >= 1 && value <= daysInMonth(inYear, this.values[month] ?? 1);
  }

  /** Adds a number; a text of more than two digits, or one above 100, is a year. */
  add(value: number | string, given?: Label): void {
    let label = given;
    const isYear = typeof value === "string" ? /^\d{3,}$/.test(value) : value > 100;
    if (isYear) {
      this.centuryGiven = true;
      if (label !== undefined && label !== "Y") throw new DateTextError();
      label = "Y";
    }
    if (typeof value === "string" && !/^\s*[+-]?\d+\s*$/.test(value)) throw new DateTextError();
    this.values.push(Math.trunc(Number(value)));
    if (label === undefined) return;
    if (this.#labels.has(label)) throw new DateTextError();
    this.#labels.set(label, this.values.length - 1);
  }

  resolve(yearFirst: boolean, dayFirst: boolean): { year?: number; month?: number; day?: number } {
    const labels = new Map(this.#labels);
    const count = this.values.length;
    if (count === 3 && labels.size === 2) {
      const missing = (["Y", "M", "D"] as const).find((label) => !labels.has(label));
      const free = [0, 1, 2].find((index) => ![...labels.values()].includes(index));
      if (missing !== undefined && free !== undefined) labels.set(missing, free);
    }
    if (count > 0 && count === labels.size) {
      const at = (label: Label): number | undefined => {
        const index = labels.get(label);
        return index === undefined ? undefined : this.values[index];
      };
      return named(at("Y"), at("M"), at("D"));
    }
    if (count > 3) throw new DateTextError();
    const month = this.#labels.get("M");
    if (count === 0) return {};
    if (count === 1 || (month !== undefined && count === 2)) return this.#one(month);
    return count === 2 ? this.#two(dayFirst) : this.#three(month, yearFirst, dayFirst);
  }

  #one(month: number | undefined): { year?: number; month?: number; day?: number } {
    const named = month === undefined ? {} : { month: this.values[month] ?? 1 };
    if (month !== undefined && this.values.length === 1) return named;
    const other = this.values[month === undefined ? 0 : 1 - month] ?? 1;
    return other > 31 ? { ...named, year: other } : { ...named, day: other };
  }

  #two(dayFirst: boolean): { year?: number; month?: number; day?: number } {
    const [a = 0, b = 0] = this.values;
    if (a > 31) return { year: a, month: b };
    if (b > 31) return { month: a, year: b };
    return dayFirst && b <= 12 ? { day: a, month: b } : { month: a, day: b };
  }

  #three(
    monthAt: number | undefined,
    yearFirst: boolean,
    dayFirst: boolean,
  ): { year?: number; month?: number; day?: number } {
    const [a = 0, b = 0, c = 0] = this.values;
    if (monthAt === 0) return b > 31 ? named(b, a, c) : named(c, a, b);
    if (monthAt === 1) return a > 31 || (yearFirst && c <= 31) ? named(a, b, c) : named(c, b, a);
    if (monthAt === 2) return b > 31 ? named(b, c, a) : named(a, c, b);
    if (a > 31 || this.#labels.get("Y") === 0 || (yearFirst && b <= 12 && c <= 31)) {
      return dayFirst && c <= 12 ? named(a, c, b) : named(a, b, c);
    }
    return a > 12 || (dayFirst && b <= 12) ? named(c, b, a) : named(c, a, b);
  }
}

const named = (
  year: number | undefined,
  month: number | undefined,
  day: number | undefined,
): { year?: number; month?: number; day?: number } => ({
  ...(year === undefined ? {} : { year }),
  ...(month === undefined ? {} : { month }),
  ...(day === undefined ? {} : { day }),
});
