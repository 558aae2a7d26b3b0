import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import type { PayloadFile } from "../payload/payload-builder.ts";

/** Every file below a folder outside of the sources, symlinks followed, sorted. */
export function installedFiles(folder: string, prefix = ""): PayloadFile[] {
  const files: PayloadFile[] = [];
  const walk = (relative: string, depth: number): void => {
    for (const name of readdirSync(join(folder, relative)).sort()) {
      const path = relative === "" ? name : `${relative}/${name}`;
      const stats = statSync(join(folder, path), { throwIfNoEntry: false });
      if (stats === undefined) continue;
      // Installers link packages to each other in circles; nothing real is that deep.
      if (stats.isDirectory()) {
        if (depth < 40) walk(path, depth + 1);
      } else if (stats.isFile()) {
        const content = readFileSync(join(folder, path));
        files.push({ path: `${prefix}${path}`, content, mode: stats.mode & 0o777 });
      }
    }
  };
  if (existsSync(folder)) walk("", 0);
  return files;
}

/**
 * The folder that `install` fills, kept under its key so that it is filled once; without a key it is made anew and
 * `read` is all there will be of it.
 */
export async function inCache<T>(
  cache: string,
  key: string | undefined,
  install: (folder: string) => Promise<boolean>,
  read: (folder: string) => T,
): Promise<T | undefined> {
  const kept = key === undefined ? undefined : join(cache, key);
  if (kept !== undefined && existsSync(kept)) return read(kept);
  mkdirSync(cache, { recursive: true });
  const folder = join(cache, `.new-${randomUUID()}`);
  mkdirSync(folder);
  try {
    if (!(await install(folder))) return undefined;
    if (kept === undefined) return read(folder);
    // Another build may have been faster; what it has is as good.
    if (!existsSync(kept)) renameSync(folder, kept);
    return read(kept);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
