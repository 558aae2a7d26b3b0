import type { DataMap } from "@lava/core";
import type { BuildNames } from "@lava/spec";
import type { Environment } from "../environment.ts";
import type { AwsAccess } from "../helpers/aws-access.ts";
import { awsHelper } from "../helpers/aws-helper.ts";
import type { ProjectHost } from "../project.ts";
import { withTimes } from "../yaml/with-times.ts";

/** What every template of a build sees (FW-063..077); `jinja.templates` and `lava.dag` are added for each. */
export type TemplateContext = Readonly<Record<string, unknown>> & {
  readonly lava: Omit<BuildNames["lava"], "dag">;
  readonly jinja: Omit<BuildNames["jinja"], "templates">;
};

/** Names of all templates of one build: config, then the realm, then `env`, then what is built in. */
export function buildContext(
  environment: Environment,
  realm: DataMap | undefined,
  host: ProjectHost,
  access: Pick<AwsAccess, "identity">,
): TemplateContext {
  const aws = awsHelper(access);
  return {
    ...withTimes(environment.config, environment.times),
    lava: realm === undefined ? { aws } : { realm, aws },
    env: environment.name,
    jinja: timesAndUser(host),
    environ: definedOnly(host.environ),
  };
}

/**
 * The context of one template: `jinja.templates` is the file being rendered (FW-069, FW-079), `lava.dag` looks for
 * files where its includes are.
 */
export function contextFor(
  context: TemplateContext,
  template: string,
  dag: BuildNames["lava"]["dag"],
): Readonly<Record<string, unknown>> & Pick<BuildNames, "jinja" | "lava"> {
  return {
    ...context,
    lava: { ...context.lava, dag },
    jinja: { ...context.jinja, templates: [template] },
  };
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (value: number): string => String(value).padStart(2, "0");

/** `jinja.ctime` and its like (FW-065..068). */
export function timesAndUser(host: Pick<ProjectHost, "clock" | "user">): TemplateContext["jinja"] {
  const date = new Date(host.clock.now());
  const local = {
    year: date.getFullYear(),
    month: date.getMonth(),
    day: date.getDate(),
    weekday: date.getDay(),
    clock: [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":"),
  };
  const utc = {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    clock: [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(":"),
  };
  return {
    ctime: ctime(local),
    utc_ctime: ctime(utc),
    datetime: datetime(local),
    utc_datetime: datetime(utc),
    iso_datetime: date.toISOString(),
    prog: "jinja",
    user: host.user,
  };
}

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly clock: string;
}

/** As C's `ctime` has it: the day is padded with a blank. */
function ctime({ year, month, day, weekday, clock }: Parts): string {
  return `${DAYS[weekday] ?? ""} ${MONTHS[month] ?? ""} ${String(day).padStart(2)} ${clock} ${year}`;
}

function datetime({ year, month, day, clock }: Parts): string {
  return `${year}-${two(month + 1)}-${two(day)} ${clock}`;
}

/** Environment variables that are set. */
export function definedOnly(environ: ProjectHost["environ"]): Record<string, string> {
  const defined: Record<string, string> = {};
  for (const [name, value] of Object.entries(environ))
    if (value !== undefined) defined[name] = value;
  return defined;
}
