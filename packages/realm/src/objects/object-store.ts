import { createReadStream, createWriteStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { errorText, LavaError } from "@lava/core";
import { awsErrorCode, fromAwsError } from "../aws-errors.ts";
import type { AwsClients } from "../clients.ts";
import { putStream } from "./put-stream.ts";
import type { S3Location } from "./s3-uri.ts";
import type { ObjectSource, ObjectStore, StoredObject } from "./types.ts";

/** What is larger goes up in parts (WF-163). */
const MULTIPART_BYTES = 8 * 1024 * 1024;

/** Parts that an upload can have. */
const MAX_PARTS = 10_000;

/** Where a store's objects are and how they are encrypted. */
export interface ObjectStoreOptions extends S3Location {
  readonly clients: AwsClients;
  /** The realm's `s3_key`; AES256 when it has none (WF-160). */
  readonly s3_key: string | undefined;
}

/** Objects of one bucket below one prefix. */
export function openObjectStore(options: ObjectStoreOptions): ObjectStore {
  const { bucket, prefix, clients, s3_key } = options;
  const keyOf = (name: string): string => (prefix === "" ? name : `${prefix}/${name}`);
  const uri = (name: string): string => `s3://${bucket}/${keyOf(name)}`;
  const encryption =
    s3_key === undefined
      ? ({ ServerSideEncryption: "AES256" } as const)
      : ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: s3_key } as const);

  const load = () => Promise.all([clients.s3(), import("../sdk/s3.ts")]);
  type Loaded = Awaited<ReturnType<typeof load>>;

  /** Runs one call and gives its faults their meaning; `what` is what could not be done. */
  async function call<T>(
    what: string,
    action: (s3: Loaded[0], sdk: Loaded[1]) => Promise<T>,
  ): Promise<T> {
    try {
      return await action(...(await load()));
    } catch (error) {
      const code = awsErrorCode(error);
      if (code === "NoSuchBucket") {
        throw new LavaError("NO_SUCH_BUCKET", `There is no bucket ${bucket}`, { cause: error });
      }
      const known = fromAwsError(error, clients.settings, "S3");
      if (known instanceof LavaError || code === "AbortError") throw known;
      throw new LavaError("S3_FAILED", `${what}: ${errorText(error)}`, { cause: error });
    }
  }

  /** The same, where a missing object is no fault. */
  async function ifThere<T>(
    what: string,
    action: (s3: Loaded[0], sdk: Loaded[1]) => Promise<T>,
  ): Promise<T | undefined> {
    return call(what, async (s3, sdk) => {
      try {
        return await action(s3, sdk);
      } catch (error) {
        if (/^(NoSuchKey|NotFound)$/.test(awsErrorCode(error))) return undefined;
        throw error;
      }
    });
  }

  return {
    bucket,
    prefix,
    uri,
    async list(below = "", { deep = true } = {}) {
      const objects: StoredObject[] = [];
      const start = keyOf("");
      let token: string | undefined;
      do {
        const page = await call(`Cannot list ${uri(below)}`, (s3, sdk) =>
          s3.send(
            new sdk.ListObjectsV2Command({
              Bucket: bucket,
              Prefix: keyOf(below),
              ...(deep ? {} : { Delimiter: "/" }),
              ...(token === undefined ? {} : { ContinuationToken: token }),
            }),
          ),
        );
        for (const { Key = "", Size = 0, ETag = "", LastModified } of page.Contents ?? []) {
          const name = Key.slice(start.length);
          objects.push(describe(name, Size, ETag, LastModified));
        }
        token = page.NextContinuationToken;
      } while (token !== undefined);
      return objects;
    },
    async head(name) {
      return ifThere(`Cannot read ${uri(name)}`, async (s3, sdk) => {
        const answer = await s3.send(
          new sdk.HeadObjectCommand({ Bucket: bucket, Key: keyOf(name) }),
        );
        const { ContentLength = 0, ETag = "", LastModified, Metadata = {} } = answer;
        return { ...describe(name, ContentLength, ETag, LastModified), metadata: Metadata };
      });
    },
    async get(name) {
      return ifThere(`Cannot read ${uri(name)}`, async (s3, sdk) => {
        const { Body } = await s3.send(
          new sdk.GetObjectCommand({ Bucket: bucket, Key: keyOf(name) }),
        );
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      });
    },
    async stream(name, from = 0) {
      return ifThere(`Cannot read ${uri(name)}`, async (s3, sdk) => {
        const { Body } = await s3.send(
          new sdk.GetObjectCommand({
            Bucket: bucket,
            Key: keyOf(name),
            ...(from > 0 ? { Range: `bytes=${from}-` } : {}),
          }),
        );
        return Body instanceof Readable ? Body : Readable.from([]);
      });
    },
    async getFile(name, file) {
      const done = await ifThere(`Cannot fetch ${uri(name)}`, async (s3, sdk) => {
        const { Body } = await s3.send(
          new sdk.GetObjectCommand({ Bucket: bucket, Key: keyOf(name) }),
        );
        const body = Body instanceof Readable ? Body : Readable.from([]);
        // Flushed to disk: the file may be run at once.
        await pipeline(body, createWriteStream(file, { flush: true }));
        return true;
      });
      if (done !== true) throw new LavaError("NO_SUCH_OBJECT", `There is no ${uri(name)}`);
    },
    async put(name, source, { metadata, expected } = {}) {
      const target = {
        Bucket: bucket,
        Key: keyOf(name),
        ...encryption,
        ...(metadata === undefined ? {} : { Metadata: { ...metadata } }),
      };
      if (isStream(source)) {
        await call(`Cannot store ${uri(name)}`, (client) =>
          putStream(source.stream, { client, params: target, partSize: MULTIPART_BYTES }),
        );
        return;
      }
      const size = await sizeOf(source);
      await call(`Cannot store ${uri(name)}`, async (s3, sdk) => {
        if (size <= MULTIPART_BYTES) {
          // Bytes and not a stream, which could not be sent again when the connection breaks.
          const Body = await bytesOf(source);
          const condition = conditionOf(expected);
          await s3
            .send(new sdk.PutObjectCommand({ ...target, ...condition, Body }))
            .catch((error: unknown) => {
              throw asChanged(error, uri(name));
            });
          return;
        }
        const { Upload } = await import("../sdk/s3-upload.ts");
        const upload = new Upload({
          client: s3,
          params: { ...target, Body: isFile(source) ? createReadStream(source.file) : source },
          partSize: Math.max(MULTIPART_BYTES, Math.ceil(size / MAX_PARTS)),
        });
        await upload.done();
      });
    },
    async copy(from, to) {
      const CopySource = `${bucket}/${keyOf(from).split("/").map(encodeURIComponent).join("/")}`;
      const done = await ifThere(`Cannot copy ${uri(from)}`, async (s3, sdk) => {
        await s3.send(
          new sdk.CopyObjectCommand({ Bucket: bucket, Key: keyOf(to), CopySource, ...encryption }),
        );
        return true;
      });
      if (done !== true) throw new LavaError("NO_SUCH_OBJECT", `There is no ${uri(from)}`);
    },
    async delete(names) {
      for (let first = 0; first < names.length; first += 1000) {
        const part = names.slice(first, first + 1000).map((name) => ({ Key: keyOf(name) }));
        const { Errors = [] } = await call(`Cannot delete from ${uri("")}`, (s3, sdk) =>
          s3.send(new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: part } })),
        );
        const [fault] = Errors;
        if (fault !== undefined) {
          throw new LavaError(
            "S3_FAILED",
            `Cannot delete s3://${bucket}/${fault.Key ?? ""}: ${fault.Message ?? fault.Code ?? ""}`,
          );
        }
      }
    },
  };

  function describe(
    name: string,
    size: number,
    etag: string,
    modified: Date | undefined,
  ): StoredObject {
    return {
      name,
      size,
      etag: etag.replaceAll('"', ""),
      modified: modified?.getTime() ?? 0,
      uri: uri(name),
    };
  }
}

