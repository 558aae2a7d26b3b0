import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isMap, type Logger } from "@lava/core";
import { isGone, type ProcessIdentity, processIdentity } from "./process-identity.ts";

/** File in a worker's directory that says whose it is. Directories without one are nobody's to remove. */
const OWNER = ".worker.json";

/** Marks a worker's directory as that of this process. */
export async function markDirectory(folder: string, pid: number): Promise<void> {
  const identity = processIdentity(pid);
  if (identity !== undefined) await writeFile(join(folder, OWNER), `${JSON.stringify(identity)}\n`);
}

/**
 * Removes the directories that workers of a realm left when they were killed; a worker that ends removes its own.
 * `folder` is `<TMPDIR>/<realm>`. Never throws.
 *
 * @returns the directories that were removed
 */
export async function removeDeadDirectories(folder: string, logger: Logger): Promise<string[]> {
  const own = processIdentity(process.pid);
  if (own === undefined) return [];
  const removed: string[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const owner = await readOwner(path);
    if (owner === undefined || !isGone(owner, own)) continue;
    try {
      await rm(path, { recursive: true, force: true });
      removed.push(path);
      logger.info(
        { event_type: "worker" },
        `Removed ${path}, which worker process ${owner.pid} had left behind`,
      );
    } catch {
      // another user's: its own workers will
    }
  }
  return removed;
}

async function readOwner(folder: string): Promise<ProcessIdentity | undefined> {
  try {
    const owner: unknown = JSON.parse(await readFile(join(folder, OWNER), "utf8"));
    if (!isMap(owner)) return undefined;
    const { pid, started, boot, namespace } = owner;
    return typeof pid === "number" &&
      typeof started === "string" &&
      typeof boot === "string" &&
      typeof namespace === "string"
      ? { pid, started, boot, namespace }
      : undefined;
  } catch {
    return undefined;
  }
}
