import { equals, repr } from "../values/basics.ts";
import { typeError, valueError } from "../values/error.ts";
import { pyFunction, PyType } from "../values/method.ts";
import { textRepr } from "../values/text.ts";
import { PyObject, type Value } from "../values/value.ts";
import { offsetText } from "./calendar.ts";
import { PyTimedelta } from "./timedelta.ts";
import { zoneNames } from "./zone-names.ts";

/**
 * A time zone. Times are seconds since 1970 on the zone's own clock ("wall") or in UTC; `fold` tells the second
 * of two equal wall times.
 */
export abstract class Zone extends PyObject {
  readonly typeName: string = "tzinfo";
  abstract offsetAtUtc(utc: number): number;
  abstract nameAt(wall: number, fold: number): string | null;
  dstAt(_wall: number, _fold: number): number | null {
    return null;
  }
  offsetAtWall(wall: number, fold: number): number {
    const before = this.offsetAtUtc(wall - 86_400);
    const after = this.offsetAtUtc(wall + 86_400);
    if (before === after) return this.offsetAtUtc(wall - before);
    const fits = (offset: number): boolean => this.offsetAtUtc(wall - offset) === offset;
    const early = fits(before);
    const late = fits(after);
    if (early && late) return fold === 1 ? after : before;
    return early ? before : after;
  }
  /** Whether a wall time comes twice. */
  isAmbiguous(wall: number): boolean {
    return this.offsetAtWall(wall, 0) !== this.offsetAtWall(wall, 1);
  }
}

/** A fixed offset: `timezone(...)`, `tzoffset(...)`, UTC. */
export class FixedZone extends Zone {
  readonly seconds: number;
  readonly #name: string | null;
  readonly #text: string;
  constructor(seconds: number, name: string | null, text: string) {
    super();
    this.seconds = seconds;
    this.#name = name;
    this.#text = text;
  }
  repr(): string {
    return this.#text;
  }
  override str(): string {
    return this.#text.startsWith("datetime.timezone") ? (this.#name ?? "") : this.#text;
  }
  override offsetAtUtc(): number {
    return this.seconds;
  }
  override offsetAtWall(): number {
    return this.seconds;
  }
  override nameAt(): string | null {
    return this.#name;
  }
  override dstAt(): number | null {
    return this.#text.startsWith("datetime.timezone") ? null : 0;
  }
  override equals(other: Value): boolean {
    return other instanceof FixedZone && other.seconds === this.seconds;
  }
  override hashKey(): string {
    return `\0z${this.seconds}`;
  }
}

/** `datetime.timezone.utc`. */
export const utc: FixedZone = new FixedZone(0, "UTC", "datetime.timezone.utc");
/** `dateutil.tz.UTC`. */
export const tzutc: FixedZone = new FixedZone(0, "UTC", "tzutc()");

/** A zone with summer time: names come from the table, for `Intl` has none. */
abstract class RuleZone extends Zone {
  protected abstract zoneId(): string;
  #standardAt(utcSeconds: number): number {
    const year = new Date(utcSeconds * 1000).getUTCFullYear();
    const january = this.offsetAtUtc(Date.UTC(year, 0, 15) / 1000);
    const july = this.offsetAtUtc(Date.UTC(year, 6, 15) / 1000);
    return Math.min(january, july);
  }
  override dstAt(wall: number, fold: number): number {
    const offset = this.offsetAtWall(wall, fold);
    return offset - this.#standardAt(wall - offset);
  }
  override nameAt(wall: number, fold: number): string {
    const names = zoneNames.get(this.zoneId());
    const offset = this.offsetAtWall(wall, fold);
    const name = this.dstAt(wall, fold) > 0 ? names?.[1] : names?.[0];
    if (name !== undefined) return name;
    return offsetText(offset, "").replace(/00$/, "");
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(id: string): Intl.DateTimeFormat {
  let format = formats.get(id);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: id,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(id, format);
  }
  return format;
}

