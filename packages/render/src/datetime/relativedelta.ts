import { repr } from "../values/basics.ts";
import { PyError, typeError, valueError } from "../values/error.ts";
import { bind, builtinMethods, parseSignature, PyModule, PyType } from "../values/method.ts";
import { numberOf } from "../values/number-of.ts";
import { truncate } from "../values/numbers.ts";
import {
  type BinaryOperator,
  float,
  isFloat,
  PyObject,
  typeName,
  type Value,
} from "../values/value.ts";
import { daysInMonth, isLeap, weekdayOf } from "./calendar.ts";
import { PyDate } from "./date.ts";
import { PyDateTime } from "./datetime.ts";
import { PyTime } from "./time.ts";
import { PyTimedelta } from "./timedelta.ts";
import { PyWeekday, weekdayMembers } from "./weekday.ts";

const RELATIVE = [
  "years",
  "months",
  "days",
  "leapdays",
  "hours",
  "minutes",
  "seconds",
  "microseconds",
] as const;
const ABSOLUTE = [
  "year",
  "month",
  "day",
  "weekday",
  "hour",
  "minute",
  "second",
  "microsecond",
] as const;
type Relative = (typeof RELATIVE)[number];
type Absolute = Exclude<(typeof ABSOLUTE)[number], "weekday">;

/** The parts of a relativedelta. */
interface Parts {
  readonly relative: Readonly<Record<Relative, number>>;
  readonly absolute: Readonly<Partial<Record<Absolute, number>>>;
  readonly weekday: PyWeekday | undefined;
}

const NOTHING: Parts["relative"] = {
  years: 0,
  months: 0,
  days: 0,
  leapdays: 0,
  hours: 0,
  minutes: 0,
  seconds: 0,
  microseconds: 0,
};

