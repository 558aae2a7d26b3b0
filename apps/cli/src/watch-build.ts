import { realpathSync } from "node:fs";
import { join, relative } from "node:path";
import { watch } from "chokidar";

/** What a build reads by itself; of the rest of a project it reads what templates and specs name. */
const FOLDERS = new Set([
  "config",
  "etc",
  "lava-connections",
  "lava-jobs",
  "lava-payloads",
  "lava-rules",
  "lava-triggers",
  "misc",
]);

/** Where nothing is written by hand: what is built, and what tools keep. */
const NOT_WATCHED = /^(?:dist|node_modules|\..*)$/;

/** Milliseconds of rest before a build: editors write a file in several steps. */
const REST_MS = 120;

/**
 * Calls `build` once and then after each change of a project's sources, never two at a time, until the signal
 * aborts.
 *
 * @param build builds, and gives the project-relative names of the files that it read; undefined when it failed, which
 *   leaves those of the last one
 */
export async function watchProject(
  dir: string,
  build: () => Promise<ReadonlySet<string> | undefined>,
  signal: AbortSignal,
): Promise<void> {
  let inputs: ReadonlySet<string> = new Set();
  let change = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  const ended = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => {
    ended.resolve();
  });
  const watcher = watch(dir, {
    ignoreInitial: true,
    ignored: (path) => NOT_WATCHED.test(relative(dir, path).split("/")[0] ?? ""),
  });
  const ready = new Promise<void>((resolve) => {
    watcher.once("ready", resolve);
  });
  watcher.on("all", (_event, path) => {
    const name = relative(dir, path);
    if (!FOLDERS.has(name.split("/")[0] ?? "") && !inputs.has(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      change.resolve();
    }, REST_MS);
  });
  try {
    await Promise.race([ready, ended.promise]);
    while (!signal.aborted) {
      change = Promise.withResolvers();
      const names = await build();
      if (names !== undefined) inputs = withTargets(dir, names);
      await Promise.race([change.promise, ended.promise]);
    }
  } finally {
    clearTimeout(timer);
    await watcher.close();
  }
}

/** The same names, and those of the files that they are links to. */
function withTargets(dir: string, names: ReadonlySet<string>): ReadonlySet<string> {
  const root = realpathSync.native(dir);
  const all = new Set(names);
  for (const name of names) {
    try {
      all.add(relative(root, realpathSync.native(join(dir, name))));
    } catch {
      // No file: a name of something else, or one that was looked for and is not there.
    }
  }
  return all;
}
