import { type Data, type DataMap, isMap } from "@lava/core";
import { dataMap } from "../scalars.ts";
import { parseRecord, textField } from "./record.ts";

/** A realm's record as it is read from the table of realms (WF-040..046, WK-014). */
export interface RealmRecord {
  readonly realm: string;
  /** `s3://bucket/prefix`, without slashes at the end. */
  readonly s3_payloads: string;
  /** `s3://bucket/prefix`, as it stands: `/` is put behind it (WF-040). */
  readonly s3_temp: string;
  readonly s3_key: string | undefined;
  /** Configuration as stored; `resolveConfig` reads it. */
  readonly config: DataMap;
  readonly on_success: Data | undefined;
  readonly on_retry: Data | undefined;
  readonly on_fail: Data | undefined;
  /** Default docker connection. */
  readonly docker: string | undefined;
  /** The whole item; templates see it as `realm`. */
  readonly raw: DataMap;
  readonly warnings: readonly string[];
}

/**
 * Reads an item of the table of realms as the original does.
 *
 * @throws {LavaError} BAD_REALM_RECORD
 */
export function parseRealmRecord(item: unknown): RealmRecord {
  const raw = parseRecord("realm", item, ["realm", "s3_payloads", "s3_temp"]);
  const { config, s3_key, docker } = raw;
  const s3_temp = textField("realm", raw, "s3_temp");
  return {
    realm: textField("realm", raw, "realm"),
    s3_payloads: textField("realm", raw, "s3_payloads").replace(/\/+$/, ""),
    s3_temp,
    s3_key: typeof s3_key === "string" && s3_key !== "" ? s3_key : undefined,
    config: isMap(config) ? dataMap.parse(config) : {},
    on_success: raw["on_success"],
    on_retry: raw["on_retry"],
    on_fail: raw["on_fail"],
    docker: typeof docker === "string" && docker !== "" ? docker : undefined,
    raw,
    warnings: s3_temp.endsWith("/")
      ? ["s3_temp ends with a slash, which is doubled in every key"]
      : [],
  };
}
