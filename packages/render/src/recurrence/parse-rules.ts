import { PyDateTime } from "../datetime/datetime.ts";
import { PyWeekday, WEEKDAY_NAMES } from "../datetime/weekday.ts";
import { Zone } from "../datetime/zone.ts";
import { attribute } from "../values/attributes.ts";
import { str, truth } from "../values/basics.ts";
import { PyError, valueError } from "../values/error.ts";
import { bind, parseSignature } from "../values/method.ts";
import { PyList } from "../values/sequence.ts";
import { splitLines, trimEnd, words } from "../values/text.ts";
import { type CallArguments, positional, PyObject, type Value } from "../values/value.ts";
import { type PyRecurrence, PyRuleSet } from "./recurrence.ts";
import { FREQUENCIES } from "./rule.ts";

/** What reading the text of rules needs. */
export interface RuleReaders {
  readonly date: (text: string, ignoreZone: Value, zones: Value) => PyDateTime;
  readonly rule: (keywords: ReadonlyMap<string, Value>) => PyRecurrence;
  /** The zone of a name, as `tz.gettz` knows it. */
  readonly zone: (name: string) => Value;
}

interface Options {
  readonly start: Value;
  readonly ignoreZone: Value;
  readonly zoneIds: Value;
  readonly zoneInfos: Value;
}

const SIGNATURE = parseSignature(
  "_parse_rfc(s, dtstart=None, cache=False, unfold=False, forceset=False, compatible=False, ignoretz=False, tzids=None, tzinfos=None)",
);

/** `rrulestr`: a rule, or a set of rules and dates, from text of RFC 5545. */
export function parseRules(call: CallArguments, readers: RuleReaders): PyRecurrence {
  const [
    text = "",
    start = null,
    ,
    unfold = false,
    forceSet = false,
    compatible = false,
    ignoreZone = false,
    zoneIds = null,
    zoneInfos = null,
  ] = bind(SIGNATURE, call);
  const source = str(text);
  const upper = source.toUpperCase();
  if (words(upper).length === 0) throw valueError("empty string");
  const lines = truth(unfold) || truth(compatible) ? unfolded(upper) : words(upper);
  const options: Options = { start, ignoreZone, zoneIds, zoneInfos };
  const asSet = truth(forceSet) || truth(compatible);
  const isPlain = !upper.includes(":") || upper.startsWith("RRULE:");
  const [only = ""] = lines;
  if (!asSet && lines.length === 1 && isPlain) return readLine(only, options, readers);
  return readLines(lines, source, options, readers, asSet, truth(compatible));
}

/** Joins lines that begin with a blank to the one before. */
function unfolded(text: string): string[] {
  const lines: string[] = [];
  for (const raw of splitLines(text, false)) {
    const line = trimEnd(raw);
    if (line === "") continue;
    if (lines.length > 0 && line.startsWith(" "))
      lines.push(`${lines.pop() ?? ""}${line.slice(1)}`);
    else lines.push(line);
  }
  return lines;
}

function readLines(
  lines: readonly string[],
  source: string,
  given: Options,
  readers: RuleReaders,
  forceSet: boolean,
  compatible: boolean,
): PyRecurrence {
  const zones = new Map(
    Array.from(source.matchAll(/TZID=([^:]+):/g), ([, name = ""]) => [name.toUpperCase(), name]),
  );
  const rules: string[] = [];
  const dates: string[] = [];
  const excludedRules: string[] = [];
  const excludedDates: Value[] = [];
  let options = given;
  for (const line of lines) {
    const colon = line.indexOf(":");
    const head = colon < 0 ? "RRULE" : line.slice(0, colon);
    const value = line.slice(colon + 1);
    const [name, ...parameters] = head.split(";");
    const refuse = (allowed: string): void => {
      const bad = parameters.find((parameter) => parameter !== allowed);
      if (bad !== undefined) throw valueError(`unsupported ${name} parm: ${bad}`);
    };
    if (name === "RRULE" || name === "EXRULE") {
      refuse("");
      (name === "RRULE" ? rules : excludedRules).push(value);
    } else if (name === "RDATE") {
      refuse("VALUE=DATE-TIME");
      dates.push(value);
    } else if (name === "EXDATE") {
      excludedDates.push(...readDates(value, parameters, zones, options, readers));
    } else if (name === "DTSTART") {
      const [start = null, ...more] = readDates(value, parameters, zones, options, readers);
      if (more.length > 0) throw valueError(`Multiple DTSTART values specified:${value}`);
      options = { ...options, start };
    } else throw valueError(`unsupported property: ${name}`);
  }
  const hasMore = dates.length + excludedRules.length + excludedDates.length > 0;
  if (!forceSet && rules.length < 2 && !hasMore) {
    const [rule] = rules;
    if (rule === undefined) throw new PyError("IndexError", "list index out of range");
    return readLine(rule, options, readers);
  }
  const set = new PyRuleSet();
  for (const rule of rules) set.rules.push(readLine(rule, options, readers));
  for (const value of dates) {
    for (const text of value.split(",")) {
      set.dates.push(readers.date(text, options.ignoreZone, options.zoneInfos));
    }
  }
  for (const rule of excludedRules) set.excludedRules.push(readLine(rule, options, readers));
  set.excludedDates.push(...excludedDates);
  if (compatible && options.start !== null) set.dates.push(options.start);
  return set;
}