/** dateutil's relativedelta: moves by months and years, sets parts, finds weekdays. */
class PyRelativeDelta extends PyObject {
  readonly typeName = "relativedelta";
  readonly parts: Parts;
  constructor(parts: Parts) {
    super();
    this.parts = { ...parts, relative: normalized(parts.relative) };
  }
  override get objectName(): string {
    return "dateutil.relativedelta.relativedelta";
  }
  repr(): string {
    const { relative, absolute, weekday } = this.parts;
    const texts: string[] = [];
    for (const name of RELATIVE) {
      const value = relative[name];
      if (value !== 0) texts.push(`${name}=${value > 0 ? "+" : ""}${repr(value)}`);
    }
    for (const name of ABSOLUTE) {
      if (name === "weekday") {
        if (weekday !== undefined) texts.push(`weekday=${weekday.repr()}`);
      } else if (absolute[name] !== undefined) texts.push(`${name}=${absolute[name]}`);
    }
    return `relativedelta(${texts.join(", ")})`;
  }
  override truth(): boolean {
    const { relative, absolute, weekday } = this.parts;
    return (
      Object.values(relative).some((value) => value !== 0) ||
      Object.keys(absolute).length > 0 ||
      weekday !== undefined
    );
  }
  /** dateutil negates `NotImplemented`, which is true. */
  override differs(other: Value): boolean {
    return other instanceof PyRelativeDelta && !this.equals(other);
  }
  override equals(other: Value): boolean {
    return other instanceof PyRelativeDelta && other.repr() === this.repr();
  }
  override hashKey(): string {
    return `\0r${this.repr()}`;
  }
  override negate(sign: "-" | "+"): Value {
    return sign === "+" ? this : this.scaled(-1);
  }
  override absolute(): Value {
    const relative: Record<Relative, number> = { ...this.parts.relative };
    for (const name of RELATIVE) {
      if (name !== "leapdays") relative[name] = Math.abs(relative[name]);
    }
    return new PyRelativeDelta({ ...this.parts, relative });
  }
  scaled(by: number): PyRelativeDelta {
    const relative: Record<Relative, number> = { ...NOTHING };
    for (const name of RELATIVE) {
      const value =
        name === "leapdays" ? this.parts.relative[name] : this.parts.relative[name] * by;
      relative[name] = Math.trunc(value) + 0;
    }
    return new PyRelativeDelta({ ...this.parts, relative });
  }
  override operate(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    if (other instanceof PyDate) {
      if (operator === "+") return this.addTo(other);
      if (operator === "-" && reversed) return this.scaled(-1).addTo(other);
      return undefined;
    }
    if (other instanceof PyRelativeDelta && (operator === "+" || operator === "-")) {
      // What both set, the right one sets in a sum and the left one in a difference.
      return operator === "+" ? combined(this, other) : combined(other.scaled(-1), this);
    }
    if (other instanceof PyTimedelta && operator === "+") {
      const relative = { ...this.parts.relative };
      relative.days += other.days;
      relative.seconds += other.seconds;
      relative.microseconds += other.microseconds;
      return new PyRelativeDelta({ ...this.parts, relative });
    }
    const number = numberOf(other);
    if (number === undefined) return undefined;
    if (operator === "*") return this.scaled(Number(number.value));
    if (operator === "/" && !reversed) return this.scaled(1 / Number(number.value));
    return undefined;
  }
  addTo(start: PyDate): PyDate {
    const { relative, absolute, weekday } = this.parts;
    let year = (absolute.year ?? start.year) + relative.years;
    let month = absolute.month ?? start.month;
    if (relative.months !== 0) {
      month += relative.months;
      if (month > 12) {
        year++;
        month -= 12;
      } else if (month < 1) {
        year--;
        month += 12;
      }
    }
    if (month < 1 || month > 12) {
      throw new PyError("IllegalMonthError", `bad month number ${month}; must be 1-12`);
    }
    if (year < 1 || year > 9999) throw valueError(`year ${year} is out of range`);
    const day = Math.min(daysInMonth(year, month), absolute.day ?? start.day);
    const leap = relative.leapdays !== 0 && month > 2 && isLeap(year) ? relative.leapdays : 0;
    const micros =
      microsOf(relative.days + leap, 86_400_000_000) +
      microsOf(relative.hours, 3_600_000_000) +
      microsOf(relative.minutes, 60_000_000) +
      microsOf(relative.seconds, 1_000_000) +
      microsOf(relative.microseconds, 1);
    const moved = placed(start, new PyDate(year, month, day), absolute, micros, this.#hasTime);
    return weekday === undefined ? moved : toWeekday(moved, weekday);
  }
  get #hasTime(): boolean {
    const { relative, absolute } = this.parts;
    return (
      relative.hours !== 0 ||
      relative.minutes !== 0 ||
      relative.seconds !== 0 ||
      relative.microseconds !== 0 ||
      ["hour", "minute", "second", "microsecond"].some((name) => name in absolute)
    );
  }
  override getAttribute(name: string): Value | undefined {
    const { relative, absolute, weekday } = this.parts;
    const isRelative = RELATIVE.find((known) => known === name);
    if (isRelative !== undefined) return relative[isRelative];
    if (name === "weekday") return weekday ?? null;
    if (name === "weeks") return Math.trunc(relative.days / 7);
    const isAbsolute = ABSOLUTE.find((known) => known === name);
    if (isAbsolute !== undefined && isAbsolute !== "weekday") return absolute[isAbsolute] ?? null;
    return methods(this, name);
  }
}

const methods = builtinMethods<PyRelativeDelta>("relativedelta", {
  "normalized()": (self) => {
    const relative = { ...self.parts.relative };
    // Parts of a unit go down to the next one.
    const pass = (large: Relative, small: Relative, size: number, places: number): void => {
      const whole = Math.trunc(relative[large]);
      const rest = relative[small] + size * (relative[large] - whole);
      relative[large] = whole + 0;
      relative[small] = places === 0 ? Math.round(rest) + 0 : Number(rest.toFixed(places));
    };
    pass("days", "hours", 24, 11);
    pass("hours", "minutes", 60, 10);
    pass("minutes", "seconds", 60, 8);
    pass("seconds", "microseconds", 1_000_000, 0);
    return new PyRelativeDelta({ ...self.parts, relative });
  },
});

