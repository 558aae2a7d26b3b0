import type { DataMap } from "@lava/core";
import { LavaError } from "@lava/core";
import type { Project } from "./project.ts";

/** One environment of a project: `config/<env>.yaml`, read and checked. */
export interface Environment {
  readonly name: string;
  /** `config/<env>.yaml`. */
  readonly file: string;
  readonly realm: string;
  readonly prefix: {
    readonly job: string;
    readonly payload: string;
    readonly s3trigger: string;
    readonly docker_repo: string;
    readonly rule: string;
  };
  /** The whole file: what templates see at top level. */
  readonly config: DataMap;
  /** SHA-256 of the file. */
  readonly hash: string;
}

/**
 * Reads and checks `config/<env>.yaml` (FW-045..052).
 *
 * @throws {LavaError} UNKNOWN_ENVIRONMENT, INVALID_CONFIG (with all issues)
 */
export async function loadEnvironment(project: Project, env: string): Promise<Environment> {
  throw new LavaError("UNKNOWN_ENVIRONMENT", `${project.dir} ${env}`);
}
