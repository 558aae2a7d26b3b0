import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findTool, runTool } from "../lint/run-tool.ts";
import type { Project } from "../project.ts";

/** A text merged of two, with marks where both changed the same lines. */
export interface Merged {
  readonly text: string;
  readonly conflicts: number;
}

/** A three-way merge by git, with its conflict marks; undefined where there is no git. */
export async function mergeTexts(
  project: Project,
  texts: { readonly own: string; readonly base: string; readonly other: string },
  labels: { readonly base: string; readonly other: string },
): Promise<Merged | undefined> {
  const git = findTool(project, "git");
  if (git === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "lava-merge-"));
  try {
    const files = (["own", "base", "other"] as const).map((name) => join(folder, name));
    const [own = "", base = "", other = ""] = files;
    await writeFile(own, texts.own);
    await writeFile(base, texts.base);
    await writeFile(other, texts.other);
    const names = ["-L", "yours", "-L", labels.base, "-L", labels.other];
    const { status, stdout } = await runTool(project, git, [
      "merge-file",
      "-p",
      "--diff3",
      ...names,
      own,
      base,
      other,
    ]);
    return status > 127 ? undefined : { text: stdout, conflicts: status };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
