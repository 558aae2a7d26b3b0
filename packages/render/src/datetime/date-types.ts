import { typeError, valueError } from "../values/error.ts";
import { parseSignature, PyType } from "../values/method.ts";
import { type CallArguments, typeName, type Value } from "../values/value.ts";
import {
  bindNative,
  classMembers,
  intArgument,
  isoArgument,
  nativeMethods,
  textArgument,
} from "./arguments.ts";
import {
  checkDate,
  floorMod,
  fromIsoCalendar,
  fromOrdinal,
  isoWeeks,
  LAST_ORDINAL,
} from "./calendar.ts";
import { dateConstants, PyDate } from "./date.ts";
import { datetimeConstants, PyDateTime } from "./datetime.ts";
import { activeNow, type Now, setInstanceMembers } from "./instance-members.ts";
import { badIso, readIsoDate, readIsoTime } from "./iso.ts";
import { strptime } from "./strptime.ts";
import { PyTime } from "./time.ts";
import { fromTimestamp } from "./timestamp.ts";
import { zoneArgument } from "./zone-argument.ts";
import { localZone, plainZone, utc, type Zone } from "./zone.ts";

const DATE = parseSignature("date(year, month, day)");
const DATETIME = parseSignature(
  "datetime(year, month, day, hour=?, minute=?, second=?, microsecond=?, tzinfo=None, fold=?)",
);

/** CPython looks at the first arguments before it misses the others. */
function checkFirst(call: CallArguments, size: number): void {
  if (call.args.length + call.kwargs.size > size) return;
  for (const [index, name] of ["year", "month", "day"].entries()) {
    const value = index < call.args.length ? call.args[index] : call.kwargs.get(name);
    if (value === undefined) return;
    intArgument(value, 1);
  }
}

function ordinalArgument(value: Value | undefined): PyDate {
  const ordinal = intArgument(value, 1);
  if (ordinal < 1) throw valueError("ordinal must be >= 1");
  if (ordinal > LAST_ORDINAL) {
    throw valueError(`year ${fromOrdinal(ordinal).year} is out of range`);
  }
  return PyDate.fromOrdinal(ordinal);
}

function isoWeekDate(
  year: Value | undefined,
  week: Value | undefined,
  day: Value | undefined,
): PyDate {
  const [y, w, d] = [intArgument(year, 1), intArgument(week, 1), intArgument(day, 1)];
  if (y < 1 || y > 9999) throw valueError(`Year is out of range: ${y}`);
  if (w < 1 || w > isoWeeks(y)) throw valueError(`Invalid week: ${w}`);
  if (d < 1 || d > 7) throw valueError(`Invalid day: ${d} (range is [1, 7])`);
  return PyDate.fromOrdinal(fromIsoCalendar(y, w, d));
}

function isoDate(value: Value | undefined): PyDate {
  const text = isoArgument(value);
  const found = readIsoDate(text);
  if (found === undefined || found.length !== text.length) throw badIso(text);
  return new PyDate(found.date.year, found.date.month, found.date.day);
}

function isoDateTime(value: Value | undefined): PyDateTime {
  const text = isoArgument(value);
  const found = readIsoDate(text);
  if (found === undefined) throw badIso(text);
  const midnight = new PyTime(0, 0, 0, 0);
  if (found.length === text.length) {
    return new PyDateTime(new PyDate(found.date.year, found.date.month, found.date.day), midnight);
  }
  const rest = Array.from(text.slice(found.length)).slice(1).join("");
  const time = readIsoTime(rest);
  if (time === undefined) throw badIso(text);
  const { year, month, day } = found.date;
  checkDate(year, month, day);
  return new PyDateTime(
    new PyDate(year, month, day),
    new PyTime(time.hour, time.minute, time.second, time.microsecond),
    time.offset === undefined ? null : plainZone(time.offset),
  );
}

const DATE_CLASS = ["today", "fromordinal", "fromtimestamp", "fromisoformat", "fromisocalendar"];

const dateClassMethods = (now: Now): ((self: null, name: string) => Value | undefined) =>
  nativeMethods<null>("date", "type", {
    "today()": () => PyDateTime.fromUtc(Math.floor(now() / 1000), 0, localZone).date,
    "!fromordinal(ordinal)": (_self, [ordinal]) => ordinalArgument(ordinal),
    "fromtimestamp(timestamp, /)": (_self, [timestamp = 0]) => fromTimestamp(timestamp, null).date,
    "fromisoformat(date_string, /)": (_self, [text]) => isoDate(text),
    "fromisocalendar(year, week, day)": (_self, [year, week, day]) => isoWeekDate(year, week, day),
  });

