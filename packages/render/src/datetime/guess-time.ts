import { PyError } from "../values/error.ts";
import { parseDateText } from "./date-parser.ts";
import { PyDate } from "./date.ts";
import { PyDateTime } from "./datetime.ts";
import { PyTime } from "./time.ts";

/** A day, months from 1. */
export interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** A time on a clock. */
export interface GuessedTime {
  /** Milliseconds since 1970 as that clock shows it. */
  readonly wall: number;
  /** Milliseconds by which that clock is ahead of UTC; undefined where the text names no zone that is known. */
  readonly offset: number | undefined;
}

/**
 * What a date text means, as dateutil guesses it: `10/11/2024` is the 11th of October, `Thu` the next Thursday, and what
 * the text does not say is that of `today`, at midnight (T-55). Undefined where it is no date.
 */
export function guessTime(
  text: string,
  { year, month, day }: CalendarDay,
): GuessedTime | undefined {
  const usual = new PyDateTime(new PyDate(year, month, day), new PyTime(0, 0, 0, 0), null);
  try {
    const found = parseDateText(text, {
      ...{ dayFirst: false, yearFirst: false, fuzzy: false, ignoreZone: false },
      ...{ usual, thisYear: year },
    });
    const { microsecond, offset, wall } = found;
    return {
      wall: wall * 1000 + Math.floor(microsecond / 1000),
      offset: offset === undefined ? undefined : offset * 1000,
    };
  } catch (error) {
    if (error instanceof PyError) return undefined;
    throw error;
  }
}
