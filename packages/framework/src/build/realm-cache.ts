import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DataMap, parseJson } from "@lava/core";
import { valueAt } from "../environment.ts";
import { isDataMap, pythonJson } from "./python-json.ts";
import type { RealmInfo } from "./types.ts";

const FILE = ".realm.json";

/** The realm's record as a build last saw it, unless it is that of another realm (FW-080, FW-084). */
export function cachedRealm(dist: string, realm: string): RealmInfo | undefined {
  try {
    const cached = parseJson(readFileSync(join(dist, FILE), "utf8"));
    const record = valueAt(cached, ["lava", "realm"]);
    if (record === undefined || !isDataMap(record) || record["realm"] !== realm) return undefined;
    const endpoint = valueAt(cached, ["endpoint"]);
    return { record, ...(typeof endpoint === "string" ? { endpoint } : {}) };
  } catch {
    return undefined;
  }
}

/** A record for checks that know of none: it has the fields that every realm has. */
export function standInRealm(realm: string): RealmInfo {
  return {
    record: {
      realm,
      s3_payloads: `s3://payloads-of-${realm}/payloads`,
      s3_temp: `s3://temp-of-${realm}/temp`,
    },
  };
}

/** Keeps the realm's record for builds that cannot reach it. */
export function cacheRealm(dist: string, { record, endpoint }: RealmInfo): void {
  const where: DataMap = endpoint === undefined ? {} : { endpoint };
  const text = `${pythonJson({ lava: { realm: record }, ...where }, 4)}\n`;
  try {
    if (readFileSync(join(dist, FILE), "utf8") === text) return;
  } catch {
    mkdirSync(dist, { recursive: true });
  }
  writeFileSync(join(dist, FILE), text);
}
