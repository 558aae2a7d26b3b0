import { str } from "../values/basics.ts";
import { PyError, typeError } from "../values/error.ts";
import { bind, builtinMethods, parseSignature, PyType } from "../values/method.ts";
import { PyTuple } from "../values/sequence.ts";
import {
  type BinaryOperator,
  float,
  type HashKey,
  indexNumber,
  type Order,
  PyObject,
  typeName,
  type Value,
} from "../values/value.ts";
import {
  checkDate,
  EPOCH_ORDINAL,
  floorDiv,
  floorMod,
  fromIsoCalendar,
  fromOrdinal,
  isoCalendar,
  LAST_ORDINAL,
  pad,
  toOrdinal,
  weekdayOf,
} from "./calendar.ts";
import { badIso, fits, isoTime, readIsoDate, readIsoTime } from "./iso.ts";
import { type Moment, strftime } from "./strftime.ts";
import { strptime } from "./strptime.ts";
import { PyTime } from "./time.ts";
import { PyTimedelta } from "./timedelta.ts";
import { localZone, plainZone, sameZone, utc, Zone } from "./zone.ts";

const dateRange = (): PyError => new PyError("OverflowError", "date value out of range");

/** A calendar date. */
export class PyDate extends PyObject {
  readonly typeName: string = "datetime.date";
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
    return (
      other instanceof PyDate && !(other instanceof PyDateTime) && other.ordinal === this.ordinal
    );
  }
  override compare(other: Value): Order {
    if (other instanceof PyDateTime) throw cannotCompare(this, other);
    return other instanceof PyDate ? this.ordinal - other.ordinal : undefined;
  }
  override hashKey(): HashKey {
    return `\0a${this.ordinal}`;
  }
  override operate(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    if (other instanceof PyTimedelta) {
      if (operator === "+") return PyDate.fromOrdinal(this.ordinal + other.days);
      if (operator === "-" && !reversed) {
        return PyDate.fromOrdinal(this.ordinal + new PyTimedelta(-other.total).days);
      }
    }
    if (
      operator === "-" &&
      !reversed &&
      other instanceof PyDate &&
      !(other instanceof PyDateTime)
    ) {
      return new PyTimedelta(BigInt(this.ordinal - other.ordinal) * 86_400_000_000n);
    }
    return undefined;
  }
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
      epoch: () => wall - localZone.offsetAtWall(wall, 0),
    };
  }
  override getAttribute(name: string): Value | undefined {
    if (name === "year" || name === "month" || name === "day") return this[name];
    return dateMethods(this, name) ?? dateType.getAttribute(name);
  }
}

const cannotCompare = (left: Value, right: Value): PyError =>
  typeError(`can't compare ${typeName(left)} to ${typeName(right)}`);

