import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { LavaError } from "@lava/core";
import type { PayloadFile } from "../payload/payload-builder.ts";
import { lastLines, runTool } from "../tools/run-tool.ts";

/** What an image is made of. */
export interface ImageRecipe {
  readonly repository: string;
  /** A `Dockerfile` is among them. */
  readonly files: readonly PayloadFile[];
  /** Arguments of the build, `name=value`. */
  readonly buildArgs: readonly string[];
  /** Of `docker.platform`; undefined leaves it to the engine. */
  readonly platform: string | undefined;
  readonly environ: Readonly<Record<string, string | undefined>>;
  readonly cache: string;
}

/**
 * Builds an image by the docker command, which knows contexts, logins and proxies of the user; returns its id.
 *
 * @throws {LavaError} DOCKER_UNAVAILABLE, IMAGE_BUILD_FAILED
 */
export async function buildImage(recipe: ImageRecipe): Promise<string> {
  const { repository, files, platform, environ, cache } = recipe;
  const folder = join(cache, `.image-${randomUUID()}`);
  const content = join(folder, "content");
  try {
    for (const { path, content: bytes, mode } of files) {
      const target = join(content, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, bytes);
      chmodSync(target, readableByAll(mode));
    }
    const idFile = join(folder, "id");
    await runBuild(recipe, { folder, content, idFile }, []);
    const id = (): string => readFileSync(idFile, "utf8").trim();
    if (platform === undefined || (await isFor(id(), platform, environ))) return id();
    // Engines without BuildKit take the steps of another platform from their cache.
    await runBuild(recipe, { folder, content, idFile }, ["--no-cache"]);
    if (await isFor(id(), platform, environ)) return id();
    throw new LavaError(
      "IMAGE_BUILD_FAILED",
      `image ${repository} is not for ${platform}: this docker engine, or the base image, has another platform only`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws {LavaError} DOCKER_UNAVAILABLE, IMAGE_BUILD_FAILED */
async function runBuild(
  { repository, buildArgs, platform, environ }: ImageRecipe,
  { folder, content, idFile }: Readonly<Record<"folder" | "content" | "idFile", string>>,
  options: readonly string[],
): Promise<void> {
  const result = await runTool({
    program: "docker",
    args: [
      "build",
      "--force-rm",
      ...options,
      "--iidfile",
      idFile,
      "--tag",
      repository,
      ...buildArgs.flatMap((arg) => ["--build-arg", arg]),
      // By its name alone: its value, which may hold a password, stays out of the list of processes.
      ...(environ["PIP_INDEX_URL"] === undefined ? [] : ["--build-arg", "PIP_INDEX_URL"]),
      ...(platform === undefined ? [] : ["--platform", platform]),
      content,
    ],
    cwd: folder,
    env: environ,
  });
  if (result.isMissing || isUnreachable(result.output)) throw dockerUnavailable(result.output);
  if (result.status !== 0) {
    throw new LavaError(
      "IMAGE_BUILD_FAILED",
      `image ${repository} cannot be built; docker said:\n  ${lastLines(result.output, 8)}`,
    );
  }
}

/** Whether an image is for a platform; a variant that is not asked for does not count. */
async function isFor(
  id: string,
  platform: string,
  environ: ImageRecipe["environ"],
): Promise<boolean> {
  const { output } = await runTool({
    program: "docker",
    args: ["image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", id],
    cwd: "/",
    env: environ,
  });
  return output.trim() === platform.split("/").slice(0, 2).join("/");
}

/** What the owner may read, everybody may, and likewise run: workers have ids of their own (FW-198). */
function readableByAll(mode: number): number {
  return mode | (mode & 0o400 ? 0o044 : 0) | (mode & 0o100 ? 0o011 : 0);
}

/**
 * Gives an image another name in the docker engine.
 *
 * @throws {LavaError} IMAGE_BUILD_FAILED
 */
export async function tagImage(
  id: string,
  name: string,
  environ: ImageRecipe["environ"],
): Promise<void> {
  const { status, output } = await runTool({
    program: "docker",
    args: ["tag", id, name],
    cwd: "/",
    env: environ,
  });
  if (status === 0) return;
  throw new LavaError("IMAGE_BUILD_FAILED", `image ${name}: ${lastLines(output, 2)}`);
}

/** Whether the engine has an image; undefined when it cannot be asked. */
export async function hasImage(
  id: string,
  environ: ImageRecipe["environ"],
): Promise<boolean | undefined> {
  const { status, output } = await runTool({
    program: "docker",
    args: ["image", "inspect", "--format", "{{.Id}}", id],
    cwd: "/",
    env: environ,
  });
  if (status === 0) return true;
  return /no such image/i.test(output) ? false : undefined;
}

/** Removes images with all their names; those that are not there are returned (FW-260). */
export async function removeImages(
  ids: readonly string[],
  environ: ImageRecipe["environ"],
): Promise<string[]> {
  const missing: string[] = [];
  for (const id of new Set(ids)) {
    const { status } = await runTool({
      program: "docker",
      args: ["image", "rm", "--force", id],
      cwd: "/",
      env: environ,
    });
    if (status !== 0) missing.push(id);
  }
  return missing;
}

/** Whether docker's output says that there is no engine. */
export function isUnreachable(output: string): boolean {
  return /cannot connect to the docker daemon|failed to connect to the docker|docker daemon is not running|dial unix|permission denied while trying to connect/i.test(
    output,
  );
}

/** The error when there is no docker. */
export function dockerUnavailable(output: string): LavaError {
  return new LavaError(
    "DOCKER_UNAVAILABLE",
    output === ""
      ? "the docker command is not there"
      : `the docker engine cannot be reached: ${lastLines(output, 1)}`,
    {
      hint: "Install docker and start its engine, or set DOCKER_HOST; only payloads of kind .docker need it.",
    },
  );
}
