import { floorMod } from "../datetime/calendar.ts";
import { PyDate } from "../datetime/date.ts";
import { PyDateTime } from "../datetime/datetime.ts";
import { PyTime } from "../datetime/time.ts";
import { PyWeekday } from "../datetime/weekday.ts";
import { iterate } from "../values/basics.ts";
import { PyError, valueError } from "../values/error.ts";
import { bind, parseSignature } from "../values/method.ts";
import { type CallArguments, indexNumber, isInt, typeName, type Value } from "../values/value.ts";

/** Frequencies, from the longest period to the shortest. */
export const FREQUENCIES = [
  "YEARLY",
  "MONTHLY",
  "WEEKLY",
  "DAILY",
  "HOURLY",
  "MINUTELY",
  "SECONDLY",
] as const;
/** Frequencies by number. */
export const YEARLY = 0;
export const MONTHLY = 1;
export const WEEKLY = 2;
export const DAILY = 3;
export const HOURLY = 4;
export const MINUTELY = 5;
export const SECONDLY = 6;

/** The nth such weekday of a month or year. */
export interface NthWeekday {
  readonly weekday: number;
  readonly n: number;
}

/** A recurrence rule; an undefined list does not restrict. */
export interface Rule {
  readonly frequency: number;
  readonly start: PyDateTime;
  readonly interval: number;
  readonly count: number | undefined;
  readonly until: PyDateTime | undefined;
  /** Monday is 0. */
  readonly weekStart: number;
  readonly positions: readonly number[] | undefined;
  readonly months: readonly number[] | undefined;
  readonly monthDays: readonly number[];
  readonly yearDays: readonly number[] | undefined;
  /** Days after Easter Sunday. */
  readonly easterDays: readonly number[] | undefined;
  readonly weekNumbers: readonly number[] | undefined;
  readonly weekdays: readonly number[] | undefined;
  readonly nthWeekdays: readonly NthWeekday[] | undefined;
  readonly hours: readonly number[] | undefined;
  readonly minutes: readonly number[] | undefined;
  readonly seconds: readonly number[] | undefined;
  /** The `by...` arguments that were given, in order, by name; null for those that the start stands for. */
  readonly given: ReadonlyMap<string, Value>;
}

/** Names of the arguments of `rrule`. */
export const RULE_SIGNATURE = parseSignature(
  "rrule.__init__(freq, dtstart=None, interval=1, wkst=None, count=None, until=None, bysetpos=None, bymonth=None, bymonthday=None, byyearday=None, byeaster=None, byweekno=None, byweekday=None, byhour=None, byminute=None, bysecond=None, cache=False)",
);

const ascending = (numbers: Iterable<number>): number[] =>
  [...new Set(numbers)].sort((a, b) => a - b);

/** One number or many; undefined for None. */
function numbersOf(value: Value): number[] | undefined {
  if (value === null) return undefined;
  if (isInt(value) || typeof value === "boolean") return [indexNumber(value)];
  return Array.from(iterate(value), indexNumber);
}

const sortedNumbers = (value: Value): number[] | undefined => {
  const numbers = numbersOf(value);
  return numbers === undefined ? undefined : ascending(numbers);
};

function wholeSeconds(date: PyDate): PyDateTime {
  if (!(date instanceof PyDateTime)) return new PyDateTime(date, new PyTime(0, 0, 0, 0));
  const time = new PyTime(date.hour, date.minute, date.second, 0, null, date.fold);
  return new PyDateTime(date, time, date.zone, date.fold);
}

const noAttribute = (value: Value, name: string): PyError =>
  new PyError("AttributeError", `'${typeName(value)}' object has no attribute '${name}'`);

function dateArgument(value: Value): PyDate | undefined {
  if (value === null) return undefined;
  if (value instanceof PyDate) return value;
  throw noAttribute(value, "toordinal");
}

/** Reads the arguments of `rrule`; `now` is the start where none is given. */
export function readRule(
  call: CallArguments,
  now: (like: PyDateTime | undefined) => PyDateTime,
): Rule {
  const bound = bind(RULE_SIGNATURE, call);
  const named = new Map(
    RULE_SIGNATURE.parameters.map(({ name }, index) => [name, bound[index] ?? null] as const),
  );
  const get = (name: string): Value => named.get(name) ?? null;
  const frequency = indexNumber(get("freq"));
  const interval = indexNumber(get("interval"));
  const untilDate = dateArgument(get("until"));
  const until =
    untilDate === undefined || untilDate instanceof PyDateTime
      ? untilDate
      : new PyDateTime(untilDate, new PyTime(0, 0, 0, 0));
  const start = wholeSeconds(dateArgument(get("dtstart")) ?? now(until));
  if (until !== undefined && (start.zone === null) !== (until.zone === null)) {
    throw valueError("RRULE UNTIL values must be specified in UTC when DTSTART is timezone-aware");
  }
  const given = new Map<string, Value>();
  const positions = numbersOf(get("bysetpos"));
  if (positions?.some((position) => position === 0 || Math.abs(position) > 366) === true) {
    throw valueError("bysetpos must be between 1 and 366, or between -366 and -1");
  }
  const days = daySets(get, frequency, start, given);
  const times = timeSets(get, frequency, interval, start);
  for (const name of ["bysetpos", "byhour", "byminute", "bysecond"]) {
    if (get(name) !== null) given.set(name, get(name));
  }
  return {
    frequency,
    start,
    interval,
    count: get("count") === null ? undefined : indexNumber(get("count")),
    until,
    weekStart: weekStartOf(get("wkst")),
    positions: positions?.length === 0 ? undefined : positions,
    ...days,
    ...times,
    given,
  };
}

