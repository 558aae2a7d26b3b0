import { repr } from "../values/basics.ts";
import { valueError } from "../values/error.ts";
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
  override get objectName(): string {
    return this.typeName.includes(".") ? this.typeName : `dateutil.tz.tz.${this.typeName}`;
  }
  override getAttribute(name: string): Value | undefined {
    return zoneMembers(this, name);
  }
}

let zoneMembers: (zone: Zone, name: string) => Value | undefined = () => undefined;

/** Hands in the methods of zones, which make datetimes; those build on zones. */
export function setZoneMembers(members: typeof zoneMembers): void {
  zoneMembers = members;
}

/** Which class a fixed offset is of. */
export type FixedKind = "timezone" | "tzutc" | "tzoffset";

/** A fixed offset: `timezone(...)`, `tzoffset(...)`, UTC. */
export class FixedZone extends Zone {
  override readonly typeName: string;
  readonly kind: FixedKind;
  readonly seconds: number;
  readonly #name: string | null;
  readonly #text: string;
  constructor(kind: FixedKind, seconds: number, name: string | null, text: string) {
    super();
    this.kind = kind;
    this.typeName = kind === "timezone" ? "datetime.timezone" : kind;
    this.seconds = seconds;
    this.#name = name;
    this.#text = text;
  }
  repr(): string {
    return this.#text;
  }
  override str(): string {
    return this.kind === "timezone" ? (this.#name ?? "") : this.#text;
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
    return this.kind === "timezone" ? null : 0;
  }
  override equals(other: Value): boolean {
    if (!(other instanceof FixedZone) || other.seconds !== this.seconds) return false;
    return (this.kind === "timezone") === (other.kind === "timezone");
  }
  override hashKey(): string {
    return `\0z${this.kind === "timezone"}${this.seconds}`;
  }
}

/** `datetime.timezone.utc`. */
export const utc: FixedZone = new FixedZone("timezone", 0, "UTC", "datetime.timezone.utc");
/** `dateutil.tz.UTC`. */
export const tzutc: FixedZone = new FixedZone("tzutc", 0, "UTC", "tzutc()");

/** `tzoffset(None, seconds)`. */
export const offsetZone = (name: string | null, seconds: number): FixedZone =>
  new FixedZone("tzoffset", seconds, name, `tzoffset(${repr(name)}, ${seconds})`);

const IRISH = new Set(["Europe/Dublin", "Eire"]);

/** dateutil reads only those changes of a zone that fit 32 bits; what is before them is local mean time. */
const FIRST_KNOWN = -2_147_483_648;
const LAST_KNOWN = 2_147_483_647;
/** 1 September 2037. */
const LAST_AUTUMN = 2_135_376_000;
/** A time before all standard time. */
const LONG_AGO = -10_000_000_000;

/** A zone with summer time: names come from the table, for `Intl` has none. */
export abstract class RuleZone extends Zone {
  abstract zoneId(): string;
  #standardAt(utcSeconds: number): number {
    const year = new Date(utcSeconds * 1000).getUTCFullYear();
    const january = this.offsetAtUtc(Date.UTC(year, 0, 15) / 1000);
    const july = this.offsetAtUtc(Date.UTC(year, 6, 15) / 1000);
    return Math.min(january, july);
  }
  override dstAt(wall: number, fold: number): number {
    const shift = this.#shiftAt(wall, fold);
    // Irish law has standard time in summer.
    return IRISH.has(this.zoneId()) ? shift - 3600 : shift;
  }
  #shiftAt(wall: number, fold: number): number {
    const offset = this.offsetAtWall(wall, fold);
    return offset - this.#standardAt(wall - offset);
  }
  override nameAt(wall: number, fold: number): string {
    const names = zoneNames.get(this.zoneId());
    const offset = this.offsetAtWall(wall, fold);
    if (wall < FIRST_KNOWN) return "LMT";
    const name = this.#shiftAt(wall, fold) > 0 ? names?.[1] : names?.[0];
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
export class NamedZone extends RuleZone {
  override readonly typeName = "tzfile";
  readonly id: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #known = new Map<number, number>();
  constructor(id: string) {
    super();
    this.id = id;
    this.#format = formatFor(id);
  }
  override zoneId(): string {
    return this.id;
  }
  repr(): string {
    return `tzfile('/usr/share/zoneinfo/${this.id}')`;
  }
  override offsetAtUtc(seconds: number): number {
    if (seconds < FIRST_KNOWN) return this.#offsetAt(Math.floor(LONG_AGO / 900));
    if (seconds < LAST_AUTUMN) return this.#offsetAt(Math.floor(seconds / 900));
    // The last change that dateutil knows leads to standard time, even where it began summer time.
    const last = this.#offsetAt(Math.floor(LAST_KNOWN / 900));
    const standard = Math.min(last, this.#offsetAt(Math.floor((LAST_AUTUMN - 5_000_000) / 900)));
    return last > standard || seconds > LAST_KNOWN
      ? standard
      : this.#offsetAt(Math.floor(seconds / 900));
  }
  #offsetAt(quarter: number): number {
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

/** Before the time when clocks were first put forward. */
const SUMMERLESS = -1_700_000_000;
const JANUARY = Date.UTC(2025, 0, 15) / 1000;
const JULY = Date.UTC(2025, 6, 15) / 1000;

/** The offset of this host's clock. */
const hostOffset = (seconds: number): number => -new Date(seconds * 1000).getTimezoneOffset() * 60;

/** The zone of this host: `tzlocal()`. */
class LocalZone extends RuleZone {
  override readonly typeName = "tzlocal";
  override zoneId(): string {
    return Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
  repr(): string {
    return "tzlocal()";
  }
  override offsetAtUtc(seconds: number): number {
    const offset = hostOffset(seconds);
    // dateutil knows only the two offsets of today.
    return seconds < SUMMERLESS ? Math.min(hostOffset(JANUARY), hostOffset(JULY)) : offset;
  }
  override equals(other: Value): boolean {
    return other instanceof LocalZone;
  }
}

/** The zone of this host. */
export const localZone: RuleZone = new LocalZone();

/** Another `tzlocal()`: to Python each is a zone of its own, so times of two are told apart in UTC. */
export const newLocalZone = (): RuleZone => new LocalZone();

/** A `datetime.timezone` of an offset. */
export function plainZone(seconds: number, name?: string): FixedZone {
  if (seconds === 0 && name === undefined) return utc;
  const delta = new PyTimedelta(BigInt(seconds) * 1_000_000n).repr();
  if (Math.abs(seconds) >= 86_400) {
    throw valueError(
      `offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not ${delta}.`,
    );
  }
  const label = name === undefined ? "" : `, ${textRepr(name)}`;
  const usual = seconds === 0 ? "UTC" : `UTC${offsetText(seconds)}`;
  return new FixedZone("timezone", seconds, name ?? usual, `datetime.timezone(${delta}${label})`);
}

/**
 * Seconds in UTC of seconds on this host's clock, as CPython reckons naive times: in a gap of the clock, `fold`
 * says by which offset.
 */
export function localToUtc(wall: number, fold: number): number {
  const offset = hostOffset;
  const before = offset(wall);
  const first = wall - before;
  const isFirst = offset(first) === before;
  const other = isFirst ? offset(first + (fold === 1 ? 86_400 : -86_400)) : offset(first);
  if (isFirst && other === before) return first;
  const second = wall - other;
  if (offset(second) === other) return second;
  if (isFirst) return first;
  return fold === 1 ? Math.min(first, second) : Math.max(first, second);
}
