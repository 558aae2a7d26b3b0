import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LavaError } from "@lava/core";
import { runGit } from "./build/git.ts";
import type { Project } from "./project.ts";

const HOOKS = "etc/git-hooks";

/** What {@link installHook} did. */
export interface HookResult {
  /** Project-relative. */
  readonly hook: string;
  /** It was not there. */
  readonly isNew: boolean;
}

/**
 * Lets git run the hooks of a project (FW-041, FW-042): `core.hooksPath`, and the hook itself where there is none.
 *
 * @throws {LavaError} NO_GIT
 */
export async function installHook(project: Project): Promise<HookResult> {
  const root = await gitRoot(project);
  const hook = `${HOOKS}/pre-commit`;
  const file = join(project.dir, hook);
  const isNew = !existsSync(file);
  if (isNew) {
    const { hookText } = await import("./scaffold/project-files.ts");
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, hookText(project.configChecks === "strict" ? "strict" : "warning"));
  }
  await makeExecutable(join(project.dir, HOOKS));
  // A project may be a folder of a larger repository.
  const inside = project.dir === root ? HOOKS : `${project.dir.slice(root.length + 1)}/${HOOKS}`;
  await runGit(project, "config", "core.hooksPath", inside);
  return { hook, isNew };
}

/** Takes the hooks out again; the hook stays where it is. @throws {LavaError} NO_GIT */
export async function removeHook(project: Project): Promise<void> {
  await gitRoot(project);
  await runGit(project, "config", "--unset", "core.hooksPath");
}

async function gitRoot(project: Project): Promise<string> {
  const root = (await runGit(project, "rev-parse", "--show-toplevel"))?.trim();
  if (root !== undefined && root !== "") return root;
  throw new LavaError("NO_GIT", `${project.dir} is in no git repository, or there is no git`, {
    hint: "`lava init` makes a repository.",
  });
}

/** Makes all files of a folder executable for their owner (FW-041). */
export async function makeExecutable(folder: string): Promise<void> {
  for (const name of existsSync(folder) ? await readdir(folder) : []) {
    const file = join(folder, name);
    const { mode } = await stat(file);
    await chmod(file, mode | 0o111);
  }
}