function weekStartOf(value: Value): number {
  if (value === null) return 0;
  return value instanceof PyWeekday ? value.weekday : indexNumber(value);
}

type DaySets = Pick<
  Rule,
  "months" | "monthDays" | "yearDays" | "easterDays" | "weekNumbers" | "weekdays" | "nthWeekdays"
>;

function daySets(
  get: (name: string) => Value,
  frequency: number,
  start: PyDateTime,
  given: Map<string, Value>,
): DaySets {
  const restricting = ["bymonth", "bymonthday", "byyearday", "byeaster", "byweekno", "byweekday"];
  for (const name of restricting) if (get(name) !== null) given.set(name, get(name));
  let months = sortedNumbers(get("bymonth"));
  let monthDays = sortedNumbers(get("bymonthday"));
  const yearDays = sortedNumbers(get("byyearday"));
  const easterDays = numbersOf(get("byeaster"))?.sort((a, b) => a - b);
  const weekNumbers = sortedNumbers(get("byweekno"));
  const isFree = restricting.every((name) => name === "bymonth" || get(name) === null);
  let { weekdays, nthWeekdays } = weekdaySets(get("byweekday"), frequency);
  // What is not said, the start says.
  if (isFree && frequency === YEARLY) {
    if (months === undefined) given.set("bymonth", null);
    months ??= [start.month];
  }
  if (isFree && frequency <= MONTHLY) {
    monthDays = [start.day];
    given.set("bymonthday", null);
  }
  if (isFree && frequency === WEEKLY) {
    weekdays = [start.weekday];
    nthWeekdays = undefined;
    given.set("byweekday", null);
  }
  return {
    months,
    monthDays: (monthDays ?? []).filter((day) => day !== 0),
    yearDays,
    easterDays,
    weekNumbers,
    weekdays,
    nthWeekdays,
  };
}

function weekdaySets(value: Value, frequency: number): Pick<Rule, "weekdays" | "nthWeekdays"> {
  if (value === null) return { weekdays: undefined, nthWeekdays: undefined };
  const items = isInt(value) || value instanceof PyWeekday ? [value] : [...iterate(value)];
  const weekdays: number[] = [];
  const nth: NthWeekday[] = [];
  for (const item of items) {
    if (isInt(item)) weekdays.push(indexNumber(item));
    else if (!(item instanceof PyWeekday)) {
      throw noAttribute(item, "n");
    } else if (item.n === null || item.n === 0 || frequency > MONTHLY) weekdays.push(item.weekday);
    else nth.push({ weekday: item.weekday, n: item.n });
  }
  const unique = [...new Map(nth.map((day) => [`${day.weekday} ${day.n}`, day])).values()];
  unique.sort((a, b) => a.weekday - b.weekday || a.n - b.n);
  return {
    weekdays: weekdays.length === 0 ? undefined : ascending(weekdays),
    nthWeekdays: unique.length === 0 ? undefined : unique,
  };
}

function timeSets(
  get: (name: string) => Value,
  frequency: number,
  interval: number,
  start: PyDateTime,
): Pick<Rule, "hours" | "minutes" | "seconds"> {
  const part = (name: string, own: number, at: number, base: number): number[] | undefined => {
    const numbers = sortedNumbers(get(name));
    if (numbers === undefined) return frequency < own ? [at] : undefined;
    return frequency === own ? reachable(numbers, at, interval, base) : numbers;
  };
  return {
    hours: part("byhour", HOURLY, start.hour, 24),
    minutes: part("byminute", MINUTELY, start.minute, 60),
    seconds: part("bysecond", SECONDLY, start.second, 60),
  };
}

/** Greatest common divisor. */
export function gcd(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** The numbers that steps of an interval can come to. */
function reachable(
  numbers: readonly number[],
  start: number,
  interval: number,
  base: number,
): number[] {
  const step = gcd(interval, base);
  const found = numbers.filter((number) => step === 1 || floorMod(number - start, step) === 0);
  if (found.length === 0) throw valueError("Invalid rrule byxxx generates an empty set.");
  return found;
}
