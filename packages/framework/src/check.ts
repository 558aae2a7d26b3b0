import { LavaError } from "@lava/core";
import type { Finding, RealmInfo } from "./build/types.ts";
import type { Project } from "./project.ts";

/** Options of {@link checkProject}. */
export interface CheckOptions {
  /** One environment; all of them when absent. */
  readonly env?: string | undefined;
  readonly strict?: boolean | undefined;
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
}

/** Checks a project without building it: everything a build checks, and that environments agree on their keys. */
export async function checkProject(
  project: Project,
  _options: CheckOptions = {},
): Promise<CheckResult> {
  throw new LavaError("CHECK_FAILED", project.dir);
}
