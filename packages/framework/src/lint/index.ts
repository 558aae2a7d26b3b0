import { inParallel } from "@lava/core";
import type { Project } from "../project.ts";
import { pythonEnvironmentNote } from "../python-environment.ts";
import { lintFiles } from "./lint-files.ts";
import type { Linter, LintOutcome } from "./linter.ts";
import { python } from "./python.ts";
import { script } from "./script.ts";
import { shell } from "./shell.ts";
import { yaml } from "./yaml.ts";

/** All linters of sources, by the names of their files. */
export const linters: Readonly<Record<string, Linter>> = { python, script, shell, yaml };

/** Runs those that the project wants: its settings switch each off (FW-264). */
export async function lintProject(project: Project): Promise<LintOutcome> {
  const files = lintFiles(project);
  const off = Object.entries(project.settings.lint).flatMap(([name, on]) => (on ? [] : [name]));
  const wanted = Object.values(linters).filter(({ name }) => !off.includes(name));
  const outcomes = await inParallel(wanted, 2, (linter) => linter.lint(project, files));
  // Packages of Python matter where there is Python (FW-044).
  const environment = files.python.length === 0 ? undefined : pythonEnvironmentNote(project);
  return {
    findings: outcomes.flatMap(({ findings }) => findings),
    notes: [
      ...(environment === undefined ? [] : [environment]),
      ...outcomes.flatMap(({ notes }) => notes),
    ],
  };
}
