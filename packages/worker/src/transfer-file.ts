import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { LavaError } from "@lava/core";
import type { JobContext } from "./handler.ts";

/** The path of a file parameter on this machine: under `basedir`, which begins at the job's directory. */
export function localPath(
  file: string,
  basedir: string | undefined,
  { tmpdir }: Pick<JobContext, "tmpdir">,
): string {
  return resolve(tmpdir, basedir ?? "", file);
}

/**
 * The content of a file parameter: an object (s3://bucket/key), or a file of this machine.
 *
 * @throws {LavaError} NO_SUCH_OBJECT, NO_SUCH_FILE
 */
export async function openTransferFile(
  file: string,
  basedir: string | undefined,
  context: JobContext,
): Promise<Readable | { readonly file: string }> {
  const { openS3Object, toS3Location } = await import("@lava/connectors");
  const location = toS3Location(file);
  if (location !== undefined) {
    const { body } = await openS3Object(context.realm.clients, location);
    // It may break off before it is read; who reads it is told.
    return body.on("error", () => undefined);
  }
  const path = localPath(file, basedir, context);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new LavaError("NO_SUCH_FILE", `[Errno 2] No such file or directory: '${path}'`, {
      retry: "never",
    });
  }
  if (found.isDirectory()) {
    throw new LavaError("IS_A_DIRECTORY", `[Errno 21] Is a directory: '${path}'`, {
      retry: "never",
    });
  }
  return { file: path };
}

/** Where a content goes. */
export interface TransferTarget {
  readonly file: string;
  readonly basedir?: string | undefined;
  readonly kms_key_id?: string | undefined;
}

/**
 * Stores a content as a file parameter says: in S3 by way of the job's directory, or on this machine. What does not
 * come whole never has the name that was asked for.
 */
export async function storeTransferFile(
  source: Readable,
  { file, basedir, kms_key_id }: TransferTarget,
  context: JobContext,
  signal: AbortSignal = context.signal,
): Promise<void> {
  const { toS3Location, uploadS3File } = await import("@lava/connectors");
  const location = toS3Location(file);
  const target = localPath(file, basedir, context);
  const part =
    location === undefined
      ? `${target}.${randomUUID().slice(0, 8)}.part`
      : join(context.tmpdir, `tmp${randomUUID()}`);
  try {
    await pipeline(source, createWriteStream(part), { signal });
    if (location === undefined) await rename(part, target);
    else await uploadS3File(context.realm.clients, location, part, kms_key_id);
  } finally {
    await rm(part, { force: true });
  }
}
