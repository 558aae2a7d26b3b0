import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ProjectHost } from "../project.ts";

/** A folder and the environment of the git that looks at it. */
export interface GitFolder {
  readonly dir: string;
  readonly host: Pick<ProjectHost, "environ">;
}

const execute = promisify(execFile);

/** What git prints in the folder of a project; undefined where there is no git or no repository. */
export async function runGit(project: GitFolder, ...args: string[]): Promise<string | undefined> {
  try {
    const env = { ...project.host.environ, GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" };
    const { stdout } = await execute("git", args, {
      cwd: project.dir,
      env,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch {
    return undefined;
  }
}

/** Files of a project that differ from what is committed, outside of `dist`; undefined without a repository. */
export async function gitChanges(project: GitFolder): Promise<string[] | undefined> {
  const status = await runGit(
    project,
    ...["status", "--porcelain", "--untracked-files=all", "--", ".", ":(exclude)dist"],
  );
  return status?.split("\n").flatMap((line) => (line === "" ? [] : [line.slice(3)]));
}
