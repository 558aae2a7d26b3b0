import { closeSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { errorText, LavaError } from "@lava/core";
import type { CliContext } from "../command.ts";
import { createDevFolder, type DevFolder } from "./dev-folder.ts";

const WAIT_MS = 120_000;

/**
 * Makes the dev folder and keeps other `lava dev` commands out of it until disposed of, so that two at once never
 * start a process twice. The lock is one of SQLite's: it ends with the process, however that ends.
 *
 * @param onWait called once when another command has to be waited for
 * @throws {LavaError} DEV_FOLDER_BUSY after two minutes
 */
export async function lockDevFolder(
  folder: DevFolder,
  context: Pick<CliContext, "clock" | "signal">,
  onWait?: () => void,
): Promise<Disposable> {
  const { clock, signal } = context;
  const deadline = clock.now() + WAIT_MS;
  for (let waited = false; ; waited = true) {
    await createDevFolder(folder);
    const lock = tryLock(join(folder.root, "lock"));
    if (lock !== undefined) return lock;
    if (!waited) onWait?.();
    if (clock.now() > deadline) {
      throw new LavaError(
        "DEV_FOLDER_BUSY",
        `Another lava dev command has been at work in ${folder.root} for long`,
        { hint: "Wait for it, or stop it." },
      );
    }
    await clock.sleep(100, signal);
  }
}

/** The lock, or undefined while another has it, or when `lava dev reset` removed the folder under our hands. */
function tryLock(file: string): Disposable | undefined {
  let db: DatabaseSync | undefined;
  try {
    closeSync(openSync(file, "a", 0o600));
    db = new DatabaseSync(file);
    const { ino } = statSync(file);
    db.exec("BEGIN EXCLUSIVE");
    if (statSync(file).ino === ino) {
      const held = db;
      return {
        [Symbol.dispose]: () => {
          held.close();
        },
      };
    }
  } catch (error) {
    if (!/locked|ENOENT/.test(errorText(error))) {
      db?.close();
      throw error;
    }
  }
  db?.close();
  return undefined;
}