function conditionOf(expected: string | null | undefined): {
  IfMatch?: string;
  IfNoneMatch?: string;
} {
  if (expected === undefined) return {};
  return expected === null ? { IfNoneMatch: "*" } : { IfMatch: `"${expected}"` };
}

/** What S3 says when an object is not as expected (412), or is being written by somebody else (409). */
function asChanged(error: unknown, uri: string): unknown {
  if (!/^(PreconditionFailed|ConditionalRequestConflict)$/.test(awsErrorCode(error))) return error;
  return new LavaError("OBJECT_CHANGED", `${uri} has been changed since it was read`, {
    cause: error,
    hint: "Look at it again and repeat what you did.",
  });
}

type WholeSource = Exclude<ObjectSource, { readonly stream: unknown }>;

async function sizeOf(source: WholeSource): Promise<number> {
  if (typeof source === "string") return Buffer.byteLength(source);
  if (source instanceof Uint8Array) return source.length;
  return (await stat(source.file)).size;
}

async function bytesOf(source: WholeSource): Promise<Uint8Array> {
  if (isFile(source)) return readFile(source.file);
  return typeof source === "string" ? Buffer.from(source) : source;
}

function isStream(source: ObjectSource): source is Exclude<ObjectSource, WholeSource> {
  return typeof source === "object" && "stream" in source;
}

function isFile(source: WholeSource): source is { readonly file: string } {
  return typeof source === "object" && "file" in source;
}
