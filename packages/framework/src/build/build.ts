import { LavaError } from "@lava/core";
import type { Project } from "../project.ts";
import type { BuildOptions, BuildResult } from "./types.ts";

/**
 * Builds a project for one environment into `dist/<env>`: renders, checks and writes what has changed since the
 * last build. When anything is wrong, nothing is written.
 *
 * @throws {LavaError} BUILD_FAILED with all issues
 */
export async function buildProject(project: Project, options: BuildOptions): Promise<BuildResult> {
  throw new LavaError("BUILD_FAILED", `${project.dir} ${options.env}`);
}
