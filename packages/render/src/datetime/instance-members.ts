import { PyError } from "../values/error.ts";
import type { Value } from "../values/value.ts";

/** What a clock says: milliseconds since 1970. */
export type Now = () => number;

type Lookup = (name: string) => Value | undefined;

const lookups: { date: Lookup; datetime: Lookup } = {
  date: () => undefined,
  datetime: () => undefined,
};

/** Says where dates and datetimes find the methods of their class, such as `start.fromtimestamp(0)`. */
export function setInstanceMembers(date: Lookup, datetime: Lookup): void {
  lookups.date = date;
  lookups.datetime = datetime;
}

/** A method of the class of a date or datetime. */
export const instanceMember = (kind: "date" | "datetime", name: string): Value | undefined =>
  lookups[kind](name);

let active: Now | undefined;

/** The clock of the rendering that runs: that of its `utils`. */
export const activeNow: Now = () => {
  if (active === undefined) throw new PyError("RuntimeError", "this template has no clock");
  return active();
};

/** Does work with a clock for what dates ask by themselves: `start.now()`. */
export function withClock<T>(now: Now | undefined, work: () => T): T {
  const outer = active;
  active = now ?? outer;
  try {
    return work();
  } finally {
    active = outer;
  }
}
