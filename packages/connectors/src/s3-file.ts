import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { errorText, isMap, LavaError } from "@lava/core";
import type { AwsClients } from "@lava/realm";

/** Bytes up to which an upload is held in memory, so that it can be tried again. */
const IN_MEMORY = 32n * 1024n * 1024n;

/** A bucket and a key. */
export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

/** Bucket and key of `s3://bucket/key`, slashes at both ends cut (T-26); undefined for anything else. */
export function toS3Location(uri: string): S3Location | undefined {
  if (!uri.startsWith("s3://")) return undefined;
  const path = uri.slice("s3://".length).replace(/^\/+|\/+$/g, "");
  const slash = path.indexOf("/");
  return slash < 0
    ? { bucket: path, key: "" }
    : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}

/**
 * The content of an object, as a stream. Whoever gets it reads it to its end or destroys it.
 *
 * @throws {LavaError} NO_SUCH_OBJECT, S3_FAILED
 */
export async function openS3Object(
  clients: AwsClients,
  location: S3Location,
  options: { readonly ifMatch?: string | undefined } = {},
): Promise<{ readonly body: Readable; readonly etag: string | undefined }> {
  const s3 = await clients.s3();
  const { GetObjectCommand } = await import("@aws-sdk/client-s3");
  try {
    const { Body, ETag } = await s3.send(
      new GetObjectCommand({
        Bucket: location.bucket,
        Key: location.key,
        ...(options.ifMatch === undefined ? {} : { IfMatch: options.ifMatch }),
      }),
    );
    return { body: Body instanceof Readable ? Body : Readable.from([]), etag: ETag };
  } catch (error) {
    const message = `Download failed: s3://${location.bucket}/${location.key} - ${errorText(error)}`;
    if (errorName(error) === "NoSuchKey") {
      throw new LavaError("NO_SUCH_OBJECT", message, { cause: error });
    }
    throw new LavaError("S3_FAILED", message, { cause: error });
  }
}

/** Size and entity tag of an object; undefined when there is none. @throws {LavaError} S3_FAILED */
export async function statS3Object(
  clients: AwsClients,
  { bucket, key }: S3Location,
): Promise<{ readonly size: number; readonly etag: string | undefined } | undefined> {
  const s3 = await clients.s3();
  const { HeadObjectCommand } = await import("@aws-sdk/client-s3");
  try {
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return { size: head.ContentLength ?? 0, etag: head.ETag };
  } catch (error) {
    if (/^(?:NotFound|NoSuchKey)$/.test(errorName(error))) return undefined;
    throw new LavaError("S3_FAILED", `s3://${bucket}/${key}: ${errorText(error)}`, {
      cause: error,
    });
  }
}

/** The fault of an object that is not there, which tells whether its bucket is: S3 answers the same for both. */
export async function missingS3Object(
  clients: AwsClients,
  { bucket, key }: S3Location,
): Promise<LavaError> {
  const s3 = await clients.s3();
  const { HeadBucketCommand } = await import("@aws-sdk/client-s3");
  let isBucket = false;
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }));
  } catch (error) {
    // Any other fault, such as no right to ask, says nothing about the bucket.
    isBucket = /^(?:NotFound|NoSuchBucket)$/.test(errorName(error));
  }
  const message = `Download failed: s3://${bucket}/${key} - there is no such ${isBucket ? "bucket" : "object"}`;
  return new LavaError(isBucket ? "NO_SUCH_BUCKET" : "NO_SUCH_OBJECT", message, { retry: "never" });
}

/** Stores a local file as an object. @throws {LavaError} S3_FAILED */
export async function putS3File(
  clients: AwsClients,
  { bucket, key }: S3Location,
  path: string,
): Promise<void> {
  const s3 = await clients.s3();
  const { PutObjectCommand } = await import("@aws-sdk/client-s3");
  try {
    const { size } = await stat(path);
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: BigInt(size) <= IN_MEMORY ? await readFile(path) : createReadStream(path),
        ContentLength: size,
      }),
    );
  } catch (error) {
    throw new LavaError("S3_FAILED", `Upload failed: s3://${bucket}/${key} - ${errorText(error)}`, {
      cause: error,
    });
  }
}

/** Writes the content encoding of an object, in place. @throws {LavaError} S3_FAILED */
export async function setS3Encoding(
  clients: AwsClients,
  { bucket, key }: S3Location,
  encoding: string,
): Promise<void> {
  const s3 = await clients.s3();
  const { CopyObjectCommand } = await import("@aws-sdk/client-s3");
  try {
    await s3.send(
      new CopyObjectCommand({
        Bucket: bucket,
        Key: key,
        CopySource: `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`,
        MetadataDirective: "REPLACE",
        ContentEncoding: encoding,
      }),
    );
  } catch (error) {
    throw new LavaError("S3_FAILED", `s3://${bucket}/${key}: ${errorText(error)}`, {
      cause: error,
    });
  }
}

/** An object that was fetched into a temporary file, to be put back when it changed (CON-sqlite3-02). */
export interface StagedObject {
  /** The local file. */
  readonly path: string;
  /** Puts the file back if it changed, and removes it. @throws {LavaError} CONNECTION_CONFLICT */
  release(): Promise<void>;
  /** Removes the file. */
  discard(): Promise<void>;
}

/**
 * Fetches an object that must exist.
 *
 * @throws {LavaError} NO_SUCH_OBJECT, S3_FAILED
 */
export async function stageObject(
  clients: AwsClients,
  location: S3Location,
  tmpdir: string,
): Promise<StagedObject> {
  const uri = `s3://${location.bucket}/${location.key}`;
  const { body, etag } = await openS3Object(clients, location);
  await mkdir(tmpdir, { recursive: true });
  const path = join(tmpdir, `tmp${randomUUID().slice(0, 8)}.sqlite3`);
  const discard = (): Promise<void> => rm(path, { force: true });
  try {
    await pipeline(body, createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    await discard();
    throw new LavaError("S3_FAILED", `Download failed: ${uri} - ${errorText(error)}`, {
      cause: error,
    });
  }
  const before = await stat(path, { bigint: true });

  return {
    path,
    discard,
    async release() {
      try {
        const after = await stat(path, { bigint: true });
        if (after.size === before.size && after.mtimeNs === before.mtimeNs) return;
        const s3 = await clients.s3();
        const { PutObjectCommand } = await import("@aws-sdk/client-s3");
        await s3.send(
          new PutObjectCommand({
            Bucket: location.bucket,
            Key: location.key,
            Body: after.size <= IN_MEMORY ? await readFile(path) : createReadStream(path),
            ContentLength: Number(after.size),
            ServerSideEncryption: "AES256",
            ...(etag === undefined ? {} : { IfMatch: etag }),
          }),
        );
      } catch (error) {
        if (/^(PreconditionFailed|ConditionalRequestConflict)$/.test(errorName(error))) {
          throw new LavaError(
            "CONNECTION_CONFLICT",
            `Upload failed: ${uri} - it was changed by somebody else since it was read`,
            { cause: error, hint: "Let only one job at a time write this database." },
          );
        }
        throw new LavaError("S3_FAILED", `Upload failed: ${uri} - ${errorText(error)}`, {
          cause: error,
        });
      } finally {
        await discard();
      }
    },
  };
}

function errorName(error: unknown): string {
  const name: unknown = isMap(error) ? error["name"] : undefined;
  return typeof name === "string" ? name : "";
}
