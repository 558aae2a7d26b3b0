import { join } from "node:path";
import { runGit } from "./build/git.ts";
import { installHook, makeExecutable } from "./hook.ts";
import type { Project } from "./project.ts";
import { installPythonRequirements, refuseActiveVenv } from "./python-environment.ts";

/**
 * Prepares a project for work, as often as one likes (FW-038): helpers and hooks executable, git with a first commit
 * and the hook if the project wants it (FW-034, FW-042), and a Python environment where the project has Python
 * requirements (FW-039, FW-044).
 *
 * @returns what was done, for people
 * @throws {LavaError} VENV_ACTIVE, NO_SUCH_TOOL, TOOL_FAILED
 */
export async function initProject(
  project: Project,
  options: { readonly git: boolean; readonly pipIndexUrl?: string | undefined },
): Promise<string[]> {
  const done: string[] = [];
  refuseActiveVenv(project);
  await makeExecutable(join(project.dir, "bin"));
  if (options.git) done.push(...(await setUpGit(project)));
  const installed = await installPythonRequirements(project, options.pipIndexUrl);
  if (installed.length > 0) done.push(`Python packages of ${installed.join(" and ")} are in venv`);
  return done;
}

async function setUpGit(project: Project): Promise<string[]> {
  const done: string[] = [];
  if ((await runGit(project, "rev-parse", "--show-toplevel")) === undefined) {
    await runGit(project, "init", "--quiet");
    await runGit(project, "add", "--all");
    // The hook is not in place yet, so that a project can begin with faults.
    const made = await runGit(project, "commit", "--quiet", "--message", "Initial commit");
    done.push(
      made === undefined
        ? "git repository, without a commit: git does not know who you are"
        : "git repository with a first commit",
    );
  }
  const { hook } = await installHook(project);
  done.push(`git runs ${hook} before each commit`);
  return done;
}