/** Whole microseconds of a number of units. */
const microsOf = (count: number, unit: number): bigint =>
  Number.isInteger(count) ? BigInt(count) * BigInt(unit) : BigInt(Math.round(count * unit));

function placed(
  start: PyDate,
  date: PyDate,
  absolute: Parts["absolute"],
  micros: bigint,
  hasTime: boolean,
): PyDate {
  if (start instanceof PyDateTime || hasTime) {
    const from =
      start instanceof PyDateTime ? start : new PyDateTime(start, new PyTime(0, 0, 0, 0));
    const time = new PyTime(
      absolute.hour ?? from.hour,
      absolute.minute ?? from.minute,
      absolute.second ?? from.second,
      absolute.microsecond ?? from.microsecond,
    );
    const whole = new PyDateTime(date, time, from.zone, from.fold);
    return micros === 0n ? whole : whole.moved(micros);
  }
  return PyDate.fromOrdinal(date.ordinal + Number(micros / 86_400_000_000n));
}

function toWeekday(date: PyDate, weekday: PyWeekday): PyDate {
  const nth = weekday.n ?? 1;
  const now = weekdayOf(date.ordinal);
  let jump = (Math.abs(nth) - 1) * 7;
  if (nth > 0) jump += (7 - now + weekday.weekday) % 7;
  else jump = -(jump + ((now - weekday.weekday + 7) % 7));
  if (date instanceof PyDateTime) return date.moved(BigInt(jump) * 86_400_000_000n);
  return PyDate.fromOrdinal(date.ordinal + jump);
}

/** Carries what overflows a unit into the next, towards zero. */
function normalized(relative: Parts["relative"]): Parts["relative"] {
  const fixed: Record<Relative, number> = { ...relative };
  const carry = (small: Relative, size: number, large: Relative): void => {
    if (Math.abs(fixed[small]) < size) return;
    const over = Math.trunc(fixed[small] / size);
    fixed[small] = fixed[small] - over * size + 0;
    fixed[large] += over;
  };
  carry("microseconds", 1_000_000, "seconds");
  carry("seconds", 60, "minutes");
  carry("minutes", 60, "hours");
  carry("hours", 24, "days");
  carry("months", 12, "years");
  return fixed;
}

function combined(left: PyRelativeDelta, right: PyRelativeDelta): PyRelativeDelta {
  const relative: Record<Relative, number> = { ...left.parts.relative };
  for (const name of RELATIVE) {
    relative[name] =
      name === "leapdays"
        ? right.parts.relative[name] || left.parts.relative[name]
        : left.parts.relative[name] + right.parts.relative[name];
  }
  return new PyRelativeDelta({
    relative,
    absolute: { ...left.parts.absolute, ...right.parts.absolute },
    weekday: right.parts.weekday ?? left.parts.weekday,
  });
}

/** The difference of two dates in years, months, days and smaller. */
function between(first: PyDate, second: PyDate): PyRelativeDelta {
  const zeroTime = (date: PyDate): PyDateTime =>
    date instanceof PyDateTime ? date : new PyDateTime(date, new PyTime(0, 0, 0, 0));
  const left = zeroTime(first);
  const right = zeroTime(second);
  let months = (left.year - right.year) * 12 + (left.month - right.month);
  const at = (count: number): PyDate =>
    new PyRelativeDelta({
      relative: { ...NOTHING, months: (count % 12) + 0, years: Math.trunc(count / 12) + 0 },
      absolute: {},
      weekday: undefined,
    }).addTo(right);
  const step = (left.compare(right) ?? 0) < 0 ? 1 : -1;
  const passed = (date: PyDate): boolean => {
    const order = left.compare(date) ?? 0;
    return step === 1 ? order > 0 : order < 0;
  };
  let reached = at(months);
  while (passed(reached)) {
    months += step;
    reached = at(months);
  }
  const rest = left.operate("-", reached, false);
  const seconds = rest instanceof PyTimedelta ? rest.days * 86_400 + rest.seconds : 0;
  const microseconds = rest instanceof PyTimedelta ? rest.microseconds : 0;
  return new PyRelativeDelta({
    relative: {
      ...NOTHING,
      years: Math.trunc(months / 12) + 0,
      months: (months % 12) + 0,
      seconds,
      microseconds,
    },
    absolute: {},
    weekday: undefined,
  });
}

