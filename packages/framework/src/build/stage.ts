import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { OutputFile } from "./build-state.ts";
import { md5, sha256 } from "./fingerprints.ts";

/** A file to be put below `dist/<env>`. */
export interface StagedFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode?: number | undefined;
}

/** New outputs, written beside the old ones, that take their place all together. */
export interface Stage {
  /** Writes a file into the stage. */
  write(file: StagedFile): OutputFile;
  /** Moves what was written into place and deletes `removed`. */
  commit(removed: readonly string[]): void;
  /** Leaves everything as it was. */
  discard(): void;
}

/** Opens a stage in `dist`, and clears what builds that were killed have left. */
export function openStage(dist: string): Stage {
  const folder = join(dist, `.stage-${process.pid}`);
  clearDeadStages(dist);
  const paths: string[] = [];
  const made = new Set<string>();
  const makeFolder = (path: string): void => {
    if (made.has(path)) return;
    mkdirSync(path, { recursive: true });
    made.add(path);
  };
  rmSync(folder, { recursive: true, force: true });
  return {
    write({ path, content, mode }) {
      const target = join(folder, path);
      makeFolder(dirname(target));
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      writeFileSync(target, bytes);
      if (mode !== undefined) chmodSync(target, mode | 0o600);
      paths.push(path);
      const { mtimeMs } = statSync(target);
      return { path, size: bytes.length, mtimeMs, sha256: sha256(bytes), md5: md5(bytes) };
    },
    commit(removed) {
      const written = new Set(paths);
      for (const path of removed) {
        if (written.has(path)) continue;
        rmSync(join(dist, path), { force: true });
        removeEmptyFolders(dist, dirname(path));
      }
      made.clear();
      for (const path of paths) {
        makeFolder(dirname(join(dist, path)));
        renameSync(join(folder, path), join(dist, path));
      }
      rmSync(folder, { recursive: true, force: true });
    },
    discard() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function clearDeadStages(dist: string): void {
  if (!existsSync(dist)) return;
  for (const name of readdirSync(dist)) {
    const pid = /^\.stage-(\d+)$/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    rmSync(join(dist, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function removeEmptyFolders(dist: string, folder: string): void {
  for (let path = folder; path !== "." && path !== ""; path = dirname(path)) {
    try {
      rmdirSync(join(dist, path));
    } catch {
      return;
    }
  }
}
