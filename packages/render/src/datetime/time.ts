import { typeError } from "../values/error.ts";
import { parseSignature, PyType } from "../values/method.ts";
import { type HashKey, type Order, PyObject, type Value } from "../values/value.ts";
import {
  bindNative,
  classMembers,
  intArgument,
  isoArgument,
  nativeMethods,
  textArgument,
} from "./arguments.ts";
import { checkFold, checkTime, offsetText } from "./calendar.ts";
import { badIso, isoTime, readIsoTime } from "./iso.ts";
import { strftime } from "./strftime.ts";
import { PyTimedelta } from "./timedelta.ts";
import { deltaOf, zoneArgument } from "./zone-argument.ts";
import { FixedZone, localZone, plainZone, type Zone } from "./zone.ts";

/** 1 January 1900, which stands for the date of a time. */
const FIRST_OF_1900 = -2_208_988_800;

/** A time of day, naive or with a zone. */
export class PyTime extends PyObject {
  readonly typeName = "datetime.time";
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  readonly zone: Zone | null;
  readonly fold: number;
  constructor(
    hour: number,
    minute: number,
    second: number,
    microsecond: number,
    zone: Zone | null = null,
    fold = 0,
  ) {
    super();
    checkTime(hour, minute, second, microsecond);
    checkFold(fold);
    this.hour = hour;
    this.minute = minute;
    this.second = second;
    this.microsecond = microsecond;
    this.zone = zone;
    this.fold = fold;
  }
  get secondOfDay(): number {
    return (this.hour * 60 + this.minute) * 60 + this.second;
  }
  get #micros(): number {
    return this.secondOfDay * 1_000_000 + this.microsecond;
  }
  /** A zone with summer time has no offset without a date. */
  get offset(): number | undefined {
    return this.zone instanceof FixedZone ? this.zone.offsetAtUtc() : undefined;
  }
  repr(): string {
    const parts: (number | string)[] = [this.hour, this.minute];
    if (this.second !== 0 || this.microsecond !== 0) parts.push(this.second);
    if (this.microsecond !== 0) parts.push(this.microsecond);
    if (this.fold !== 0) parts.push("fold=1");
    if (this.zone !== null) parts.push(`tzinfo=${this.zone.repr()}`);
    return `datetime.time(${parts.join(", ")})`;
  }
  iso(timespec = "auto"): string {
    const offset = this.offset;
    return isoTime(this, timespec) + (offset === undefined ? "" : offsetText(offset));
  }
  override str(): string {
    return this.iso();
  }
  override format(spec: string): string {
    return spec === "" ? this.str() : this.strftime(spec);
  }
  strftime(format: string): string {
    return strftime(
      {
        year: 1900,
        month: 1,
        day: 1,
        hour: this.hour,
        minute: this.minute,
        second: this.second,
        microsecond: this.microsecond,
        offset: this.offset,
        dst: -1,
        zone: this.offset === undefined ? "" : (this.zone?.nameAt(0, 0) ?? ""),
        epoch: () => {
          const wall = FIRST_OF_1900 + this.secondOfDay;
          return wall - localZone.offsetAtWall(wall, 0);
        },
      },
      format,
    );
  }
  override equals(other: Value): boolean {
    if (!(other instanceof PyTime)) return false;
    if ((this.offset === undefined) !== (other.offset === undefined)) return false;
    return this.compare(other) === 0;
  }
  override compare(other: Value): Order {
    if (!(other instanceof PyTime)) return undefined;
    if ((this.offset === undefined) !== (other.offset === undefined)) {
      throw typeError("can't compare offset-naive and offset-aware times");
    }
    const shift = ((other.offset ?? 0) - (this.offset ?? 0)) * 1_000_000;
    return this.#micros - other.#micros + shift;
  }
  override hashKey(): HashKey {
    return `\0m${this.#micros}`;
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
        return timeMethods(this, name) ?? constants.get(name)?.() ?? classMethods(null, name);
    }
  }
}

const timeMethods = nativeMethods<PyTime>("time", "datetime.time", {
  "isoformat(timespec=?)": (self, [timespec]) =>
    self.iso(timespec === undefined ? "auto" : textArgument(timespec, "isoformat", 1)),
  "strftime(format)": (self, [format]) => self.strftime(textArgument(format, "strftime", 1)),
  "__format__(format, /)": (self, [format]) => self.format(textArgument(format, "__format__", 1)),
  "utcoffset()": (self) => deltaOf(self.offset),
  "tzname()": (self) => (self.offset === undefined ? null : (self.zone?.nameAt(0, 0) ?? null)),
  "dst()": (self) => (self.offset === undefined ? null : deltaOf(self.zone?.dstAt(0, 0))),
  "replace(hour=?, minute=?, second=?, microsecond=?, tzinfo=?, fold=?)": (
    self,
    [hour, minute, second, micro, zone, fold],
  ) =>
    new PyTime(
      intArgument(hour, self.hour),
      intArgument(minute, self.minute),
      intArgument(second, self.second),
      intArgument(micro, self.microsecond),
      zoneArgument(zone, self.zone),
      intArgument(fold, self.fold),
    ),
});

const constants: ReadonlyMap<string, () => Value> = new Map<string, () => Value>([
  ["min", () => new PyTime(0, 0, 0, 0)],
  ["max", () => new PyTime(23, 59, 59, 999_999)],
  ["resolution", () => new PyTimedelta(1n)],
]);

const SIGNATURE = parseSignature(
  "time(hour=?, minute=?, second=?, microsecond=?, tzinfo=None, fold=?)",
);

const classMethods = nativeMethods<null>("time", "type", {
  "fromisoformat(time_string, /)": (_self, [value]) => {
    const text = isoArgument(value);
    const at = readIsoTime(text.replace(/^T/, ""));
    if (at === undefined) throw badIso(text);
    const zone = at.offset === undefined ? null : plainZone(at.offset);
    return new PyTime(at.hour, at.minute, at.second, at.microsecond, zone);
  },
});

/** `datetime.time`. */
export const timeType: PyType = new PyType(
  "datetime.time",
  (call) => {
    const [hour, minute, second, micro, zone, fold] = bindNative(SIGNATURE, call, {
      positional: 5,
    });
    return new PyTime(
      intArgument(hour, 0),
      intArgument(minute, 0),
      intArgument(second, 0),
      intArgument(micro, 0),
      zoneArgument(zone, null),
      intArgument(fold, 0),
    );
  },
  { ...classMembers(classMethods, ["fromisoformat"]), ...Object.fromEntries(constants) },
  (value) => value instanceof PyTime,
);
