import { PyError, typeError, valueError } from "../values/error.ts";
import { bind, parseSignature, pyFunction, PyModule, PyType } from "../values/method.ts";
import { numberOf } from "../values/number-of.ts";
import { textRepr } from "../values/text.ts";
import { type CallArguments, typeName, type Value } from "../values/value.ts";
import { bindNative, nativeMethods, textArgument } from "./arguments.ts";
import { PyDateTime } from "./datetime.ts";
import { PyTimedelta } from "./timedelta.ts";
import { RangeZone, readZoneText, usualBegin, usualEnd } from "./tz-string.ts";
import { deltaOf, zoneArgument } from "./zone-argument.ts";
import { zoneNames } from "./zone-names.ts";
import {
  FixedZone,
  localZone,
  NamedZone,
  newLocalZone,
  offsetZone,
  plainZone,
  setZoneMembers,
  tzutc,
  utc,
  Zone,
} from "./zone.ts";

const zones = new Map<string, NamedZone>();

/** A zone of the tz database; undefined where there is none of that very name. */
function namedZone(name: string): NamedZone | undefined {
  const id = name.replaceAll(" ", "_");
  const known = zones.get(id);
  if (known !== undefined) return known;
  // Intl knows names in any case, and offsets.
  if (!/^[A-Z]/.test(id) || id === "Z" || !(zoneNames.has(id) || /[+\-/]|^[A-Z]{3}$/.test(id)))
    return undefined;
  const twin = [...zoneNames.keys()].find((other) => other.toLowerCase() === id.toLowerCase());
  if (twin !== undefined && twin !== id) return undefined;
  try {
    const zone = new NamedZone(id);
    zones.set(id, zone);
    return zone;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const hostZoneId = (): string => localZone.zoneId();

/** The abbreviations of this host's zone. */
export function localNames(): string[] {
  const names = [0, 6].map((month) => localZone.nameAt(Date.UTC(2025, month, 15) / 1000, 0));
  return names.filter((name) => name !== null);
}

/** The zone that a name means to `tz.gettz`: None for an unknown one. Files of this host are not read. */
export function getZone(given: string): Zone | null {
  const name = given.replace(/^:/, "");
  if (name === "") return namedZone(hostZoneId()) ?? localZone;
  const zone = namedZone(name);
  if (zone !== undefined) return zone;
  if (/\d/.test(name)) return zoneOfText(name, false) ?? null;
  if (name === "UTC" || name === "GMT") return tzutc;
  return localNames().includes(name) ? newLocalZone() : null;
}

/** The zone of a text such as `EST5EDT`; undefined for what is none. */
export function zoneOfText(text: string, posix: boolean): RangeZone | undefined {
  const rules = readZoneText(text, posix);
  return rules === undefined
    ? undefined
    : new RangeZone("tzstr", rules, `tzstr(${textRepr(text)})`);
}

/** Seconds of a number or timedelta. */
function secondsOf(value: Value): number {
  if (value instanceof PyTimedelta) return Number(value.total / 1_000_000n);
  const number = numberOf(value);
  if (number === undefined) {
    throw typeError(`unsupported type for timedelta seconds component: ${typeName(value)}`);
  }
  return Number(number.value);
}

const RANGE = parseSignature(
  "tzrange.__init__(stdabbr, stdoffset=None, dstabbr=None, dstoffset=None, start=None, end=None)",
);

function makeRange(call: CallArguments): RangeZone {
  const [name = null, offset = null, summerName = null, summerOffset = null] = bind(RANGE, call);
  const standard = offset === null ? 0 : secondsOf(offset);
  const hasSummer = typeof summerName === "string" && summerName !== "";
  const usual = hasSummer && offset !== null ? standard + 3600 : standard;
  const summer = summerOffset === null ? usual : secondsOf(summerOffset);
  const rules = {
    standardName: typeof name === "string" ? name : null,
    standard,
    summerName: hasSummer ? summerName : null,
    summer,
    begin: hasSummer ? usualBegin : undefined,
    end: hasSummer ? usualEnd : undefined,
  };
  return new RangeZone("tzrange", rules, "tzrange(...)");
}

/** A datetime and the zone to see it in. */
function placed(value: Value | undefined, zone: Value | undefined): { at: PyDateTime; zone: Zone } {
  if (!(value instanceof PyDateTime)) {
    throw new PyError(
      "AttributeError",
      `'${typeName(value ?? null)}' object has no attribute 'tzinfo'`,
    );
  }
  const found = zoneArgument(zone ?? null, null) ?? value.zone;
  if (found === null) throw valueError("Datetime is naive and no time zone provided.");
  return { at: value, zone: found };
}

const withFold = (at: PyDateTime, fold: number): PyDateTime =>
  new PyDateTime(at.date, at.time, at.zone, fold);

function exists(at: PyDateTime, zone: Zone): boolean {
  return (
    PyDateTime.fromUtc(at.wall - zone.offsetAtWall(at.wall, at.fold), 0, zone).wall === at.wall
  );
}

/** A time that the clocks skip, moved on by as much as they do. */
function resolved(at: PyDateTime): PyDateTime {
  if (at.zone === null || exists(at, at.zone)) return at;
  const before = at.zone.offsetAtWall(at.wall - 86_400, 0);
  const after = at.zone.offsetAtWall(at.wall + 86_400, 0);
  return at.moved(BigInt(after - before) * 1_000_000n);
}

const typeOf = (
  name: string,
  make: (call: CallArguments) => Zone,
  matches: (zone: Zone) => boolean,
): PyType =>
  new PyType(
    `dateutil.tz.tz.${name}`,
    make,
    {},
    (value) => value instanceof Zone && matches(value),
  );

const OFFSET = parseSignature("_TzOffsetFactory.__call__(name, offset)");
const TEXT = parseSignature("_TzStrFactory.__call__(s, posix_offset=False)");

/** `dateutil.tz`. */
export const tzModule: PyModule = new PyModule("dateutil.tz", {
  UTC: tzutc,
  tzutc: typeOf(
    "tzutc",
    () => tzutc,
    (zone) => zone === tzutc,
  ),
  tzlocal: typeOf("tzlocal", newLocalZone, (zone) => zone.typeName === "tzlocal"),
  tzoffset: typeOf(
    "tzoffset",
    (call) => {
      const [name = null, offset = null] = bind(OFFSET, call);
      return offsetZone(typeof name === "string" ? name : null, secondsOf(offset));
    },
    (zone) => zone instanceof FixedZone && zone.kind === "tzoffset",
  ),
  tzstr: typeOf(
    "tzstr",
    (call) => {
      const [text = "", posix = false] = bind(TEXT, call);
      const zone = zoneOfText(typeof text === "string" ? text : "", posix === true);
      if (zone === undefined) throw valueError("unknown string format");
      return zone;
    },
    (zone) => zone.typeName === "tzstr",
  ),
  tzrange: typeOf("tzrange", makeRange, (zone) => zone instanceof RangeZone),
  gettz: pyFunction("gettz(name=None)", (_self, [name]) =>
    getZone(typeof name === "string" ? name : ""),
  ),
  enfold: pyFunction("enfold(dt, fold=1)", (_self, [at, fold = 1]) =>
    at instanceof PyDateTime ? withFold(at, fold === 0 ? 0 : 1) : null,
  ),
  datetime_exists: pyFunction("datetime_exists(dt, tz=None)", (_self, [value, tz]) => {
    const { at, zone } = placed(value, tz);
    return exists(at, zone);
  }),
  datetime_ambiguous: pyFunction("datetime_ambiguous(dt, tz=None)", (_self, [value, tz]) => {
    const { at, zone } = placed(value, tz);
    return zone.isAmbiguous(at.wall);
  }),
  resolve_imaginary: pyFunction("resolve_imaginary(dt)", (_self, [at]) =>
    at instanceof PyDateTime ? resolved(at) : null,
  ),
});

const TIMEZONE = parseSignature("timezone(offset, name=?)");

/** `datetime.timezone`. */
export const timezoneType: PyType = new PyType(
  "datetime.timezone",
  (call) => {
    const [offset = null, name] = bindNative(TIMEZONE, call, { name: "timezone" });
    if (!(offset instanceof PyTimedelta)) {
      throw typeError(`timezone() argument 1 must be datetime.timedelta, not ${typeName(offset)}`);
    }
    const label = name === undefined ? undefined : textArgument(name, "timezone", 2);
    return plainZone(Number(offset.total / 1_000_000n), label);
  },
  {
    utc,
    min: () => plainZone(-86_340),
    max: () => plainZone(86_340),
  },
  (value) => value instanceof FixedZone && value.kind === "timezone",
);

function timeOf(value: Value | undefined, method: string, zone: Zone): PyDateTime | undefined {
  if (value instanceof PyDateTime) return value;
  if (value === null || value === undefined) return undefined;
  if (zone.typeName !== "datetime.timezone") return undefined;
  throw typeError(
    `${method}(dt) argument must be a datetime instance or None, not ${typeName(value)}`,
  );
}

const isFixed = (zone: Zone): boolean => zone instanceof FixedZone;

const zoneMethods = nativeMethods<Zone>("timezone", "datetime.timezone", {
  "utcoffset(dt, /)": (self, [value]) => {
    const at = timeOf(value, "utcoffset", self);
    if (at === undefined && !isFixed(self)) return null;
    return deltaOf(self.offsetAtWall(at?.wall ?? 0, at?.fold ?? 0));
  },
  "dst(dt, /)": (self, [value]) => {
    const at = timeOf(value, "dst", self);
    if (at === undefined && !isFixed(self)) return null;
    return deltaOf(self.dstAt(at?.wall ?? 0, at?.fold ?? 0));
  },
  "tzname(dt, /)": (self, [value]) => {
    const at = timeOf(value, "tzname", self);
    if (at === undefined && !isFixed(self)) return null;
    return self.nameAt(at?.wall ?? 0, at?.fold ?? 0);
  },
  "is_ambiguous(dt, /)": (self, [value]) =>
    value instanceof PyDateTime && self.isAmbiguous(value.wall),
  "fromutc(dt, /)": (self, [value]) => {
    if (!(value instanceof PyDateTime)) throw typeError("fromutc: argument must be a datetime");
    if (value.zone !== self) throw valueError("fromutc: dt.tzinfo is not self");
    return PyDateTime.fromUtc(value.wall, value.microsecond, self);
  },
});

setZoneMembers(zoneMethods);
