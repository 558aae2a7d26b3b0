import { str } from "../values/basics.ts";
import { typeError } from "../values/error.ts";
import { bind, builtinMethods, parseSignature, pyFunction, PyType } from "../values/method.ts";
import { indexNumber, type HashKey, type Order, PyObject, type Value } from "../values/value.ts";
import { checkTime, offsetText } from "./calendar.ts";
import { badIso, isoTime, readIsoTime } from "./iso.ts";
import { strftime } from "./strftime.ts";
import { PyTimedelta } from "./timedelta.ts";
import { FixedZone, plainZone, Zone } from "./zone.ts";

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
  offsetSuffix(offset: number): string {
    return offsetText(offset);
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
        zone: this.offset === undefined ? "" : (this.zone?.nameAt(0, 0) ?? ""),
        epoch: () => -2_208_988_800 + Math.floor(this.#micros / 1_000_000),
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
        return methods(this, name) ?? timeType.getAttribute(name);
    }
  }
}

const part = (value: Value | undefined, usual: number): number =>
  value === null || value === undefined ? usual : indexNumber(value);

const zoneOf = (value: Value | undefined, usual: Zone | null): Zone | null => {
  if (value === undefined) return usual;
  if (value === null || value instanceof Zone) return value;
  throw typeError("tzinfo argument must be None or of a tzinfo subclass");
};

const methods = builtinMethods<PyTime>("datetime.time", {
  "isoformat(timespec='auto')": (self, [timespec = "auto"]) => self.iso(str(timespec)),
  "strftime(format)": (self, [format = ""]) => self.strftime(str(format)),
  "utcoffset()": (self) =>
    self.offset === undefined ? null : new PyTimedelta(BigInt(self.offset) * 1_000_000n),
  "tzname()": (self) => (self.offset === undefined ? null : (self.zone?.nameAt(0, 0) ?? null)),
  "dst()": () => null,
  "replace(hour=None, minute=None, second=None, microsecond=None, tzinfo=?, fold=None)": (
    self,
    [hour, minute, second, micro, zone, fold],
  ) =>
    new PyTime(
      part(hour, self.hour),
      part(minute, self.minute),
      part(second, self.second),
      part(micro, self.microsecond),
      zoneOf(zone, self.zone),
      part(fold, self.fold),
    ),
});

const SIGNATURE = parseSignature(
  "time(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)",
);

/** `datetime.time`. */
export const timeType: PyType = new PyType(
  "datetime.time",
  (call) => {
    const [hour, minute, second, micro, zone, fold] = bind(SIGNATURE, call);
    return new PyTime(
      part(hour, 0),
      part(minute, 0),
      part(second, 0),
      part(micro, 0),
      zoneOf(zone, null),
      part(fold, 0),
    );
  },
  {
    min: () => new PyTime(0, 0, 0, 0),
    max: () => new PyTime(23, 59, 59, 999_999),
    fromisoformat: pyFunction("fromisoformat(time_string)", (_self, [text = ""]) => {
      const at = readIsoTime(str(text).replace(/^T/, ""));
      if (at === undefined) throw badIso(str(text));
      const zone = at.offset === undefined ? null : plainZone(at.offset);
      return new PyTime(at.hour, at.minute, at.second, at.microsecond, zone);
    }),
  },
  (value) => value instanceof PyTime,
);
