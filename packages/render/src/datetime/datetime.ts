import { typeError } from "../values/error.ts";
import { numeric } from "../values/numbers.ts";
import {
  type BinaryOperator,
  float,
  type HashKey,
  type Order,
  typeName,
  type Value,
} from "../values/value.ts";
import { intArgument, nativeMethods, textArgument } from "./arguments.ts";
import { EPOCH_ORDINAL, floorDiv, floorMod, offsetText } from "./calendar.ts";
import { PyDate, timeTuple } from "./date.ts";
import { instanceMember } from "./instance-members.ts";
import { isoTime } from "./iso.ts";
import type { Moment } from "./strftime.ts";
import { PyTime } from "./time.ts";
import { PyTimedelta } from "./timedelta.ts";
import { deltaOf, zoneArgument } from "./zone-argument.ts";
import { localZone, localToUtc, newLocalZone, plainZone, utc, type Zone } from "./zone.ts";

/** A date with a time, naive or with a zone. */
export class PyDateTime extends PyDate {
  override readonly typeName: string = "datetime.datetime";
  override readonly hasTime: boolean = true;
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
    const { offset, wall } = this;
    return offset === undefined ? localToUtc(wall, this.fold) : wall - offset;
  }
  get time(): PyTime {
    return new PyTime(this.hour, this.minute, this.second, this.microsecond, null, this.fold);
  }
  get date(): PyDate {
    return new PyDate(this.year, this.month, this.day);
  }
  override asBase(): PyDate {
    return this.date;
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
    const { offset } = this;
    const suffix = offset === undefined ? "" : offsetText(offset);
    return super.str() + separator + isoTime(this, timespec) + suffix;
  }
  override str(): string {
    return this.iso(" ");
  }
  override dataText(): string {
    return this.iso();
  }
  override equals(other: Value): boolean {
    if (!(other instanceof PyDateTime) || (this.zone === null) !== (other.zone === null)) {
      return false;
    }
    return this.compare(other) === 0;
  }
  override compare(other: Value): Order {
    if (!(other instanceof PyDateTime)) {
      if (!(other instanceof PyDate)) return undefined;
      throw typeError(`can't compare ${this.typeName} to ${typeName(other)}`);
    }
    if ((this.zone === null) !== (other.zone === null)) {
      throw typeError("can't compare offset-naive and offset-aware datetimes");
    }
    const seconds = this.#secondsSince(other);
    return seconds === 0 ? this.microsecond - other.microsecond : seconds;
  }
  /** Times of one zone, which is one object as in Python, are told apart by its clock alone. */
  #secondsSince(other: PyDateTime): number {
    return this.zone === other.zone ? this.wall - other.wall : this.utc - other.utc;
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
    if (operator !== "-" || reversed || !(other instanceof PyDateTime)) return undefined;
    if ((this.zone === null) !== (other.zone === null)) {
      throw typeError("can't subtract offset-naive and offset-aware datetimes");
    }
    const micros = BigInt(this.microsecond - other.microsecond);
    return new PyTimedelta(BigInt(this.#secondsSince(other)) * 1_000_000n + micros);
  }
  /** Summer time: 1 yes, 0 no, -1 not known. */
  get #dst(): number {
    const dst = this.zone?.dstAt(this.wall, this.fold) ?? null;
    return dst === null ? -1 : dst === 0 ? 0 : 1;
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
      dst: this.#dst,
      epoch: () => {
        // mktime takes the word of the time tuple on summer time.
        const dst = this.#dst;
        const isUnsaid = dst < 0 || dst > 0 === localZone.dstAt(this.wall, 0) > 0;
        const shift = isUnsaid ? 0 : dst > 0 ? 3600 : -3600;
        return this.wall - localZone.offsetAtWall(this.wall, 0) - shift;
      },
    };
  }
  inZone(zone: Zone): PyDateTime {
    // A naive time has the offset that the host has at its moment, in a gap of the clock too.
    const offset = this.offset ?? localZone.offsetAtUtc(this.utc);
    return PyDateTime.fromUtc(this.wall - offset, this.microsecond, zone);
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
        return (
          datetimeMethods(this, name) ??
          datetimeConstants.get(name)?.() ??
          instanceMember("datetime", name) ??
          super.getAttribute(name)
        );
    }
  }
}

/** `min`, `max` and `resolution`, by name. */
export const datetimeConstants: ReadonlyMap<string, () => Value> = new Map<string, () => Value>([
  ["min", () => new PyDateTime(new PyDate(1, 1, 1), new PyTime(0, 0, 0, 0))],
  ["max", () => new PyDateTime(new PyDate(9999, 12, 31), new PyTime(23, 59, 59, 999_999))],
  ["resolution", () => new PyTimedelta(1n)],
]);

/** The character between date and time; Python counts bytes of it no less strictly. */
function separatorArgument(value: Value | undefined): string {
  if (value === undefined) return "T";
  if (typeof value === "string" && Array.from(value).length === 1) return value;
  throw typeError(`isoformat() argument 1 must be a unicode character, not ${typeName(value)}`);
}

function timestampOf(self: PyDateTime): Value {
  if (self.zone === null) return float(self.utc + self.microsecond / 1_000_000);
  const micros = BigInt(self.utc) * 1_000_000n + BigInt(self.microsecond);
  return numeric("/", micros, 1_000_000) ?? float(0);
}

const datetimeMethods = nativeMethods<PyDateTime>("datetime", "datetime.datetime", {
  "isoformat(sep=?, timespec=?)": (self, [separator, timespec]) =>
    self.iso(
      separatorArgument(separator),
      timespec === undefined ? "auto" : textArgument(timespec, "isoformat", 2),
    ),
  "date()": (self) => self.date,
  "time()": (self) => self.time,
  "timetz()": (self) =>
    new PyTime(self.hour, self.minute, self.second, self.microsecond, self.zone, self.fold),
  "timestamp()": timestampOf,
  "utcoffset()": (self) => deltaOf(self.offset),
  "dst()": (self) => deltaOf(self.zone?.dstAt(self.wall, self.fold)),
  "tzname()": (self) => self.zone?.nameAt(self.wall, self.fold) ?? null,
  "astimezone(tz=None)": (self, [zone]) => {
    const target = zoneArgument(zone, null);
    if (target !== null) return target === self.zone ? self : self.inZone(target);
    const moved = self.inZone(localZone);
    const name = localZone.nameAt(moved.wall, moved.fold) ?? undefined;
    return moved.inZone(plainZone(moved.offset ?? 0, name));
  },
  "utctimetuple()": (self) => timeTuple(self.zone === null ? self : self.inZone(utc), 0),
  "replace(year=?, month=?, day=?, hour=?, minute=?, second=?, microsecond=?, tzinfo=?, fold=?)": (
    self,
    [year, month, day, hour, minute, second, micro, zone, fold],
  ) =>
    new PyDateTime(
      new PyDate(
        intArgument(year, self.year),
        intArgument(month, self.month),
        intArgument(day, self.day),
      ),
      new PyTime(
        intArgument(hour, self.hour),
        intArgument(minute, self.minute),
        intArgument(second, self.second),
        intArgument(micro, self.microsecond),
        zoneArgument(zone, self.zone),
        intArgument(fold, self.fold),
      ),
    ),
});

/** An aware datetime: whole milliseconds since 1970, in the zone of this host or in UTC (T-36). */
export function pyDateTime(ms: number, zone: "local" | "utc" = "local"): PyDateTime {
  return PyDateTime.fromUtc(
    Math.floor(ms / 1000),
    floorMod(ms, 1000) * 1000,
    zone === "utc" ? utc : newLocalZone(),
  );
}
