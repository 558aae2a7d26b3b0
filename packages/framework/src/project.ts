import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { basename, join, resolve } from "node:path";
import { type Clock, LavaError, isMap, parseJson, suggest, systemClock } from "@lava/core";
import type { SpecExtensions } from "@lava/spec";
import type { SqlLookup } from "./helpers/sql-access.ts";
import { type ProjectSettings, readSettings } from "./project-settings.ts";

/** What the framework takes from the machine it runs on; handed in so that tests can say what it is. */
export interface ProjectHost {
  readonly clock: Clock;
  /** What templates see as `environ` (FW-076). */
  readonly environ: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  /** Login name: `jinja.user` and `x-lava-user`. */
  readonly user: string;
  /** Where `lava.dag` finds the database connections of realms (FW-074); without it there are none. */
  readonly sql?: SqlLookup | undefined;
}

/** A job framework project: a folder with `config/` and `lava-*` component folders (FW-009 onward). */
export interface Project {
  /** Absolute, with symlinks resolved. */
  readonly dir: string;
  /** Marks what this project owns in a realm (`x-lava-project`): the name it was scaffolded with, or its folder's. */
  readonly id: string;
  /** Names of the environments: the files of `config/`, sorted. */
  readonly environments: readonly string[];
  /** How config alignment is checked: the answer `config_checks` of scaffolding, empty for `off` (FW-264, FW-269). */
  readonly configChecks: "strict" | "warning" | "off";
  readonly settings: ProjectSettings;
  readonly host: ProjectHost;
  /** Names of the plug-ins that its workers load: `lava.plugins` of its package.json. */
  readonly pluginNames: readonly string[];
  /** Schemas of the plug-ins, once they were loaded ({@link withPlugins}). */
  readonly plugins?: ProjectPlugins | undefined;
}

/** What the plug-ins of a project add to its specs. */
export interface ProjectPlugins {
  readonly extensions: SpecExtensions;
  /** Changes with the plug-ins: what was built before is then built anew. */
  readonly key: string;
}

/** The project, its specs checked by the schemas of plug-ins as well. */
export function withPlugins(project: Project, plugins: ProjectPlugins): Project {
  return { ...project, plugins };
}

/**
 * Opens the project in `dir` (or in the nearest folder above it that has a `config` folder and a `lava-jobs`,
 * `lava-connections`, `lava-triggers`, `lava-rules` or `lava-payloads` folder).
 *
 * @throws {LavaError} NOT_A_PROJECT; INVALID_CONFIG for settings in `.config.json` that cannot be read
 */
export async function openProject(dir: string, host: Partial<ProjectHost> = {}): Promise<Project> {
  const root = findRoot(resolve(dir));
  if (root === undefined) {
    throw new LavaError("NOT_A_PROJECT", `${resolve(dir)} is not in a lava project`, {
      hint: "A project has a config folder and lava-* folders beside it; `lava new DIR` makes one.",
      kind: "usage",
    });
  }
  const record = configRecord(root);
  const recorded = isMap(record["cookiecutter"]) ? record["cookiecutter"] : {};
  const name = recorded["project_id"] ?? recorded["project_name"];
  return {
    dir: root,
    id: typeof name === "string" && name !== "" ? name : basename(root),
    environments: listEnvironments(root),
    configChecks: configChecksOf(recorded["config_checks"]),
    settings: readSettings(record["lava"]),
    pluginNames: listPlugins(root),
    host: {
      clock: host.clock ?? systemClock,
      environ: host.environ ?? {},
      hostname: host.hostname ?? hostname(),
      user: host.user ?? loginName(),
      sql: host.sql,
    },
  };
}

/** The component folders of a project that hold specs, in the order of FW-226. */
export const SPEC_FOLDERS = [
  "lava-connections",
  "lava-jobs",
  "lava-rules",
  "lava-triggers",
] as const;

const COMPONENTS: readonly string[] = [...SPEC_FOLDERS, "lava-payloads"];

function findRoot(start: string): string | undefined {
  for (let dir = start; ; dir = resolve(dir, "..")) {
    if (isFolder(join(dir, "config")) && COMPONENTS.some((folder) => isFolder(join(dir, folder)))) {
      return realpathSync(dir);
    }
    if (resolve(dir, "..") === dir) return undefined;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function listEnvironments(root: string): string[] {
  return readdirSync(join(root, "config"))
    .filter((name) => name.endsWith(".yaml") && !name.startsWith(".") && !name.startsWith("_"))
    .map((name) => name.slice(0, -".yaml".length))
    .sort();
}

function configChecksOf(answer: unknown): Project["configChecks"] {
  if (answer === "") return "off";
  return answer === "warning" ? "warning" : "strict";
}

/** `.config.json`: answers of scaffolding (FW-030) and settings; without it nothing is known. */
function configRecord(root: string): Readonly<Record<string, unknown>> {
  try {
    const data = parseJson(readFileSync(join(root, ".config.json"), "utf8"));
    return isMap(data) ? data : {};
  } catch {
    return {};
  }
}

/** Without a package.json, or one that can be read, there are none. */
function listPlugins(root: string): string[] {
  try {
    const manifest = parseJson(readFileSync(join(root, "package.json"), "utf8"));
    const own = isMap(manifest) ? manifest["lava"] : undefined;
    const names = isMap(own) ? own["plugins"] : undefined;
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}

/** Name of the user at this machine; `--` when it has none. */
export function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return "--";
  }
}

/** The error for an environment that the project does not have (FW-050). */
export function unknownEnvironment(project: Project, env: string): LavaError {
  const near = suggest(env, project.environments);
  const list = project.environments.join(", ") || "none";
  return new LavaError("UNKNOWN_ENVIRONMENT", `config/${env}.yaml: No such file`, {
    hint: `${near === undefined ? "" : `Did you mean ${near}? `}Environments of this project: ${list}.`,
    kind: "usage",
  });
}
