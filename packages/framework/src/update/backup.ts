import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { formatLocalTime } from "@lava/core";
import { zipFiles } from "../build/payload/zip.ts";
import type { Project } from "../project.ts";

/** What can be made again, or is a backup itself. */
const LEFT_OUT = /^(?:\.git|\.lava-dev|dist|node_modules|__pycache__|\.?venv.*|.*\.zip)$/;

/**
 * Writes every source of a project, dot files and notebooks too, to `<folder>-<local time>.zip` in it (FW-289, FW-290).
 *
 * @returns its absolute path
 */
export async function writeBackup(project: Project): Promise<string> {
  const files: { path: string; content: Uint8Array; mode: number }[] = [];
  const walk = (folder: string): void => {
    for (const { name } of readdirSync(join(project.dir, folder), { withFileTypes: true })) {
      if (LEFT_OUT.test(name)) continue;
      const path = folder === "" ? name : `${folder}/${name}`;
      const file = join(project.dir, path);
      const stats = statSync(file, { throwIfNoEntry: false });
      if (stats?.isDirectory() === true) walk(path);
      else if (stats?.isFile() === true)
        files.push({ path, content: readFileSync(file), mode: stats.mode & 0o777 });
    }
  };
  walk("");
  const time = formatLocalTime(project.host.clock.now()).slice(0, 19);
  const target = join(project.dir, `${basename(project.dir)}-${time}.zip`);
  await writeFile(target, await zipFiles(files), existsSync(target) ? {} : { flag: "wx" });
  return target;
}
