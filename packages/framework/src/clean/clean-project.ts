import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { loadBuildState } from "../build/build-state.ts";
import { CACHE_FOLDER } from "../build/build-work.ts";
import { removeImages } from "../build/docker/docker-build.ts";
import { type Project, unknownEnvironment } from "../project.ts";

/** What was removed. */
export interface CleanResult {
  /** Project-relative folders. */
  readonly removed: readonly string[];
  /** Images that were built and are not there any more, or that docker did not remove; not a failure (FW-260). */
  readonly missingImages: readonly string[];
}

/**
 * Removes what was built for one environment, or without one all of `dist` with what was installed for packages;
 * and the images of the project in this machine's docker engine (FW-259..262). Docker is asked only when there are.
 *
 * @throws {LavaError} UNKNOWN_ENVIRONMENT
 */
export async function cleanProject(project: Project, env?: string): Promise<CleanResult> {
  const dist = join(project.dir, "dist");
  const found = existsSync(dist) ? readdirSync(dist) : [];
  // What was built for an environment whose config file has gone can be removed too.
  if (env !== undefined && !project.environments.includes(env) && !found.includes(env)) {
    throw unknownEnvironment(project, env);
  }
  const built = env === undefined ? found.filter((name) => name !== CACHE_FOLDER) : [env];
  const images = built.flatMap((name) =>
    (loadBuildState(join(dist, name))?.entries ?? []).flatMap(({ image }) =>
      image === undefined ? [] : (image.parts ?? [image]).map(({ id }) => id),
    ),
  );
  const missingImages = await removeImages(images, project.host.environ);
  const folders = [env === undefined ? "dist" : `dist/${env}`];
  const removed = folders.filter((folder) => existsSync(join(project.dir, folder)));
  for (const folder of removed) rmSync(join(project.dir, folder), { recursive: true });
  return { removed, missingImages };
}