/** A date with a time, naive or with a zone. */
export class PyDateTime extends PyDate {
  override readonly typeName: string = "datetime.datetime";
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  readonly zone: Zone | null;
  readonly fold: number;
  constructor(date: PyDate, time: PyTime, zone: Zone | null = time.zone, fold = time.fold) {
    super(date.year, date.month, date.day);
    this.hour = time.hour;
    this.minute = time.minute;
    this.second = time.second;
    this.microsecond = time.microsecond;
    this.zone = zone;
    this.fold = fold;
  }
  /** From seconds since 1970 on the zone's clock. */
  static fromWall(wall: number, microsecond: number, zone: Zone | null, fold = 0): PyDateTime {
    const days = floorDiv(wall, 86_400);
    const rest = floorMod(wall, 86_400);
    const time = new PyTime(floorDiv(rest, 3600), floorDiv(rest, 60) % 60, rest % 60, microsecond);
    return new PyDateTime(PyDate.fromOrdinal(days + EPOCH_ORDINAL), time, zone, fold);
  }
  /** From seconds since 1970 in UTC. */
  static fromUtc(seconds: number, microsecond: number, zone: Zone): PyDateTime {
    const wall = seconds + zone.offsetAtUtc(seconds);
    const fold = zone.offsetAtWall(wall, 0) === wall - seconds ? 0 : 1;
    return PyDateTime.fromWall(wall, microsecond, zone, fold);
  }
  /** Seconds since 1970 on its own clock. */
  get wall(): number {
    return (
      (this.ordinal - EPOCH_ORDINAL) * 86_400 + this.hour * 3600 + this.minute * 60 + this.second
    );
  }
  get offset(): number | undefined {
    return this.zone === null ? undefined : this.zone.offsetAtWall(this.wall, this.fold);
  }
  /** Seconds since 1970 in UTC; a naive time counts as local. */
  get utc(): number {
    return this.wall - (this.offset ?? localZone.offsetAtWall(this.wall, this.fold));
  }
  get time(): PyTime {
    return new PyTime(this.hour, this.minute, this.second, this.microsecond, null, this.fold);
  }
  get date(): PyDate {
    return new PyDate(this.year, this.month, this.day);
  }
  override repr(): string {
    const parts: (number | string)[] = [this.year, this.month, this.day, this.hour, this.minute];
    if (this.second !== 0 || this.microsecond !== 0) parts.push(this.second);
    if (this.microsecond !== 0) parts.push(this.microsecond);
    if (this.fold !== 0) parts.push("fold=1");
    if (this.zone !== null) parts.push(`tzinfo=${this.zone.repr()}`);
    return `datetime.datetime(${parts.join(", ")})`;
  }
  iso(separator = "T", timespec = "auto"): string {
    const time = new PyTime(this.hour, this.minute, this.second, this.microsecond);
    const offset = this.offset;
    const suffix = offset === undefined ? "" : time.offsetSuffix(offset);
    return super.str() + separator + isoTime(this, timespec) + suffix;
  }
  override str(): string {
    return this.iso(" ");
  }
  override dataText(): string {
    return this.iso();
  }
  override equals(other: Value): boolean {
    if (!(other instanceof PyDateTime) || (this.zone === null) !== (other.zone === null))
      return false;
    return this.compare(other) === 0;
  }
  override compare(other: Value): Order {
    if (!(other instanceof PyDateTime)) {
      if (other instanceof PyDate) throw cannotCompare(this, other);
      return undefined;
    }
    if ((this.zone === null) !== (other.zone === null)) {
      throw typeError("can't compare offset-naive and offset-aware datetimes");
    }
    const seconds = sameZone(this.zone, other.zone) ? this.wall - other.wall : this.utc - other.utc;
    return seconds === 0 ? this.microsecond - other.microsecond : seconds;
  }
  override hashKey(): HashKey {
    const seconds = this.zone === null ? `n${this.wall}` : `u${this.utc}`;
    return `\0t${seconds}.${this.microsecond}`;
  }
  /** Moved by microseconds on its own clock (T-36). */
  moved(by: bigint): PyDateTime {
    const total = BigInt(this.wall) * 1_000_000n + BigInt(this.microsecond) + by;
    let seconds = total / 1_000_000n;
    let micros = total % 1_000_000n;
    if (micros < 0n) {
      micros += 1_000_000n;
      seconds -= 1n;
    }
    return PyDateTime.fromWall(Number(seconds), Number(micros), this.zone);
  }
  override operate(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    if (other instanceof PyTimedelta) {
      if (operator === "+") return this.moved(other.total);
      if (operator === "-" && !reversed) return this.moved(-other.total);
    }
    if (operator === "-" && !reversed && other instanceof PyDateTime) {
      if ((this.zone === null) !== (other.zone === null)) {
        throw typeError("can't subtract offset-naive and offset-aware datetimes");
      }
      const seconds = sameZone(this.zone, other.zone)
        ? this.wall - other.wall
        : this.utc - other.utc;
      return new PyTimedelta(
        BigInt(seconds) * 1_000_000n + BigInt(this.microsecond - other.microsecond),
      );
    }
    return undefined;
  }
  override moment(): Moment {
    return {
      year: this.year,
      month: this.month,
      day: this.day,
      hour: this.hour,
      minute: this.minute,
      second: this.second,
      microsecond: this.microsecond,
      offset: this.offset,
      zone: this.zone?.nameAt(this.wall, this.fold) ?? "",
      epoch: () => this.wall - localZone.offsetAtWall(this.wall, 0),
    };
  }
  inZone(zone: Zone): PyDateTime {
    return PyDateTime.fromUtc(this.utc, this.microsecond, zone);
  }
  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "hour":
      case "minute":
      case "second":
      case "microsecond":
      case "fold":
        return this[name];
      case "tzinfo":
        return this.zone;
      default:
        return datetimeMethods(this, name) ?? super.getAttribute(name);
    }
  }
}

