import { basename, dirname } from "node:path";
import { type DataMap, LavaError } from "@lava/core";
import { DEFAULT_DOCKERFILE } from "../build/docker/default-dockerfile.ts";
import { buildImage } from "../build/docker/docker-build.ts";
import { createInputs } from "../build/fingerprints.ts";
import type { NotebookTemplate } from "../build/notebook/notebook-template.ts";
import { folderFiles } from "../build/payload/folder-files.ts";
import { pkg } from "../build/payload/package.ts";
import type { PayloadContext, PayloadFile } from "../build/payload/payload-builder.ts";
import { createBuildRenderer } from "../build/renderer.ts";
import { definedOnly, timesAndUser } from "../build/template-context.ts";
import type { Finding } from "../build/types.ts";
import type { ProjectHost } from "../project.ts";
import { awsOfEnvironment, createAwsAccess } from "./aws-access.ts";
import { awsHelper } from "./aws-helper.ts";
import { createSqlAccess } from "./sql-access.ts";

/** What folders are packed with outside of a project. */
export interface PackOptions {
  readonly host: Pick<ProjectHost, "clock" | "environ" | "user" | "sql">;
  /** Names for templates; without any nothing is rendered (FW-175). */
  readonly params: DataMap | undefined;
  /** Absolute folder that keeps what was installed. */
  readonly cache: string;
  /** How notebooks become scripts, where it is not as ever (CLI-228). */
  readonly notebook?: NotebookTemplate | undefined;
}

/** What came of a folder. */
export interface Packed<T> {
  readonly result: T;
  readonly warnings: readonly Finding[];
}

/**
 * The zip of a folder as a build makes it of `x.pkg` (FW-186, CLI-228).
 *
 * @throws {LavaError} PACK_FAILED
 */
export async function packFolder(dir: string, options: PackOptions): Promise<Packed<Uint8Array>> {
  const { context, run } = contextOf(dir, options);
  const { files, findings } = await run(() => pkg.build(context));
  const warnings = orFail(dir, findings);
  return { result: files[0]?.content ?? new Uint8Array(), warnings };
}

/**
 * The files of a folder, each rendered, as a build makes them of `x.rsc` (CLI-230); symlinks are followed unless `links`
 * is false. Paths are relative to the folder.
 *
 * @throws {LavaError} PACK_FAILED
 */
export async function renderFolder(
  dir: string,
  options: PackOptions & { readonly links?: boolean },
): Promise<Packed<readonly PayloadFile[]>> {
  const { context, run, isRendered } = contextOf(dir, options);
  const { files, findings } = await run(() =>
    folderFiles(context, (path) => isRendered && !path.endsWith(".swp"), options.links),
  );
  return {
    result: files.filter(({ path }) => !path.endsWith(".swp")),
    warnings: orFail(dir, findings),
  };
}

/** What an image is made with. */
export interface ImageOptions extends PackOptions {
  /** Name of the image. */
  readonly tag: string;
  /** `name=value`. */
  readonly buildArgs: readonly string[];
  readonly platform: string | undefined;
  /** Text of a Dockerfile, in place of the one in the folder. */
  readonly dockerfile: string | undefined;
}

/**
 * Builds the image of a folder, as a build makes one of `x.docker` (CLI-229); gives its id.
 *
 * @throws {LavaError} PACK_FAILED, DOCKER_UNAVAILABLE, IMAGE_BUILD_FAILED
 */
export async function imageOfFolder(dir: string, options: ImageOptions): Promise<Packed<string>> {
  const { context, run, isRendered } = contextOf(dir, options);
  const { files, findings } = await run(() =>
    folderFiles(
      context,
      (path) => isRendered && (path === "Dockerfile" || path.startsWith("env/")),
    ),
  );
  const warnings = orFail(dir, findings);
  const others = files.filter(
    ({ path }) => path !== "Dockerfile" || options.dockerfile === undefined,
  );
  const given =
    options.dockerfile ??
    (files.some(({ path }) => path === "Dockerfile") ? undefined : DEFAULT_DOCKERFILE);
  const own =
    given === undefined
      ? []
      : [{ path: "Dockerfile", content: Buffer.from(given), mode: 0o644 } as const];
  const { environ } = options.host;
  const result = await buildImage({
    repository: options.tag,
    files: [...others, ...own],
    buildArgs: options.buildArgs,
    platform: options.platform,
    environ,
    cache: options.cache,
  });
  return { result, warnings };
}

function contextOf(dir: string, { host, params, cache, notebook }: PackOptions) {
  // Of the whole machine: a folder by itself has no project that its links could lead out of.
  const root = "/";
  const folder = dirname(dir).slice(1);
  const inputs = createInputs(root, () => undefined);
  const aws = createAwsAccess(awsOfEnvironment(host.environ));
  const environ = definedOnly(host.environ);
  const names = {
    ...params,
    env: "",
    lava: { aws: awsHelper(aws) },
    jinja: timesAndUser(host),
    environ,
  };
  const sql = createSqlAccess(host.sql, environ["LAVA_REALM"] ?? "");
  const renderer = createBuildRenderer(inputs, names, root, sql);
  const context: PayloadContext = {
    root,
    folder,
    name: basename(dir),
    inputs,
    renderer:
      params === undefined
        ? {
            ...renderer,
            render: (text) => ({ text: text.replace(/\n$/, ""), inputs: [], warnings: [] }),
          }
        : renderer,
    config: params ?? {},
    environ: host.environ,
    cache,
    notebook,
    programs: "all",
  };
  return { context, run: aws.run.bind(aws), isRendered: params !== undefined };
}

function orFail(dir: string, findings: readonly Finding[]): readonly Finding[] {
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return findings;
  throw new LavaError("PACK_FAILED", `${dir} cannot be packed`, { issues: errors });
}
