import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "@lava/core";
import { makeDateTimeType, makeDateType } from "../datetime/date-types.ts";
import type { Now } from "../datetime/instance-members.ts";
import { parserModule } from "../datetime/parser-module.ts";
import { timeType } from "../datetime/time.ts";
import { timedeltaType } from "../datetime/timedelta.ts";
import { timezoneType } from "../datetime/tz-module.ts";
import { regexModule } from "../regex/regex-module.ts";
import { PyDict } from "../values/dict.ts";
import { typeError, valueError } from "../values/error.ts";
import { pyFunction } from "../values/method.ts";
import { typeName, type Value } from "../values/value.ts";
import { dateutilModule } from "./dateutil.ts";
import { pathModule } from "./path.ts";
import { PyUuid } from "./uuid.ts";

/** Options of {@link templateUtils}. */
export interface TemplateUtilsOptions {
  /** What `now()` and `today()` ask; the system's by default. */
  readonly clock?: Clock;
  /** What `uuid()` gives; random by default. */
  readonly uuid?: () => string;
}

const clocks = new WeakMap<object, Now>();

/** The clock of the `utils` among a template's names. */
export const clockOf = (utils: unknown): Now | undefined =>
  typeof utils === "object" && utils !== null ? clocks.get(utils) : undefined;

/** The `utils` of templates: date and time classes, dateutil, re, path, S3 names, uuid (WK-132). */
export function templateUtils(options: TemplateUtilsOptions = {}): PyDict {
  const clock = options.clock ?? systemClock;
  const now: Now = () => clock.now();
  const uuid = options.uuid ?? randomUUID;
  const parser = parserModule(now);
  const utils = new PyDict(
    Object.entries<Value>({
      timedelta: timedeltaType,
      datetime: makeDateTimeType(now),
      date: makeDateType(now),
      dateutil: dateutilModule(now, parser),
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
  clocks.set(utils, now);
  return utils;
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
