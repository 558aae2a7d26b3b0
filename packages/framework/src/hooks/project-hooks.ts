import { constants, accessSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { LavaError } from "@lava/core";
import { lastLines, runTool } from "../build/tools/run-tool.ts";
import { type Environment, loadEnvironment } from "../environment.ts";
import type { Project, ProjectHost } from "../project.ts";

/** When a project's own programs run. */
export type HookOperation = "dist" | "pre-install" | "install" | "uninstall" | "clean" | "diff";

/** Targets that `misc/Makefile.local` has (FW-219). */
const TARGETS: readonly HookOperation[] = ["dist", "pre-install", "install", "uninstall"];

/** A program of the project that was run, and what it printed. */
export interface HookRun {
  /** `misc/Makefile.local install`, `misc/hooks/install`. */
  readonly name: string;
  readonly output: string;
}

/**
 * Runs what a project has of its own for an operation: the target of `misc/Makefile.local`, then the executable
 * `misc/hooks/<operation>` (FW-219..224). They stand in `misc` and get `env`, `REALM`, `DIST`, `CONFIG`, `REALM_INFO`
 * and `BASEDIR`; the project's `bin` is first in PATH. Without any, nothing is done.
 *
 * @throws {LavaError} HOOK_FAILED, UNKNOWN_ENVIRONMENT, INVALID_CONFIG
 */
export async function runHooks(
  project: Project,
  env: string,
  operation: HookOperation,
  options: {
    /** Instead of the project's, where the realm is elsewhere. */
    readonly environ?: ProjectHost["environ"] | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<HookRun[]> {
  const misc = join(project.dir, "misc");
  const commands = [
    ...(TARGETS.includes(operation) && existsSync(join(misc, "Makefile.local"))
      ? [
          {
            name: `misc/Makefile.local ${operation}`,
            program: "make",
            args: ["--no-print-directory", "-f", "Makefile.local", operation],
          },
        ]
      : []),
    ...(isProgram(join(misc, "hooks", operation))
      ? [{ name: `misc/hooks/${operation}`, program: join(misc, "hooks", operation), args: [] }]
      : []),
  ];
  if (commands.length === 0) return [];
  const environment = await loadEnvironment(project, env);
  const variables = hookVariables(project, environment, options.environ ?? project.host.environ);
  mkdirSync(join(project.dir, "dist", env, "misc"), { recursive: true });
  const runs: HookRun[] = [];
  for (const { name, program, args } of commands) {
    const result = await runTool({
      program,
      args,
      cwd: misc,
      env: variables,
      signal: options.signal,
    });
    if (result.isMissing) {
      throw new LavaError("HOOK_FAILED", `${name} cannot run: ${program} is not there`, {
        hint: "Install it; or take the file away if nothing of its own is to be done.",
      });
    }
    if (result.status !== 0) {
      throw new LavaError(
        "HOOK_FAILED",
        `${name} has failed${result.status === undefined ? "" : ` with status ${result.status}`}:\n  ${lastLines(result.output, 10)}`,
      );
    }
    runs.push({ name, output: result.output });
  }
  return runs;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What the original's Makefiles hand to the local one; paths are seen from `misc`. */
function hookVariables(
  { dir }: Project,
  { name, realm }: Environment,
  environ: ProjectHost["environ"],
): ProjectHost["environ"] {
  return {
    ...environ,
    PATH: [join(dir, "bin"), environ["PATH"]].filter((part) => part !== undefined).join(":"),
    env: name,
    REALM: realm,
    BASEDIR: "..",
    CONFIG: `../config/${name}.yaml`,
    DIST: `../dist/${name}/misc`,
    REALM_INFO: `../dist/${name}/.realm.json`,
  };
}
