import { type Data, type DataMap, isMap, isTruthy } from "@lava/core";
import { checkKeys } from "../check-keys.ts";
import { isForeignField } from "../own-fields.ts";
import { dataMap } from "../scalars.ts";
import { badRecord, parseRecord, shownField, textField } from "./record.ts";

/** An s3 trigger as it is read from the table (TRIG-03..07). */
export interface StoredS3Trigger {
  readonly trigger_id: string;
  readonly bucket: string;
  readonly prefix: string;
  /** One id or several; rendered before use. */
  readonly job_id: readonly string[];
  /** By truth, as the original has it (TRIG-06). */
  readonly enabled: boolean;
  readonly jinja: boolean;
  readonly delay: Data | undefined;
  readonly globals: DataMap;
  readonly parameters: DataMap;
  /** The fields `if_...` and `if_not_...`. */
  readonly conditions: DataMap;
  readonly owner: string;
  readonly description: string;
  /** The whole item. */
  readonly raw: DataMap;
  readonly warnings: readonly string[];
}

const REQUIRED = ["bucket", "prefix", "job_id", "enabled", "trigger_id"];
const CONDITIONS = ["fnmatch", "size_gt", "event_type"].flatMap((name) => [
  `if_${name}`,
  `if_not_${name}`,
]);
const OPTIONAL = ["globals", "parameters", "description", "jinja", "delay", "owner", ...CONDITIONS];

/**
 * Reads an item of the s3triggers table as the original does.
 *
 * @throws {LavaError} BAD_TRIGGER_RECORD
 */
export function parseStoredS3Trigger(item: unknown): StoredS3Trigger {
  const raw = parseRecord("s3trigger", item, REQUIRED);
  const unexpected = checkKeys(raw, REQUIRED, OPTIONAL, isForeignField);
  if (unexpected !== undefined) throw badRecord("s3trigger", unexpected);
  const enabled = raw["enabled"];
  const trigger_id = textField("s3trigger", raw, "trigger_id");
  return {
    trigger_id,
    bucket: textField("s3trigger", raw, "bucket"),
    prefix: textField("s3trigger", raw, "prefix"),
    job_id: jobIds(raw["job_id"]),
    enabled: isTruthy(enabled),
    jinja: raw["jinja"] === undefined || isTruthy(raw["jinja"]),
    delay: raw["delay"],
    globals: mapField(raw, "globals"),
    parameters: mapField(raw, "parameters"),
    conditions: Object.fromEntries(
      Object.entries(raw).filter(([name]) => CONDITIONS.includes(name)),
    ),
    owner: shownField(raw, "owner"),
    description: shownField(raw, "description"),
    raw,
    warnings:
      typeof enabled === "string"
        ? [`${trigger_id}: enabled is text; any text counts as true`]
        : [],
  };
}

function jobIds(value: Data | undefined): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.map((item: unknown) => {
    if (typeof item !== "string") {
      throw badRecord("s3trigger", "job_id must be a string or a list of strings");
    }
    return item;
  });
}

function mapField(raw: DataMap, name: string): DataMap {
  const value = raw[name];
  if (!isTruthy(value)) return {};
  if (!isMap(value)) throw badRecord("s3trigger", `${name} must be a map/dict`);
  return dataMap.parse(value);
}