const part = (value: Value | undefined, usual: number): number =>
  value === null || value === undefined ? usual : indexNumber(value);

function zoneArgument(value: Value | undefined, usual: Zone | null): Zone | null {
  if (value === undefined) return usual;
  if (value === null || value instanceof Zone) return value;
  throw typeError(
    `tzinfo argument must be None or of a tzinfo subclass, not type '${typeName(value)}'`,
  );
}

const delta = (seconds: number | null | undefined): Value =>
  seconds === null || seconds === undefined ? null : new PyTimedelta(BigInt(seconds) * 1_000_000n);

const ISO_CALENDAR = ["year", "week", "weekday"];

const dateMethods = builtinMethods<PyDate>("datetime.date", {
  "isoformat()": (self) => self.str(),
  "strftime(format)": (self, [format = ""]) => strftime(self.moment(), str(format)),
  "weekday()": (self) => weekdayOf(self.ordinal),
  "isoweekday()": (self) => weekdayOf(self.ordinal) + 1,
  "toordinal()": (self) => self.ordinal,
  "ctime()": (self) => strftime(self.moment(), "%a %b %e %H:%M:%S %Y"),
  "isocalendar()": (self) => {
    const { year, week, weekday } = isoCalendar(self.ordinal, self.year);
    return new PyTuple([year, week, weekday], ISO_CALENDAR, "datetime.IsoCalendarDate");
  },
  "timetuple()": (self) => timeTuple(self),
  "replace(year=None, month=None, day=None)": (self, [year, month, day]) =>
    new PyDate(part(year, self.year), part(month, self.month), part(day, self.day)),
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

function timeTuple(self: PyDate): PyTuple {
  const at = self.moment();
  const ofYear = self.ordinal - toOrdinal(self.year, 1, 1) + 1;
  const dst = self instanceof PyDateTime ? self.zone?.dstAt(self.wall, self.fold) : null;
  const isDst = dst === null || dst === undefined ? -1 : dst > 0 ? 1 : 0;
  return new PyTuple(
    [
      at.year,
      at.month,
      at.day,
      at.hour,
      at.minute,
      at.second,
      weekdayOf(self.ordinal),
      ofYear,
      isDst,
    ],
    TIME_TUPLE,
    "time.struct_time",
  );
}

const datetimeMethods = builtinMethods<PyDateTime>("datetime.datetime", {
  "isoformat(sep='T', timespec='auto')": (self, [separator = "T", timespec = "auto"]) =>
    self.iso(str(separator), str(timespec)),
  "date()": (self) => self.date,
  "time()": (self) => self.time,
  "timetz()": (self) =>
    new PyTime(self.hour, self.minute, self.second, self.microsecond, self.zone, self.fold),
  "timestamp()": (self) => float((self.utc * 1_000_000 + self.microsecond) / 1_000_000),
  "utcoffset()": (self) => delta(self.offset),
  "dst()": (self) => delta(self.zone?.dstAt(self.wall, self.fold)),
  "tzname()": (self) => self.zone?.nameAt(self.wall, self.fold) ?? null,
  "astimezone(tz=None)": (self, [zone]) => {
    const target = zoneArgument(zone, null);
    if (target !== null) return self.inZone(target);
    const moved = self.inZone(localZone);
    const name = localZone.nameAt(moved.wall, moved.fold) ?? undefined;
    return moved.inZone(plainZone(moved.offset ?? 0, name));
  },
  "utctimetuple()": (self) => timeTuple(self.inZone(utc)),
  "replace(year=None, month=None, day=None, hour=None, minute=None, second=None, microsecond=None, tzinfo=?, fold=None)":
    (self, [year, month, day, hour, minute, second, micro, zone, fold]) =>
      new PyDateTime(
        new PyDate(part(year, self.year), part(month, self.month), part(day, self.day)),
        new PyTime(
          part(hour, self.hour),
          part(minute, self.minute),
          part(second, self.second),
          part(micro, self.microsecond),
        ),
        zoneArgument(zone, self.zone),
        part(fold, self.fold),
      ),
});

const DATE_SIGNATURE = parseSignature("date(year, month, day)");

/** `datetime.date`, without `today`, which needs a clock. */
const dateType: PyType = new PyType(
  "datetime.date",
  (call) => {
    const [year, month, day] = bind(DATE_SIGNATURE, call);
    return new PyDate(part(year, 1), part(month, 1), part(day, 1));
  },
  {
    min: () => new PyDate(1, 1, 1),
    max: () => new PyDate(9999, 12, 31),
    resolution: () => new PyTimedelta(86_400_000_000n),
  },
  (value) => value instanceof PyDate,
);

/** What a clock says: milliseconds since 1970. */
export type Now = () => number;

const DATETIME_SIGNATURE = parseSignature(
  "datetime(year, month, day, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)",
);

function makeDateTime(call: Parameters<PyType["call"]>[0]): PyDateTime {
  const [year, month, day, hour, minute, second, micro, zone, fold] = bind(
    DATETIME_SIGNATURE,
    call,
  );
  return new PyDateTime(
    new PyDate(part(year, 1), part(month, 1), part(day, 1)),
    new PyTime(part(hour, 0), part(minute, 0), part(second, 0), part(micro, 0)),
    zoneArgument(zone, null),
    part(fold, 0),
  );
}

/** Class methods of `datetime.date` on a clock. */
const dateClassMethods = (now: Now): Readonly<Record<string, Value>> => {
  const methods = builtinMethods<null>("datetime.date", {
    "today()": () => PyDateTime.fromUtc(Math.floor(now() / 1000), 0, localZone).date,
    "fromordinal(ordinal)": (_self, [ordinal = 1]) => PyDate.fromOrdinal(indexNumber(ordinal)),
    "fromtimestamp(timestamp)": (_self, [timestamp = 0]) => fromTimestamp(timestamp, null).date,
    "fromisoformat(date_string)": (_self, [text = ""]) => {
      const found = readIsoDate(str(text));
      if (found === undefined || found.length !== str(text).length) throw badIso(str(text));
      return new PyDate(found.date.year, found.date.month, found.date.day);
    },
    "fromisocalendar(year, week, day)": (_self, [year = 1, week = 1, day = 1]) =>
      PyDate.fromOrdinal(fromIsoCalendar(indexNumber(year), indexNumber(week), indexNumber(day))),
  });
  return namedMethods(methods, [
    "today",
    "fromordinal",
    "fromtimestamp",
    "fromisoformat",
    "fromisocalendar",
  ]);
};

function namedMethods(
  methods: (self: null, name: string) => Value | undefined,
  names: readonly string[],
): Record<string, Value> {
  const found: Record<string, Value> = {};
  for (const name of names) found[name] = methods(null, name) ?? null;
  return found;
}

function fromTimestamp(timestamp: Value, zone: Zone | null): PyDateTime {
  const number = timestampNumber(timestamp);
  const micros = Math.round((number - Math.floor(number)) * 1_000_000);
  const seconds = Math.floor(number) + (micros === 1_000_000 ? 1 : 0);
  const rest = micros === 1_000_000 ? 0 : micros;
  const moved = PyDateTime.fromUtc(seconds, rest, zone ?? localZone);
  return zone === null ? new PyDateTime(moved.date, moved.time, null) : moved;
}

function timestampNumber(value: Value): number {
  const number = Number(
    typeof value === "number" || typeof value === "bigint" ? value : str(value),
  );
  if (Number.isNaN(number)) throw typeError("timestamp must be a number");
  return number;
}

/** Class methods of `datetime.datetime` on a clock. */
const datetimeClassMethods = (now: Now): Readonly<Record<string, Value>> => {
  const at = (zone: Zone | null): PyDateTime => {
    const ms = now();
    const moved = PyDateTime.fromUtc(
      Math.floor(ms / 1000),
      floorMod(ms, 1000) * 1000,
      zone ?? localZone,
    );
    return zone === null ? new PyDateTime(moved.date, moved.time, null, 0) : moved;
  };
  const naiveUtc = (value: PyDateTime): PyDateTime => new PyDateTime(value.date, value.time, null);
  const methods = builtinMethods<null>("datetime.datetime", {
    "now(tz=None)": (_self, [zone]) => at(zoneArgument(zone, null)),
    "today()": () => at(null),
    "utcnow()": () => naiveUtc(at(utc)),
    "fromtimestamp(timestamp, tz=None)": (_self, [timestamp = 0, zone]) =>
      fromTimestamp(timestamp, zoneArgument(zone, null)),
    "utcfromtimestamp(timestamp)": (_self, [timestamp = 0]) =>
      naiveUtc(fromTimestamp(timestamp, utc)),
    "fromisoformat(date_string)": (_self, [text = ""]) => fromIsoFormat(str(text)),
    "fromordinal(ordinal)": (_self, [ordinal = 1]) =>
      new PyDateTime(PyDate.fromOrdinal(indexNumber(ordinal)), new PyTime(0, 0, 0, 0)),
    "strptime(date_string, format)": (_self, [text = "", format = ""]) =>
      fromStrptime(str(text), str(format)),
    "combine(date, time, tzinfo=?)": (_self, [date = null, time = null, zone]) => {
      if (!(date instanceof PyDate) || !(time instanceof PyTime)) {
        throw typeError("combine() wants a date and a time");
      }
      return new PyDateTime(date, time, zoneArgument(zone, time.zone));
    },
  });
  return namedMethods(methods, [
    "now",
    "today",
    "utcnow",
    "fromtimestamp",
    "utcfromtimestamp",
    "fromisoformat",
    "fromordinal",
    "strptime",
    "combine",
  ]);
};

function fromIsoFormat(text: string): PyDateTime {
  const found = readIsoDate(text);
  if (found === undefined || !fits(found.date)) {
    if (found !== undefined) checkDate(found.date.year, found.date.month, found.date.day);
    throw badIso(text);
  }
  const date = new PyDate(found.date.year, found.date.month, found.date.day);
  if (found.length === text.length) return new PyDateTime(date, new PyTime(0, 0, 0, 0));
  const time = readIsoTime(text.slice(found.length + 1));
  if (time === undefined) throw badIso(text);
  return new PyDateTime(
    date,
    new PyTime(time.hour, time.minute, time.second, time.microsecond),
    time.offset === undefined ? null : plainZone(time.offset),
  );
}

function fromStrptime(text: string, format: string): PyDateTime {
  const at = strptime(text, format);
  return new PyDateTime(
    new PyDate(at.year, at.month, at.day),
    new PyTime(at.hour, at.minute, at.second, at.microsecond),
    at.offset === undefined ? null : plainZone(at.offset, at.zone),
  );
}

/** `datetime.datetime` on a clock. */
export const makeDateTimeType = (now: Now): PyType =>
  new PyType(
    "datetime.datetime",
    makeDateTime,
    {
      ...datetimeClassMethods(now),
      min: () => new PyDateTime(new PyDate(1, 1, 1), new PyTime(0, 0, 0, 0)),
      max: () => new PyDateTime(new PyDate(9999, 12, 31), new PyTime(23, 59, 59, 999_999)),
      resolution: () => new PyTimedelta(1n),
    },
    (value) => value instanceof PyDateTime,
  );

/** `datetime.date` on a clock. */
export const makeDateType = (now: Now): PyType =>
  new PyType(
    "datetime.date",
    (call) => dateType.call(call),
    {
      ...dateClassMethods(now),
      min: () => new PyDate(1, 1, 1),
      max: () => new PyDate(9999, 12, 31),
      resolution: () => new PyTimedelta(86_400_000_000n),
    },
    (value) => value instanceof PyDate,
  );

/** An aware datetime: whole milliseconds since 1970, in the zone of this host or in UTC (T-36). */
export function pyDateTime(ms: number, zone: "local" | "utc" = "local"): PyDateTime {
  return PyDateTime.fromUtc(
    Math.floor(ms / 1000),
    floorMod(ms, 1000) * 1000,
    zone === "utc" ? utc : localZone,
  );
}
