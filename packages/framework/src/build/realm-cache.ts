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
    const record = valueAt(parseJson(readFileSync(join(dist, FILE), "utf8")), ["lava", "realm"]);
    if (record === undefined || !isDataMap(record)) return undefined;
    return record["realm"] === realm ? { record } : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the realm's record for builds that cannot reach it. */
export function cacheRealm(dist: string, record: DataMap): void {
  const text = `${pythonJson({ lava: { realm: record } }, 4)}\n`;
  try {
    if (readFileSync(join(dist, FILE), "utf8") === text) return;
  } catch {
    mkdirSync(dist, { recursive: true });
  }
  writeFileSync(join(dist, FILE), text);
}
