import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Realm } from "@lava/realm";
import type { CliContext } from "./command.ts";

/** A temporary folder: the one that was named, which must not be there yet, or a new one. */
export async function makeTmpdir(
  dir: string | undefined,
  { cwd, program = "lava" }: CliContext,
): Promise<AsyncDisposable & { readonly path: string }> {
  const path = dir === undefined ? await mkdtemp(join(tmpdir(), `${program}-`)) : resolve(cwd, dir);
  if (dir !== undefined) await mkdir(path, { mode: 0o700 });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A file of this machine, or the content of an object of S3. */
export async function openPlace(file: string, realm: Realm, { cwd }: CliContext) {
  const { openS3Object, toS3Location } = await import("@lava/connectors");
  const location = toS3Location(file);
  if (location === undefined) return { file: resolve(cwd, file) };
  const { body } = await openS3Object(realm.clients, location);
  // It may break off before it is read; who reads it is told.
  return body.on("error", () => undefined);
}

/**
 * Stores a content in a file of this machine or, by way of `dir`, in S3. What does not come whole never has the name
 * that was asked for.
 */
export async function storePlace(
  source: NodeJS.ReadableStream,
  { file, kmsKey, dir }: { file: string; kmsKey: string | undefined; dir: string },
  realm: Realm,
  { cwd, signal }: CliContext,
): Promise<void> {
  const { toS3Location, uploadS3File } = await import("@lava/connectors");
  const location = toS3Location(file);
  const target = resolve(cwd, file);
  // A device or a pipe cannot be put in the place of another.
  const there = location === undefined ? await stat(target).catch(() => undefined) : undefined;
  if (there !== undefined && !there.isFile() && !there.isDirectory()) {
    return pipeline(source, createWriteStream(target), { signal });
  }
  const part =
    location === undefined ? `${target}.${randomUUID().slice(0, 8)}.part` : join(dir, "object");
  try {
    await pipeline(source, createWriteStream(part), { signal });
    if (location === undefined) await rename(part, target);
    else await uploadS3File(realm.clients, location, part, kmsKey);
  } finally {
    await rm(part, { force: true });
  }
}

/** Job and run as templates of names see them (CLI-144). */
export function jobNames(env: CliContext["env"], { program = "lava" }: CliContext) {
  const own = `${program}.${process.pid}`;
  return { job_id: env["LAVA_JOB_ID"] ?? program, run_id: env["LAVA_RUN_ID"] ?? own };
}