/** A zone of the tz database. */
class NamedZone extends RuleZone {
  readonly id: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #known = new Map<number, number>();
  constructor(id: string) {
    super();
    this.id = id;
    this.#format = formatFor(id);
  }
  protected override zoneId(): string {
    return this.id;
  }
  repr(): string {
    return `tzfile('/usr/share/zoneinfo/${this.id}')`;
  }
  override offsetAtUtc(seconds: number): number {
    const quarter = Math.floor(seconds / 900);
    const known = this.#known.get(quarter);
    if (known !== undefined) return known;
    const parts = new Map(
      this.#format
        .formatToParts(new Date(quarter * 900_000))
        .map((part) => [part.type, Number(part.value)] as const),
    );
    const get = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const wall = new Date(0);
    wall.setUTCFullYear(get("year"), get("month") - 1, get("day"));
    wall.setUTCHours(get("hour"), get("minute"), get("second"));
    const offset = wall.getTime() / 1000 - quarter * 900;
    this.#known.set(quarter, offset);
    return offset;
  }
  override equals(other: Value): boolean {
    return other instanceof NamedZone && other.id === this.id;
  }
  override hashKey(): string {
    return `\0z${this.id}`;
  }
}

/** The zone of this host: `tzlocal()`. */
class LocalZone extends RuleZone {
  protected override zoneId(): string {
    return Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
  repr(): string {
    return "tzlocal()";
  }
  override offsetAtUtc(seconds: number): number {
    return -new Date(seconds * 1000).getTimezoneOffset() * 60;
  }
  override equals(other: Value): boolean {
    return other instanceof LocalZone;
  }
}

/** The zone of this host. */
export const localZone: Zone = new LocalZone();

/** The zone that a name means to `tz.gettz`: None for an unknown one. */
export function getZone(name: string): Zone | null {
  if (name === "" || name === ":") return localZone;
  if (name === "UTC" || name === "GMT") return tzutc;
  const offset = /^([A-Za-z]{3,})([+-]?)(\d{1,2})(?::?(\d{2}))?$/.exec(name);
  if (offset !== null) {
    const [, label = "", sign, hours, minutes = "0"] = offset;
    const size = Number(hours) * 3600 + Number(minutes) * 60;
    // As GMT+3 is read by people, not as POSIX says.
    const isReversed = label === "UTC" || label === "GMT" ? sign !== "-" : sign === "-";
    const seconds = isReversed ? size : -size;
    return new FixedZone(seconds, label, `tzstr(${textRepr(name)})`);
  }
  try {
    return new NamedZone(name.replace(/^:/, ""));
  } catch {
    return null;
  }
}

function fixedOffset(name: Value, offset: Value): FixedZone {
  const seconds =
    offset instanceof PyTimedelta
      ? Number(offset.total / 1_000_000n)
      : typeof offset === "number"
        ? offset
        : undefined;
  if (seconds === undefined) throw typeError("tzoffset wants seconds or a timedelta");
  return new FixedZone(
    seconds,
    typeof name === "string" ? name : null,
    `tzoffset(${repr(name)}, ${seconds})`,
  );
}

/** `tzoffset(None, seconds)`. */
export const offsetZone = (name: string | null, seconds: number): FixedZone =>
  fixedOffset(name, seconds);

/** A `datetime.timezone` of an offset. */
export function plainZone(seconds: number, name?: string): FixedZone {
  if (seconds === 0 && name === undefined) return utc;
  if (Math.abs(seconds) >= 86_400) {
    throw valueError(
      "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24).",
    );
  }
  const delta = new PyTimedelta(BigInt(seconds) * 1_000_000n).repr();
  const label = name === undefined ? "" : `, ${textRepr(name)}`;
  return new FixedZone(
    seconds,
    name ?? `UTC${offsetText(seconds)}`,
    `datetime.timezone(${delta}${label})`,
  );
}

/** `datetime.timezone`. */
export const timezoneType: PyType = new PyType(
  "datetime.timezone",
  ({ args }) => {
    const [offset, name] = args;
    if (!(offset instanceof PyTimedelta)) {
      throw typeError("timezone() argument 1 must be datetime.timedelta");
    }
    return plainZone(
      Number(offset.total / 1_000_000n),
      typeof name === "string" ? name : undefined,
    );
  },
  { utc },
  (value) => value instanceof FixedZone,
);

/** Members of `dateutil.tz`. */
export const tzMembers: Readonly<Record<string, Value>> = {
  UTC: tzutc,
  tzutc: pyFunction("tzutc()", () => tzutc),
  tzlocal: pyFunction("tzlocal()", () => localZone),
  gettz: pyFunction("gettz(name=None)", (_self, [name]) =>
    name === null || name === undefined ? localZone : getZone(typeof name === "string" ? name : ""),
  ),
  tzoffset: pyFunction("tzoffset(name, offset)", (_self, [name = null, offset = null]) =>
    fixedOffset(name, offset),
  ),
};

/** Whether two zones are the same object to Python: then wall times are compared. */
export const sameZone = (left: Zone | null, right: Zone | null): boolean =>
  left === right || (left !== null && right !== null && equals(left, right));
