import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DataMap } from "@lava/core";
import type { Realm } from "@lava/realm";
import { pythonJson } from "../build/python-json.ts";

/** Keeps what a deployment is about to replace or delete (FW-134). */
export interface Backup {
  /** Absolute; undefined while nothing was kept. */
  readonly folder: string | undefined;
  item(kind: string, id: string, item: DataMap): Promise<void>;
  payload(realm: Realm, key: string): Promise<void>;
}

/** A backup below `dist/<env>/.backup/<time>`, made when there is something to keep. */
export function openBackup(dist: string, time: string): Backup {
  const folder = join(dist, ".backup", time);
  let used = false;
  const place = async (...parts: string[]): Promise<string> => {
    const file = join(folder, ...parts);
    await mkdir(dirname(file), { recursive: true });
    used = true;
    return file;
  };
  return {
    get folder() {
      return used ? folder : undefined;
    },
    async item(kind, id, item) {
      await writeFile(
        await place(kind, `${encodeURIComponent(id)}.json`),
        `${pythonJson(item, 4)}\n`,
      );
    },
    async payload(realm, key) {
      await realm.payloads.getFile(key, await place("payload", encodeURIComponent(key)));
    },
  };
}
