import { randomInt } from "node:crypto";
import { type Dirent, lstatSync, mkdirSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Logger, nullLogger } from "@lava/core";
import { markDirectory, removeDeadDirectories } from "./dead-workers.ts";
import { errorCode } from "./program.ts";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789_";

/** The directory of a worker: `<TMPDIR>/<realm>/<worker>.<pid>`; a suffix of the worker's name gives way (WK-080). */
export function workerTempDir(root: string, realm: string, worker: string, pid: number): string {
  const dot = worker.lastIndexOf(".");
  const isSuffix = dot > 0 && dot < worker.length - 1 && !worker.slice(dot).includes("/");
  return join(root, realm, `${isSuffix ? worker.slice(0, dot) : worker}.${pid}`);
}

const folders = new Map<string, number>();

/** Workers of one name in one process must not share a directory. */
export function ownFolder(folder: string): string {
  const count = (folders.get(folder) ?? 0) + 1;
  folders.set(folder, count);
  return count === 1 ? folder : `${folder}-${count}`;
}

/** `XXXXXXXX` of a temporary name (WK-084). */
export function randomName(): string {
  return Array.from({ length: 8 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}

/** Makes `<folder>/<prefix>XXXXXXXX<suffix>`, mode 0700. */
export async function makeTempDir(folder: string, prefix: string, suffix: string): Promise<string> {
  for (;;) {
    const path = join(folder, `${prefix}${randomName()}${suffix}`);
    try {
      mkdirSync(path, { mode: 0o700 });
      return path;
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
  }
}

/** Directories of runs below a worker's own (WK-060, WK-082). */
export interface TempArea {
  readonly folder: string;
  /**
   * Makes the directory of a run: `<run_id>`, and `<run_id>.XXXXXXXX` while an earlier execution has that. Claims keep
   * two executions of a run apart, so that what is there is no reason to fail it.
   */
  open(run_id: string): Promise<string>;
  /** Removes it; whatever cannot be removed is left. */
  close(path: string): Promise<void>;
  /** Removes the worker's directory with all that is in it. */
  remove(): Promise<void>;
}

/** Makes the worker's directory, after those of dead workers beside it were removed. */
export async function openTempArea(folder: string, logger: Logger = nullLogger): Promise<TempArea> {
  await removeDeadDirectories(dirname(folder), logger);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await markDirectory(folder, process.pid);
  return {
    folder,
    async open(run_id) {
      const name = run_id.replaceAll("/", "_");
      const path = join(folder, name);
      try {
        mkdirSync(path, { mode: 0o700 });
        return path;
      } catch (error) {
        if (errorCode(error) === "ENOENT") {
          // A cleaner took the worker's directory away.
          await mkdir(path, { recursive: true, mode: 0o700 });
          return path;
        }
        if (errorCode(error) !== "EEXIST") throw error;
        // An execution that was lost has not cleaned up yet, or another job's run has the same id.
        return makeTempDir(folder, `${name}.`, "");
      }
    },
    async close(path) {
      if (removeSmall(path)) return;
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
    },
    async remove() {
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    },
  };
}

/** Entries of a directory that is removed at once, without the detours of a recursive removal. */
const SMALL = 16;
/** Bytes of the list of a directory's entries, which file systems tell before they read it. */
const SMALL_BYTES = 16_384;

/** Removes a directory with little in it, as most runs leave it; false when there is more to it. */
function removeSmall(path: string): boolean {
  try {
    const entries: Dirent[] = [];
    const folders = [path];
    for (const folder of folders) {
      const found = lstatSync(folder);
      // A payload may have put a link in its place, which must not be followed, or a million files into it.
      if (!found.isDirectory() || found.size > SMALL_BYTES) return false;
      entries.push(...readdirSync(folder, { withFileTypes: true }));
      if (entries.length > SMALL) return false;
      for (const entry of entries) {
        if (entry.parentPath === folder && entry.isDirectory()) folders.push(pathOf(entry));
      }
    }
    for (const entry of entries) if (!entry.isDirectory()) unlinkSync(pathOf(entry));
    for (const folder of folders.toReversed()) rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function pathOf({ parentPath, name }: Dirent): string {
  return join(parentPath, name);
}
