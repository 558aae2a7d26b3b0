import { type FSWatcher, watch } from "node:fs";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** What a build reads; the rest of a project may change as it likes. */
const FOLDERS = [
  "config",
  "etc",
  "lava-connections",
  "lava-jobs",
  "lava-payloads",
  "lava-rules",
  "lava-triggers",
  "misc",
];

/** Milliseconds of rest before a build: editors write a file in several steps. */
const REST_MS = 120;

/**
 * Calls `build` once and then after each change of a project's sources, never two at a time, until the signal
 * aborts. Folders that come later are watched too.
 */
export async function watchProject(
  dir: string,
  build: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const watchers = new Map<string, FSWatcher>();
  let change = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      change.resolve();
    }, REST_MS);
  };
  const watchFolders = (): void => {
    for (const folder of FOLDERS) {
      const path = join(dir, folder);
      if (watchers.has(folder) || !existsSync(path)) continue;
      const watcher = watch(path, { recursive: true }, changed);
      // A folder that is removed may come again.
      watcher.on("error", () => {
        watchers.delete(folder);
        watcher.close();
      });
      watchers.set(folder, watcher);
    }
  };
  const ended = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => {
    ended.resolve();
  });
  const root = watch(dir, (_event, name) => {
    if (name === null || FOLDERS.includes(name)) {
      watchFolders();
      changed();
    }
  });
  watchFolders();
  try {
    while (!signal.aborted) {
      change = Promise.withResolvers();
      await build();
      await Promise.race([change.promise, ended.promise]);
    }
  } finally {
    clearTimeout(timer);
    root.close();
    for (const watcher of watchers.values()) watcher.close();
  }
}
