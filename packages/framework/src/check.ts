import { LavaError } from "@lava/core";
import { byPlace, checkTogether, openBuild, prepareOutputs } from "./build/build-work.ts";
import { standInRealm } from "./build/realm-cache.ts";
import type { Finding, RealmInfo } from "./build/types.ts";
import { configAlignment } from "./config-alignment.ts";
import type { LintOutcome } from "./lint/linter.ts";
import { createRenderedLint, sqlFindings } from "./lint/rendered.ts";
import type { Project } from "./project.ts";
import { unknownEnvironment } from "./project.ts";

/** Options of {@link checkProject}. */
export interface CheckOptions {
  /** One environment; all of them when absent. */
  readonly env?: string | undefined;
  readonly strict?: boolean | undefined;
  /** Whether sources are linted too: style of YAML, Python, shell and script payloads, SQL. Default: true. */
  readonly lint?: boolean | undefined;
  /** What is known of the realms, by environment. */
  readonly realmInfo?: Readonly<Record<string, RealmInfo>> | undefined;
}

/** All that was found; `ok` when no finding is an error. */
export interface CheckResult {
  readonly ok: boolean;
  readonly issues: readonly Finding[];
  readonly environments: readonly string[];
  /** Number of specs and payloads looked at, over all environments. */
  readonly checked: number;
  /** What people should know of the check, such as that a linter is not there. */
  readonly notes: readonly string[];
}

/**
 * Checks a project without building it: everything a build checks, in every environment, and that environments
 * agree on their keys. A fault that several environments share is told once.
 *
 * @throws {LavaError} UNKNOWN_ENVIRONMENT
 */
export async function checkProject(
  project: Project,
  options: CheckOptions = {},
): Promise<CheckResult> {
  const { env } = options;
  if (env !== undefined && !project.environments.includes(env)) {
    throw unknownEnvironment(project, env);
  }
  const environments = env === undefined ? project.environments : [env];
  const found = new Map<string, Finding>();
  const add = (findings: readonly Finding[]): void => {
    for (const finding of findings) {
      const key = JSON.stringify([
        finding.file,
        finding.line,
        finding.path,
        finding.code,
        finding.message,
      ]);
      const severity = options.strict === true ? "error" : finding.severity;
      found.set(key, { ...finding, severity });
    }
  };
  add(configAlignment(project));
  const isLinted = options.lint !== false;
  const lint = isLinted ? await lintSources(project) : { findings: [], notes: [] };
  add(lint.findings);
  let checked = 0;
  for (const name of environments) {
    const outcome = await checkEnvironment(project, name, options.realmInfo?.[name], isLinted);
    add(outcome.findings);
    checked += outcome.checked;
  }
  const issues = [...found.values()].sort(byPlace);
  return {
    ok: issues.every(({ severity }) => severity !== "error"),
    issues,
    environments,
    checked,
    notes: lint.notes,
  };
}

/** Linters are loaded only where they are wanted. */
async function lintSources(project: Project): Promise<LintOutcome> {
  const { lintProject } = await import("./lint/index.ts");
  return await lintProject(project);
}

async function checkEnvironment(
  project: Project,
  env: string,
  realmInfo: RealmInfo | undefined,
  isLinted: boolean,
): Promise<{ findings: readonly Finding[]; checked: number }> {
  try {
    const work = await openBuild(project, { env, realmInfo, standIn: standInRealm });
    const rendered = createRenderedLint(project);
    const onRendered = isLinted ? { onRendered: rendered.onRendered } : {};
    const prepared = await prepareOutputs(work, work.outputs, onRendered);
    const together = await checkTogether(work, prepared, [], false, true);
    const findings = [
      ...work.findings,
      ...prepared.flatMap((output) => output.findings),
      ...together,
      ...rendered.findings,
      ...(isLinted ? sqlFindings(project, prepared) : []),
    ];
    return { findings, checked: prepared.length };
  } catch (error) {
    if (!(error instanceof LavaError) || error.code !== "INVALID_CONFIG") throw error;
    return { findings: error.issues.map((issue) => ({ ...issue, severity: "error" })), checked: 0 };
  }
}