/** `datetime.date` on a clock. */
export function makeDateType(now: Now): PyType {
  const methods = dateClassMethods(now);
  return new PyType(
    "datetime.date",
    (call) => {
      checkFirst(call, 3);
      const [year, month, day] = bindNative(DATE, call);
      return new PyDate(intArgument(year, 1), intArgument(month, 1), intArgument(day, 1));
    },
    { ...classMembers(methods, DATE_CLASS), ...Object.fromEntries(dateConstants) },
    (value) => value instanceof PyDate,
  );
}

function makeDateTime(call: CallArguments): PyDateTime {
  checkFirst(call, 9);
  const bound = bindNative(DATETIME, call, { positional: 8 });
  const [year, month, day, hour, minute, second, micro, zone, fold] = bound;
  return new PyDateTime(
    new PyDate(intArgument(year, 1), intArgument(month, 1), intArgument(day, 1)),
    new PyTime(
      intArgument(hour, 0),
      intArgument(minute, 0),
      intArgument(second, 0),
      intArgument(micro, 0),
      zoneArgument(zone, null),
      intArgument(fold, 0),
    ),
  );
}

const naive = (value: PyDateTime): PyDateTime => new PyDateTime(value.date, value.time, null);

function combined(date: Value, time: Value, zone: Value | undefined): PyDateTime {
  if (!(date instanceof PyDate)) {
    throw typeError(`combine() argument 1 must be datetime.date, not ${typeName(date)}`);
  }
  if (!(time instanceof PyTime)) {
    throw typeError(`combine() argument 2 must be datetime.time, not ${typeName(time)}`);
  }
  return new PyDateTime(date, time, zoneArgument(zone, time.zone));
}

function parsed(text: string, format: string): PyDateTime {
  const at = strptime(text, format);
  return new PyDateTime(
    new PyDate(at.year, at.month, at.day),
    new PyTime(at.hour, at.minute, at.second, at.microsecond),
    at.offset === undefined ? null : plainZone(at.offset, at.zone),
  );
}

const DATETIME_CLASS = [
  "now",
  "today",
  "utcnow",
  "fromtimestamp",
  "utcfromtimestamp",
  "fromisoformat",
  "fromisocalendar",
  "fromordinal",
  "strptime",
  "combine",
];

function datetimeClassMethods(now: Now): (self: null, name: string) => Value | undefined {
  const at = (zone: Zone | null): PyDateTime => {
    const ms = now();
    const micros = floorMod(ms, 1000) * 1000;
    const moved = PyDateTime.fromUtc(Math.floor(ms / 1000), micros, zone ?? localZone);
    return zone === null ? new PyDateTime(moved.date, moved.time, null, 0) : moved;
  };
  const midnight = (date: PyDate): PyDateTime => new PyDateTime(date, new PyTime(0, 0, 0, 0));
  return nativeMethods<null>("datetime", "type", {
    "now(tz=None)": (_self, [zone]) => at(zoneArgument(zone, null)),
    "today()": () => at(null),
    "utcnow()": () => naive(at(utc)),
    "fromtimestamp(timestamp, tz=None)": (_self, [timestamp = 0, zone]) =>
      fromTimestamp(timestamp, zoneArgument(zone, null)),
    "utcfromtimestamp(timestamp, /)": (_self, [timestamp = 0]) =>
      naive(fromTimestamp(timestamp, utc)),
    "fromisoformat(date_string, /)": (_self, [text]) => isoDateTime(text),
    "fromisocalendar(year, week, day)": (_self, [year, week, day]) =>
      midnight(isoWeekDate(year, week, day)),
    "!fromordinal(ordinal)": (_self, [ordinal]) => midnight(ordinalArgument(ordinal)),
    "!strptime(date_string, format)": (_self, [text, format]) =>
      parsed(textArgument(text, "strptime", 1), textArgument(format, "strptime", 2)),
    "combine(date, time, tzinfo=?)": (_self, [date = null, time = null, zone]) =>
      combined(date, time, zone),
  });
}

/** `datetime.datetime` on a clock. */
export function makeDateTimeType(now: Now): PyType {
  const methods = datetimeClassMethods(now);
  return new PyType(
    "datetime.datetime",
    makeDateTime,
    { ...classMembers(methods, DATETIME_CLASS), ...Object.fromEntries(datetimeConstants) },
    (value) => value instanceof PyDateTime,
  );
}

const ofDates = dateClassMethods(activeNow);
const ofDateTimes = datetimeClassMethods(activeNow);
setInstanceMembers(
  (name) => ofDates(null, name),
  (name) => ofDateTimes(null, name),
);
