import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Project } from "../project.ts";

/** What a program printed and how it ended. */
export interface ToolResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The path of a program: the project's own (`node_modules/.bin`, `venv/bin`), else of PATH; undefined without one. */
export function findTool(project: Project, name: string): string | undefined {
  const path = project.host.environ["PATH"] ?? "";
  const own = ["node_modules/.bin", "venv/bin", ".venv/bin"].map((folder) =>
    join(project.dir, folder),
  );
  return [...own, ...path.split(delimiter).filter((folder) => folder !== "")]
    .map((folder) => join(folder, name))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Runs a program in the folder of a project; it need not end well, but it must start.
 *
 * @param variables Of its environment, beside the project's
 */
export async function runTool(
  project: Project,
  program: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<ToolResult> {
  const env = { ...project.host.environ, ...variables, NO_COLOR: "1", LC_ALL: "C.UTF-8" };
  return await new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { cwd: project.dir, env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve({ status: 0, stdout, stderr });
        else if (typeof error.code === "number") resolve({ status: error.code, stdout, stderr });
        else reject(error);
      },
    );
  });
}
