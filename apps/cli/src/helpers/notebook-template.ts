import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { NotebookTemplate } from "@lava/framework";
import type { CliContext } from "../command.ts";
import { readText } from "./read-data.ts";

/** The template of `-T`; what it extends or includes is in its folder. Undefined without one. */
export async function notebookTemplate(
  file: string | undefined,
  context: CliContext,
): Promise<NotebookTemplate | undefined> {
  if (file === undefined) return undefined;
  const folder = dirname(resolve(context.cwd, file));
  return {
    name: basename(file),
    source: await readText(file, context),
    load(name) {
      try {
        return readFileSync(resolve(folder, name), "utf8");
      } catch {
        return undefined;
      }
    },
  };
}
