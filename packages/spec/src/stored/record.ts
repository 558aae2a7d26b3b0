import { type DataMap, isMap, LavaError } from "@lava/core";
import { checkKeys } from "../check-keys.ts";
import { isForeignField } from "../own-fields.ts";
import { dataMap } from "../scalars.ts";

const NEVER = { retry: "never" } as const;

/** The kinds of stored records, with the error for a bad one. */
const KINDS = {
  job: (fault: string) => new LavaError("BAD_JOB_RECORD", `Bad job record: ${fault}`, NEVER),
  connection: (fault: string) =>
    new LavaError("BAD_CONNECTION_RECORD", `Bad connection record: ${fault}`, NEVER),
  s3trigger: (fault: string) =>
    new LavaError("BAD_TRIGGER_RECORD", `Bad trigger spec: ${fault}`, NEVER),
  realm: (fault: string) => new LavaError("BAD_REALM_RECORD", `Bad realm record: ${fault}`, NEVER),
} as const;

/** A kind of stored record. */
export type RecordKind = keyof typeof KINDS;

/** An item as a map, its required keys checked with the original's text. */
export function parseRecord(kind: RecordKind, item: unknown, required: readonly string[]): DataMap {
  if (!isMap(item)) throw badRecord(kind, "not a map");
  const fault = checkKeys(item, required, undefined, isForeignField);
  if (fault !== undefined) throw badRecord(kind, fault);
  const result = dataMap.safeParse(item);
  if (!result.success) throw badRecord(kind, "holds something that cannot be stored");
  return result.data;
}

/** The error for a bad record. */
export function badRecord(kind: RecordKind, fault: string): LavaError {
  return KINDS[kind](fault);
}

/** A field that must be text, where the original goes wrong with anything else. */
export function textField(kind: RecordKind, item: DataMap, name: string): string {
  const value = item[name];
  if (typeof value !== "string") throw badRecord(kind, `${name} must be a string`);
  return value;
}

/** A field that is shown only: text, or empty when it is absent or empty. */
export function shownField(item: DataMap, name: string): string {
  const value = item[name];
  return typeof value === "string" ? value : "";
}
