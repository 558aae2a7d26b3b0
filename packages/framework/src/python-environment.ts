import { readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LavaError } from "@lava/core";
import { sha256 } from "./build/fingerprints.ts";
import { findTool, runTool } from "./lint/run-tool.ts";
import type { Project } from "./project.ts";

/** Files that name the Python packages of a project's own environment, in the order in which they are installed (FW-039). */
const REQUIREMENTS = ["etc/requirements.txt", "requirements.txt"];

/** The environment that holds them, and a record in it of what was installed. */
const VENV = "venv";
const RECORD = `${VENV}/.lava-requirements`;

/** The requirement files of a project that ask for something: in a new project everything is commented out (FW-032). */
export function pythonRequirements(project: Project): string[] {
  return REQUIREMENTS.filter((file) => /^\s*[^#\s]/m.test(textOf(project, file)));
}

/**
 * What is amiss with a project's Python environment: that it is not there, or that its requirements have changed since.
 * A project without Python requirements needs none (FW-043, FW-044).
 */
export function pythonEnvironmentNote(project: Project): string | undefined {
  const files = pythonRequirements(project);
  if (files.length === 0) return undefined;
  const names = files.join(" and ");
  if (findOwnPython(project) === undefined) {
    return `the Python packages of ${names} are not installed: run \`lava init\``;
  }
  // One that somebody else made has no record, and is as good as they made it.
  const record = textOf(project, RECORD).trim();
  return record === "" || record === fingerprint(project, files)
    ? undefined
    : `${names} changed since \`lava init\`: run it again`;
}

/**
 * Installs a project's Python requirements into `venv`, which is made when it is not there (FW-039).
 *
 * @param index Package index; goes by the environment, as it may hold a password
 * @returns the requirement files; none when nothing is asked for
 * @throws {LavaError} VENV_ACTIVE, NO_SUCH_TOOL, TOOL_FAILED
 */
export async function installPythonRequirements(
  project: Project,
  index: string | undefined,
): Promise<readonly string[]> {
  const files = pythonRequirements(project);
  if (files.length === 0) return [];
  const env: Record<string, string> =
    index === undefined || index === "" ? {} : { PIP_INDEX_URL: index };
  const python = findOwnPython(project) ?? (await createVenv(project));
  for (const file of files) {
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"];
    await run(project, python, [...pip, "-r", file], file, env);
  }
  await writeFile(join(project.dir, RECORD), `${fingerprint(project, files)}\n`);
  return files;
}

/** @throws {LavaError} VENV_ACTIVE (FW-040) */
export function refuseActiveVenv(project: Project): void {
  const active = project.host.environ["VIRTUAL_ENV"] ?? "";
  if (active === "" || pythonRequirements(project).length === 0) return;
  throw new LavaError("VENV_ACTIVE", `The virtual environment ${active} of Python is active`, {
    hint: "Leave it with `deactivate`.",
  });
}

async function createVenv(project: Project): Promise<string> {
  const python = findTool(project, "python3");
  if (python === undefined) {
    throw new LavaError(
      "NO_SUCH_TOOL",
      "python3 is not there, and the project has Python requirements",
      { hint: "Install Python 3, or remove the requirements." },
    );
  }
  await run(project, python, ["-m", "venv", join(project.dir, VENV)], "venv");
  return join(project.dir, VENV, "bin/python");
}

async function run(
  project: Project,
  program: string,
  args: readonly string[],
  what: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { status, stdout, stderr } = await runTool(project, program, args, env);
  if (status === 0) return;
  const lines = `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
  const reason = lines.filter((line) => /error/i.test(line)).at(-1) ?? lines.at(-1) ?? "";
  throw new LavaError("TOOL_FAILED", `${what} cannot be installed: ${reason.trim()}`);
}

function findOwnPython(project: Project): string | undefined {
  const file = join(project.dir, VENV, "bin/python");
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? file : undefined;
}

function fingerprint(project: Project, files: readonly string[]): string {
  return sha256(files.map((file) => `${file}\n${textOf(project, file)}`).join("\n"));
}

function textOf(project: Project, path: string): string {
  const file = join(project.dir, path);
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true
    ? readFileSync(file, "utf8")
    : "";
}
