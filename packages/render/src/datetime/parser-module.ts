import { str, truth } from "../values/basics.ts";
import { PyBytes } from "../values/bytes.ts";
import { PyError, typeError } from "../values/error.ts";
import { Markup } from "../values/markup.ts";
import {
  bind,
  builtinMethods,
  parseSignature,
  pyFunction,
  PyModule,
  PyType,
} from "../values/method.ts";
import { PyTuple } from "../values/sequence.ts";
import { positional, PyObject, typeName, type Value } from "../values/value.ts";
import { type DateTextOptions, parseDateText, parseWithRest } from "./date-parser.ts";
import { PyDateTime } from "./datetime.ts";
import type { Now } from "./instance-members.ts";
import { isoParse, isoParseDate, isoParseTime, isoParseZone } from "./iso-parser.ts";
import { PyTime } from "./time.ts";
import { zoneOfText } from "./tz-module.ts";
import { localZone, offsetZone, Zone } from "./zone.ts";

/** `parserinfo`: which of day and year comes first. */
class PyParserInfo extends PyObject {
  readonly typeName = "parserinfo";
  readonly dayFirst: boolean;
  readonly yearFirst: boolean;
  constructor(dayFirst: boolean, yearFirst: boolean) {
    super();
    this.dayFirst = dayFirst;
    this.yearFirst = yearFirst;
  }
  repr(): string {
    return "<dateutil.parser._parser.parserinfo object at 0x7f0000000000>";
  }
  override getAttribute(name: string): Value | undefined {
    if (name === "dayfirst") return this.dayFirst;
    return name === "yearfirst" ? this.yearFirst : undefined;
  }
}

function textOf(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof PyBytes) return new TextDecoder().decode(value.data);
  throw typeError(`Parser must be a string or character stream, not ${typeName(value)}`);
}

/** The zone that `tzinfos` gives for a name or offset; undefined where it has none. */
function zoneLookup(infos: Value): DateTextOptions["zoneOf"] {
  return (name, offset) => {
    let found: Value;
    if (infos instanceof PyObject && infos.callable) {
      found = infos.call(positional(name, offset));
    } else {
      const has = infos instanceof PyObject && name !== null && infos.contains(name) === true;
      if (!has) return undefined;
      found = infos.getItem(name) ?? null;
    }
    if (found === null || found instanceof Zone) return found;
    if (typeof found === "number" && Number.isInteger(found)) return offsetZone(name, found);
    if (typeof found === "string" || found instanceof Markup) {
      const zone = zoneOfText(str(found), false);
      if (zone === undefined) throw new PyError("ValueError", "unknown string format");
      return zone;
    }
    throw typeError("Offset must be tzinfo subclass, tz string, or int offset.");
  };
}

/** What the options of a parse are where nothing is said. */
function usualOptions(now: Now): DateTextOptions {
  const today = PyDateTime.fromUtc(Math.floor(now() / 1000), 0, localZone);
  return {
    dayFirst: false,
    yearFirst: false,
    fuzzy: false,
    ignoreZone: false,
    usual: new PyDateTime(today.date, new PyTime(0, 0, 0, 0), null),
    thisYear: today.year,
  };
}

/** Reads the date of a recurrence rule. */
export const ruleDate =
  (now: Now) =>
  (text: string, ignoreZone: Value, infos: Value): PyDateTime =>
    parseDateText(text, {
      ...usualOptions(now),
      ignoreZone: truth(ignoreZone),
      ...(infos === null ? {} : { zoneOf: zoneLookup(infos) }),
    });

const OPTIONS =
  "default=None, ignoretz=False, tzinfos=None, dayfirst=None, yearfirst=None, fuzzy=False, fuzzy_with_tokens=False";
const PARSE = parseSignature(`parse(timestr, parserinfo=None, ${OPTIONS})`);
const METHOD = parseSignature(`parser.parse(timestr, ${OPTIONS})`);