const SIGNATURE = parseSignature(
  "relativedelta.__init__(dt1=None, dt2=None, years=0, months=0, days=0, leapdays=0, weeks=0, hours=0, minutes=0, seconds=0, microseconds=0, year=None, month=None, day=None, weekday=None, yearday=None, nlyearday=None, hour=None, minute=None, second=None, microsecond=None)",
);

function whole(value: Value | undefined, name: string): number {
  const number = numberOf(value ?? 0);
  if (typeof value === "string") {
    throw valueError(`invalid literal for int() with base 10: ${repr(value)}`);
  }
  if (number === undefined) {
    throw typeError(
      `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value ?? null)}'`,
    );
  }
  if (
    number.kind === "float" &&
    (name === "years" || name === "months") &&
    !Number.isInteger(number.value)
  ) {
    throw valueError("Non-integer years and months are ambiguous and not currently supported.");
  }
  return number.kind === "float" && !isFloat(float(number.value))
    ? Number(truncate(number.value))
    : Number(number.value);
}

function make(call: Parameters<PyType["call"]>[0]): PyRelativeDelta {
  const bound = bind(SIGNATURE, call);
  const given = new Map(
    SIGNATURE.parameters.map((parameter, index) => [parameter.name, bound[index]]),
  );
  const [first = null, second = null] = bound;
  if (first !== null && second !== null) {
    if (!(first instanceof PyDate) || !(second instanceof PyDate)) {
      throw typeError("relativedelta only diffs datetime/date");
    }
    return between(first, second);
  }
  const relative: Record<Relative, number> = { ...NOTHING };
  for (const name of RELATIVE) relative[name] = whole(given.get(name), name);
  relative.days += whole(given.get("weeks"), "weeks") * 7;
  const absolute: Partial<Record<Absolute, number>> = {};
  for (const name of ABSOLUTE) {
    const value = given.get(name);
    if (name !== "weekday" && value !== null && value !== undefined)
      absolute[name] = whole(value, name);
  }
  const yearDay = given.get("nlyearday") ?? given.get("yearday") ?? null;
  if (yearDay !== null)
    setYearDay(
      whole(yearDay, "yearday"),
      given.has("yearday") && given.get("yearday") !== null,
      relative,
      absolute,
    );
  const day = given.get("weekday") ?? null;
  const weekday =
    day instanceof PyWeekday ? day : typeof day === "number" ? new PyWeekday(day, null) : undefined;
  return new PyRelativeDelta({ relative, absolute, weekday });
}

function setYearDay(
  yearDay: number,
  leapAware: boolean,
  relative: Record<Relative, number>,
  absolute: Partial<Record<Absolute, number>>,
): void {
  if (leapAware && yearDay > 59) relative.leapdays = -1;
  const ends = [31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 366];
  const index = ends.findIndex((end) => yearDay <= end);
  if (index < 0) throw valueError(`invalid year day (${yearDay})`);
  absolute.month = index + 1;
  absolute.day = index === 0 ? yearDay : yearDay - (ends[index - 1] ?? 0);
}

/** `relativedelta(...)`. */
const relativedeltaType: PyType = new PyType(
  "dateutil.relativedelta.relativedelta",
  make,
  {},
  (value) => value instanceof PyRelativeDelta,
);

/** `dateutil.relativedelta`. */
export const relativedeltaModule: PyModule = new PyModule("dateutil.relativedelta", {
  relativedelta: relativedeltaType,
  ...weekdayMembers(false),
});

/** `date + relativedelta(weekday=n)`: the next such day. */
export const nextWeekday = (date: PyDateTime, weekday: number): PyDate =>
  toWeekday(date, new PyWeekday(weekday, null));
