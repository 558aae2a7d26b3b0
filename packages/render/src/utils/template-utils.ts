import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "@lava/core";
import { type DateTextOptions, isoParse, parseDateText } from "../datetime/date-parser.ts";
import { makeDateTimeType, makeDateType, type Now } from "../datetime/date-types.ts";
import { PyDateTime } from "../datetime/datetime.ts";
import { relativedeltaModule } from "../datetime/relativedelta.ts";
import { PyTime, timeType } from "../datetime/time.ts";
import { timedeltaType } from "../datetime/timedelta.ts";
import { timezoneType, tzModule } from "../datetime/tz-module.ts";
import { localZone } from "../datetime/zone.ts";
import { regexModule } from "../regex/regex-module.ts";
import { easterModule, rruleModule } from "../recurrence/rrule-module.ts";
import { truth } from "../values/basics.ts";
import { PyDict } from "../values/dict.ts";
import { notSupported, typeError, valueError } from "../values/error.ts";
import { Markup } from "../values/markup.ts";
import { pyFunction, PyModule } from "../values/method.ts";
import { typeName, type Value } from "../values/value.ts";
import { pathModule } from "./path.ts";
import { PyUuid } from "./uuid.ts";

/** Options of {@link templateUtils}. */
export interface TemplateUtilsOptions {
  /** What `now()` and `today()` ask; the system's by default. */
  readonly clock?: Clock;
  /** What `uuid()` gives; random by default. */
  readonly uuid?: () => string;
}

/** The `utils` of templates: date and time classes, dateutil, re, path, S3 names, uuid (WK-132). */
export function templateUtils(options: TemplateUtilsOptions = {}): PyDict {
  const clock = options.clock ?? systemClock;
  const now: Now = () => clock.now();
  const uuid = options.uuid ?? randomUUID;
  const parser = parserModule(now);
  const dateutil = new PyModule("dateutil", {
    parser,
    tz: tzModule,
    relativedelta: relativedeltaModule,
    rrule: rruleModule((like) => {
      const at = PyDateTime.fromUtc(Math.floor(now() / 1000), 0, like?.zone ?? localZone);
      return new PyDateTime(at.date, at.time, like?.zone ?? null, at.fold);
    }, (text, ignoreZone) => parseDateText(text, dateTextOptions(now, { ignoreZone: truth(ignoreZone) }))),
    easter: easterModule,
  });
  return new PyDict(
    Object.entries<Value>({
      timedelta: timedeltaType,
      datetime: makeDateTimeType(now),
      date: makeDateType(now),
      dateutil,
      time: timeType,
      timezone: timezoneType,
      parsedate: parser,
      s3bucket: pyFunction("<lambda>(s)", (_self, [name]) => splitS3(name)[0]),
      s3key: pyFunction("<lambda>(s)", (_self, [name]) => splitS3(name)[1]),
      uuid: pyFunction("uuid4()", () => new PyUuid(uuid())),
      path: pathModule,
      re: regexModule,
    }),
  );
}

function dateTextOptions(now: Now, given: Partial<DateTextOptions>): DateTextOptions {
  const today = PyDateTime.fromUtc(Math.floor(now() / 1000), 0, localZone);
  return {
    dayFirst: false,
    yearFirst: false,
    fuzzy: false,
    ignoreZone: false,
    usual: new PyDateTime(today.date, new PyTime(0, 0, 0, 0)),
    thisYear: today.year,
    ...given,
  };
}

function parserModule(now: Now): PyModule {
  const parse = pyFunction(
    "parse(timestr, parserinfo=None, dayfirst=False, yearfirst=False, fuzzy=False, default=None, ignoretz=False, tzinfos=None, fuzzy_with_tokens=False)",
    (_self, [text = null, info, dayFirst, yearFirst, fuzzy, usual, ignoreZone, zones, tokens]) => {
      if (typeof text !== "string" && !(text instanceof Markup)) {
        throw typeError(`Parser must be a string or character stream, not ${typeName(text)}`);
      }
      if ((info ?? null) !== null || (zones ?? null) !== null || truth(tokens ?? false)) {
        throw notSupported("parserinfo, tzinfos or fuzzy_with_tokens of parsedate.parse");
      }
      return parseDateText(
        text instanceof Markup ? text.text : text,
        dateTextOptions(now, {
          dayFirst: truth(dayFirst ?? false),
          yearFirst: truth(yearFirst ?? false),
          fuzzy: truth(fuzzy ?? false),
          ignoreZone: truth(ignoreZone ?? false),
          ...(usual instanceof PyDateTime ? { usual } : {}),
        }),
      );
    },
  );
  return new PyModule("dateutil.parser", {
    parse,
    isoparse: pyFunction("isoparse(dt_str)", (_self, [text = null]) => {
      if (typeof text !== "string") throw typeError("isoparse wants a str");
      return isoParse(text);
    }),
  });
}

/** Bucket and key of an S3 name, however it is written (T-26). */
function splitS3(name: Value | undefined): [bucket: string, key: string] {
  if (typeof name !== "string") {
    throw typeError(`an S3 name is a str, not ${typeName(name ?? null)}`);
  }
  const bare = name.replace(/^s3:(?:\/\/)?/, "");
  const trimmed = bare.replace(/^\/+|\/+$/g, "");
  const slash = trimmed.indexOf("/");
  const bucket = slash < 0 ? trimmed : trimmed.slice(0, slash);
  if (bucket === "") throw valueError(`Invalid S3 object name: ${bare}`);
  return [bucket, slash < 0 ? "" : trimmed.slice(slash + 1).replace(/^\/+/, "")];
}