function parse(now: Now, info: Value, bound: readonly (Value | undefined)[]): Value {
  const [
    text = null,
    usual = null,
    ignoreZone = false,
    infos = null,
    dayFirst = null,
    yearFirst = null,
    fuzzy = false,
    withTokens = false,
  ] = bound;
  const own = info instanceof PyParserInfo ? info : undefined;
  const options: DateTextOptions = {
    ...usualOptions(now),
    dayFirst: dayFirst === null ? own?.dayFirst === true : truth(dayFirst),
    yearFirst: yearFirst === null ? own?.yearFirst === true : truth(yearFirst),
    fuzzy: truth(fuzzy) || truth(withTokens),
    ignoreZone: truth(ignoreZone),
    ...(usual instanceof PyDateTime ? { usual } : {}),
    ...(infos === null ? {} : { zoneOf: zoneLookup(infos) }),
  };
  const { date, rest } = parseWithRest(textOf(text), options);
  return truth(withTokens) ? new PyTuple([date, new PyTuple(rest)]) : date;
}

/** `parser(info)`. */
class PyDateParser extends PyObject {
  readonly typeName = "parser";
  readonly #now: Now;
  readonly #info: Value;
  constructor(now: Now, info: Value) {
    super();
    this.#now = now;
    this.#info = info;
  }
  repr(): string {
    return "<dateutil.parser._parser.parser object at 0x7f0000000000>";
  }
  override getAttribute(name: string): Value | undefined {
    if (name === "info") return this.#info;
    if (name !== "parse") return undefined;
    return pyFunction("parse(*, **)", (_self, args, kwargs) => {
      const given = args.map((value = null) => value);
      return parse(this.#now, this.#info, bind(METHOD, { args: given, kwargs }));
    });
  }
}

function isoText(value: Value | undefined): string {
  if (typeof value === "string") return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof PyBytes) return new TextDecoder().decode(value.data);
  throw typeError(`object of type '${typeName(value ?? null)}' has no len()`);
}

/** `isoparser(sep)`. */
class PyIsoParser extends PyObject {
  readonly typeName = "isoparser";
  readonly separator: string | undefined;
  constructor(separator: string | undefined) {
    super();
    this.separator = separator;
  }
  repr(): string {
    return "<dateutil.parser.isoparser.isoparser object at 0x7f0000000000>";
  }
  override getAttribute(name: string): Value | undefined {
    return isoMethods(this, name);
  }
}

const isoMethods = builtinMethods<PyIsoParser>("isoparser", {
  "isoparse(dt_str)": (self, [text]) => isoParse(isoText(text), self.separator),
  "parse_isodate(datestr)": (_self, [text]) => isoParseDate(isoText(text)),
  "parse_isotime(timestr)": (_self, [text]) => isoParseTime(isoText(text)),
  "parse_tzstr(tzstr, zero_as_utc=True)": (_self, [text]) => isoParseZone(isoText(text)),
});

const ISO = parseSignature("isoparser.__init__(sep=None)");
const INFO = parseSignature("parserinfo.__init__(dayfirst=False, yearfirst=False)");
const PARSER = parseSignature("parser.__init__(info=None)");

/** `dateutil.parser` on a clock. */
export function parserModule(now: Now): PyModule {
  return new PyModule("dateutil.parser", {
    parse: pyFunction("parse(*, **)", (_self, args, kwargs) => {
      const given = args.map((value = null) => value);
      const [text, info = null, ...rest] = bind(PARSE, { args: given, kwargs });
      return parse(now, info, [text, ...rest]);
    }),
    parser: new PyType("dateutil.parser._parser.parser", (call) => {
      const [info = null] = bind(PARSER, call);
      return new PyDateParser(now, info);
    }),
    parserinfo: new PyType("dateutil.parser._parser.parserinfo", (call) => {
      const [dayFirst = false, yearFirst = false] = bind(INFO, call);
      return new PyParserInfo(truth(dayFirst), truth(yearFirst));
    }),
    isoparse: pyFunction("isoparse(dt_str)", (_self, [text]) => isoParse(isoText(text))),
    isoparser: new PyType("dateutil.parser.isoparser.isoparser", (call) => {
      const [separator = null] = bind(ISO, call);
      return new PyIsoParser(separator === null ? undefined : str(separator));
    }),
  });
}
