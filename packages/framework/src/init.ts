import { existsSync } from "node:fs";
import { join } from "node:path";
import { LavaError } from "@lava/core";
import { runGit } from "./build/git.ts";
import { installHook, makeExecutable } from "./hook.ts";
import { findTool, runTool } from "./lint/run-tool.ts";
import type { Project } from "./project.ts";

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
  const requirements = ["etc/requirements.txt", "requirements.txt"].filter((file) =>
    existsSync(join(project.dir, file)),
  );
  if (requirements.length > 0 && (project.host.environ["VIRTUAL_ENV"] ?? "") !== "") {
    throw new LavaError("VENV_ACTIVE", "A virtual environment of Python is active", {
      hint: "Leave it with `deactivate`.",
    });
  }
  await makeExecutable(join(project.dir, "bin"));
  if (options.git) done.push(...(await setUpGit(project)));
  if (requirements.length > 0) {
    await installRequirements(project, requirements, options.pipIndexUrl);
    done.push(`Python packages of ${requirements.join(" and ")} are in venv`);
  }
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

async function installRequirements(
  project: Project,
  requirements: readonly string[],
  index: string | undefined,
): Promise<void> {
  const venv = join(project.dir, "venv");
  const run = async (program: string, args: readonly string[]): Promise<void> => {
    const { status, stderr } = await runTool(project, program, args);
    if (status !== 0)
      throw new LavaError(
        "TOOL_FAILED",
        `${program} ${args[1] ?? ""}: ${stderr.trim().split("\n").at(-1) ?? ""}`,
      );
  };
  if (!existsSync(venv)) {
    const python = findTool(project, "python3");
    if (python === undefined) {
      throw new LavaError(
        "NO_SUCH_TOOL",
        "python3 is not there, and the project has Python requirements",
        {
          hint: "Install Python 3, or remove the requirements.",
        },
      );
    }
    await run(python, ["-m", "venv", venv]);
  }
  const url = index === undefined || index === "" ? [] : ["--index-url", index];
  for (const file of requirements)
    await run(join(venv, "bin/python"), [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--upgrade",
      ...url,
      "-r",
      file,
    ]);
}
