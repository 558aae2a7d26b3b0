import { typeError } from "../values/error.ts";
import { PyError } from "../values/error.ts";
import { PyTuple } from "../values/sequence.ts";
import {
  type BinaryOperator,
  type HashKey,
  type Order,
  PyObject,
  typeName,
  type Value,
} from "../values/value.ts";
import { intArgument, nativeMethods, textArgument } from "./arguments.ts";
import {
  checkDate,
  EPOCH_ORDINAL,
  fromOrdinal,
  isoCalendar,
  LAST_ORDINAL,
  pad,
  toOrdinal,
  weekdayOf,
} from "./calendar.ts";
import { instanceMember } from "./instance-members.ts";
import { type Moment, strftime } from "./strftime.ts";
import { PyTimedelta } from "./timedelta.ts";
import { localZone } from "./zone.ts";

const dateRange = (): PyError => new PyError("OverflowError", "date value out of range");

const ISO_CALENDAR = ["year", "week", "weekday"];

/** A calendar date. */
export class PyDate extends PyObject {
  readonly typeName: string = "datetime.date";
  /** Whether it is a datetime. */
  readonly hasTime: boolean = false;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  constructor(year: number, month: number, day: number) {
    super();
    checkDate(year, month, day);
    this.year = year;
    this.month = month;
    this.day = day;
  }
  static fromOrdinal(ordinal: number): PyDate {
    if (ordinal < 1 || ordinal > LAST_ORDINAL) throw dateRange();
    const { year, month, day } = fromOrdinal(ordinal);
    return new PyDate(year, month, day);
  }
  get ordinal(): number {
    return toOrdinal(this.year, this.month, this.day);
  }
  /** Monday is 0. */
  get weekday(): number {
    return weekdayOf(this.ordinal);
  }
  repr(): string {
    return `datetime.date(${this.year}, ${this.month}, ${this.day})`;
  }
  override str(): string {
    return `${pad(this.year, 4)}-${pad(this.month)}-${pad(this.day)}`;
  }
  override format(spec: string): string {
    return spec === "" ? this.str() : strftime(this.moment(), spec);
  }
  override dataText(): string {
    return this.str();
  }
  override equals(other: Value): boolean {
    return other instanceof PyDate && !other.hasTime && other.ordinal === this.ordinal;
  }
  override compare(other: Value): Order {
    if (!(other instanceof PyDate)) return undefined;
    // Python asks the datetime, which is the more special of the two.
    if (other.hasTime) throw typeError(`can't compare ${typeName(other)} to ${this.typeName}`);
    return this.ordinal - other.ordinal;
  }
  override hashKey(): HashKey {
    return `\0a${this.ordinal}`;
  }
  override operate(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    if (other instanceof PyTimedelta) {
      if (operator === "+") return PyDate.fromOrdinal(this.ordinal + other.days);
      if (operator === "-" && !reversed) return PyDate.fromOrdinal(this.ordinal - other.days);
    }
    const isDifference = operator === "-" && !reversed;
    if (!isDifference || !(other instanceof PyDate) || other.hasTime) return undefined;
    return new PyTimedelta(BigInt(this.ordinal - other.ordinal) * 86_400_000_000n);
  }
  /** What strftime prints. */
  moment(): Moment {
    const { year, month, day, ordinal } = this;
    const wall = (ordinal - EPOCH_ORDINAL) * 86_400;
    return {
      year,
      month,
      day,
      hour: 0,
      minute: 0,
      second: 0,
      microsecond: 0,
      offset: undefined,
      zone: "",
      dst: -1,
      epoch: () => wall - localZone.offsetAtWall(wall, 0),
    };
  }
  override getAttribute(name: string): Value | undefined {
    if (name === "year" || name === "month" || name === "day") return this[name];
    return (
      dateMethods(this, name) ??
      dateConstants.get(name)?.() ??
      (this.hasTime ? undefined : instanceMember("date", name))
    );
  }
}

/** `min`, `max` and `resolution`, by name. */
export const dateConstants: ReadonlyMap<string, () => Value> = new Map<string, () => Value>([
  ["min", () => new PyDate(1, 1, 1)],
  ["max", () => new PyDate(9999, 12, 31)],
  ["resolution", () => new PyTimedelta(86_400_000_000n)],
]);

const dateMethods = nativeMethods<PyDate>("date", "datetime.date", {
  "isoformat()": (self) => self.str(),
  "strftime(format)": (self, [format]) =>
    strftime(self.moment(), textArgument(format, "strftime", 1)),
  "__format__(format, /)": (self, [format]) => self.format(textArgument(format, "__format__", 1)),
  "weekday()": (self) => self.weekday,
  "isoweekday()": (self) => self.weekday + 1,
  "toordinal()": (self) => self.ordinal,
  "ctime()": (self) => `${strftime(self.moment(), "%a %b %e %H:%M:%S")} ${pad(self.year, 4)}`,
  "isocalendar()": (self) => {
    const { year, week, weekday } = isoCalendar(self.ordinal, self.year);
    return new PyTuple([year, week, weekday], ISO_CALENDAR, "datetime.IsoCalendarDate");
  },
  "timetuple()": (self) => timeTuple(self),
  "replace(year=?, month=?, day=?)": (self, [year, month, day]) =>
    new PyDate(
      intArgument(year, self.year),
      intArgument(month, self.month),
      intArgument(day, self.day),
    ),
});

const TIME_TUPLE = [
  "tm_year",
  "tm_mon",
  "tm_mday",
  "tm_hour",
  "tm_min",
  "tm_sec",
  "tm_wday",
  "tm_yday",
  "tm_isdst",
];

/** A `time.struct_time`; two of its members are not among its items. */
class PyTimeTuple extends PyTuple {
  override getAttribute(name: string): Value | undefined {
    return name === "tm_zone" || name === "tm_gmtoff" ? null : super.getAttribute(name);
  }
}

/** The fields of a date as `time.struct_time`. */
export function timeTuple(self: PyDate, isDst?: number): PyTuple {
  const at = self.moment();
  const ofYear = self.ordinal - toOrdinal(self.year, 1, 1) + 1;
  return new PyTimeTuple(
    [
      at.year,
      at.month,
      at.day,
      at.hour,
      at.minute,
      at.second,
      self.weekday,
      ofYear,
      isDst ?? at.dst,
    ],
    TIME_TUPLE,
    "time.struct_time",
  );
}
