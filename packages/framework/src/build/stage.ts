import {
  chmodSync,
  mkdirSync,
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

/** Opens a stage in `dist`; `id` tells builds that run at the same time apart. */
export function openStage(dist: string, id: number): Stage {
  const folder = join(dist, `.stage-${id}`);
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

function removeEmptyFolders(dist: string, folder: string): void {
  for (let path = folder; path !== "." && path !== ""; path = dirname(path)) {
    try {
      rmdirSync(join(dist, path));
    } catch {
      return;
    }
  }
}