function readDates(
  text: string,
  parameters: readonly string[],
  zones: ReadonlyMap<string, string>,
  options: Options,
  readers: RuleReaders,
): PyDateTime[] {
  let zone: Value = null;
  let hasType = false;
  for (const parameter of parameters) {
    if (parameter.startsWith("TZID=")) {
      const name = zones.get(parameter.slice(5));
      if (name !== undefined) zone = zoneOf(name, options.zoneIds, readers);
      continue;
    }
    if (parameter !== "VALUE=DATE-TIME" && parameter !== "VALUE=DATE") {
      throw valueError(`unsupported parm: ${parameter}`);
    }
    if (hasType) throw valueError(`Duplicate value parameter found in: ${parameter}`);
    hasType = true;
  }
  return text.split(",").map((part) => {
    const date = readers.date(part, options.ignoreZone, options.zoneInfos);
    if (!(zone instanceof Zone)) return date;
    if (date.zone !== null) throw valueError("DTSTART/EXDATE specifies multiple timezone");
    return new PyDateTime(date.date, date.time, zone, date.fold);
  });
}

function zoneOf(name: string, ids: Value, readers: RuleReaders): Value {
  if (ids === null) return readers.zone(name);
  const lookup = ids instanceof PyObject && ids.callable ? ids : attribute(ids, "get");
  if (lookup instanceof PyObject && lookup.callable) return lookup.call(positional(name));
  throw valueError(`tzids must be a callable, mapping, or None, not ${str(ids)}`);
}

const INTEGERS = new Set(["INTERVAL", "COUNT"]);
const LISTS = new Set([
  "BYSETPOS",
  "BYMONTH",
  "BYMONTHDAY",
  "BYYEARDAY",
  "BYEASTER",
  "BYWEEKNO",
  "BYHOUR",
  "BYMINUTE",
  "BYSECOND",
]);

/** One `FREQ=...;...` line. */
function readLine(line: string, options: Options, readers: RuleReaders): PyRecurrence {
  let text = line;
  if (line.includes(":")) {
    const [name, value] = exactlyTwo(line.split(":"));
    if (name !== "RRULE") throw valueError("unknown parameter name");
    text = value;
  }
  const keywords = new Map<string, Value>([["dtstart", options.start]]);
  for (const pair of text.split(";")) {
    const [name, value] = exactlyTwo(pair.split("="));
    const found = readPart(name.toUpperCase(), value.toUpperCase(), options, readers);
    if (found === undefined) {
      throw valueError(`invalid '${name.toUpperCase()}': ${value.toUpperCase()}`);
    }
    keywords.set(found[0], found[1]);
  }
  return readers.rule(keywords);
}

function exactlyTwo(parts: readonly string[]): [string, string] {
  const [first, second] = parts;
  if (first === undefined || second === undefined) {
    throw valueError(`not enough values to unpack (expected 2, got ${parts.length})`);
  }
  if (parts.length > 2) throw valueError("too many values to unpack (expected 2)");
  return [first, second];
}

/** The argument that a part stands for; undefined where its value is bad. */
function readPart(
  name: string,
  value: string,
  options: Options,
  readers: RuleReaders,
): readonly [string, Value] | undefined {
  if (INTEGERS.has(name)) {
    const number = integer(value);
    return number === undefined ? undefined : [name.toLowerCase(), number];
  }
  if (LISTS.has(name)) {
    const numbers = value.split(",").map(integer);
    if (numbers.includes(undefined)) return undefined;
    return [name.toLowerCase(), new PyList(numbers.map((number = 0) => number))];
  }
  switch (name) {
    case "FREQ": {
      const frequency = FREQUENCIES.findIndex((known) => known === value);
      return frequency < 0 ? undefined : ["freq", frequency];
    }
    case "UNTIL":
      try {
        return ["until", readers.date(value, options.ignoreZone, options.zoneInfos)];
      } catch (error) {
        if (error instanceof PyError && /^(?:ValueError|ParserError)$/.test(error.type)) {
          return undefined;
        }
        throw error;
      }
    case "WKST": {
      const day = WEEKDAY_NAMES.findIndex((known) => known === value);
      return day < 0 ? undefined : ["wkst", day];
    }
    case "BYDAY":
    case "BYWEEKDAY": {
      const days = value.split(",").map(weekdayOf);
      if (days.includes(undefined)) return undefined;
      return ["byweekday", new PyList(days.map((day) => day ?? null))];
    }
    default:
      throw valueError(`unknown parameter '${name}'`);
  }
}

/** `+1MO`, `MO(+1)`, `MO`. */
function weekdayOf(text: string): PyWeekday | undefined {
  const match = /^(?:([-+\d]*)([A-Z][^(]*)|([A-Z]*)\((.*).)$/.exec(text);
  const name = match?.[3] ?? match?.[2];
  const count = match?.[4] ?? match?.[1];
  const weekday = WEEKDAY_NAMES.findIndex((known) => known === name);
  const n = count === undefined || count === "" ? null : integer(count);
  if (weekday < 0 || n === undefined || n === 0 || (match?.[4] === "" && n === null)) {
    return undefined;
  }
  return new PyWeekday(weekday, n, true);
}

const integer = (text: string): number | undefined =>
  /^\s*[+-]?\d+(?:_\d+)*\s*$/.test(text) ? Number(text.replaceAll("_", "")) : undefined;
