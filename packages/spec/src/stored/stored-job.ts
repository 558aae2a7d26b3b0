import {
  type Data,
  type DataMap,
  DecimalValue,
  FloatValue,
  isMap,
  isTruthy,
  LavaError,
} from "@lava/core";
import { checkKeys } from "../check-keys.ts";
import { isForeignField } from "../own-fields.ts";
import { dataMap } from "../scalars.ts";
import { badRecord, parseRecord, shownField, textField } from "./record.ts";

/** A job as a worker reads it from the table: lenient, defaults filled in, nothing converted (WK-040..042). */
export interface StoredJob {
  readonly job_id: string;
  /** Any text: plugins may bring types. */
  readonly type: string;
  readonly worker: string;
  readonly payload: Data;
  /** A boolean, a template, or whatever is stored (WK-050, WK-057). */
  readonly enabled: Data;
  readonly parameters: DataMap;
  readonly globals: DataMap;
  /** State ids and the values used when there is none. */
  readonly state: DataMap;
  /** 0: no limit of the job's own. */
  readonly max_tries: number;
  readonly iteration_limit: Data;
  readonly iteration_delay: Data;
  readonly max_run_delay: Data | undefined;
  readonly schedule: Data | undefined;
  readonly dispatcher: string | undefined;
  /** Empty when there is none. */
  readonly owner: string;
  /** Empty when there is none. */
  readonly description: string;
  readonly cw_metrics: Data | undefined;
  readonly event_log: Data | undefined;
  readonly on_success: Data | undefined;
  readonly on_retry: Data | undefined;
  readonly on_fail: Data | undefined;
  /** The whole item. */
  readonly raw: DataMap;
  /** What the original warns about. */
  readonly warnings: readonly string[];
}

const REQUIRED = ["job_id", "type", "worker", "payload"];
const OPTIONAL = [
  "cw_metrics",
  "description",
  "dispatcher",
  "enabled",
  "event_log",
  "globals",
  "iteration_delay",
  "iteration_limit",
  "max_run_delay",
  "max_tries",
  "on_fail",
  "on_retry",
  "on_success",
  "owner",
  "parameters",
  "schedule",
  "state",
];

/**
 * Reads an item of the jobs table as the original does.
 *
 * @throws {LavaError} BAD_JOB_RECORD, RESERVED_GLOBAL
 */
export function parseStoredJob(item: unknown): StoredJob {
  const raw = parseRecord("job", item, REQUIRED);
  const globals = mapField(raw, "globals");
  const reserved = Object.keys(globals).find((name) => name.toLowerCase().startsWith("lava"));
  if (reserved !== undefined) {
    throw new LavaError("RESERVED_GLOBAL", `Reserved global: ${reserved}`, {
      hint: 'Names of globals may not start with "lava".',
      retry: "never",
    });
  }
  const job_id = textField("job", raw, "job_id");
  return {
    job_id,
    type: textField("job", raw, "type"),
    worker: textField("job", raw, "worker"),
    payload: raw["payload"] ?? null,
    enabled: raw["enabled"] === undefined ? false : raw["enabled"],
    parameters: mapField(raw, "parameters"),
    globals,
    state: mapField(raw, "state"),
    max_tries: maxTries(raw["max_tries"]),
    iteration_limit: raw["iteration_limit"] ?? 1,
    iteration_delay: raw["iteration_delay"] ?? 0,
    max_run_delay: raw["max_run_delay"],
    schedule: raw["schedule"],
    dispatcher: typeof raw["dispatcher"] === "string" ? raw["dispatcher"] : undefined,
    owner: shownField(raw, "owner"),
    description: shownField(raw, "description"),
    cw_metrics: raw["cw_metrics"],
    event_log: raw["event_log"],
    on_success: raw["on_success"],
    on_retry: raw["on_retry"],
    on_fail: raw["on_fail"],
    raw,
    warnings: warningsOf(job_id, raw),
  };
}

function mapField(raw: DataMap, name: string): DataMap {
  const value = raw[name];
  if (!isTruthy(value)) return {};
  if (!isMap(value)) throw badRecord("job", `${name} must be a map/dict`);
  return dataMap.parse(value);
}

function maxTries(value: Data | undefined): number {
  if (value === undefined || value === null) return 0;
  const number =
    value instanceof DecimalValue
      ? Number(value.text)
      : value instanceof FloatValue
        ? value.value
        : Number(value);
  if (Number.isNaN(number)) throw badRecord("job", `max_tries must be a number`);
  return number;
}

function warningsOf(job_id: string, raw: DataMap): string[] {
  const prefix = `${job_id}: Job spec deprecation warning:`;
  const unexpected = checkKeys(raw, REQUIRED, OPTIONAL, isForeignField);
  return [
    ...(unexpected === undefined ? [] : [`${prefix} ${unexpected}`]),
    ...["owner", "description"]
      .filter((name) => !isTruthy(raw[name]))
      .map((name) => `${prefix} ${name} field will be mandatory in a future release`),
  ];
}
