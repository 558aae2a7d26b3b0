import { AwsError } from "../errors.ts";
import { checksumHeaders } from "./checksum-headers.ts";
import { checkReadConditions, checkWriteConditions } from "./conditions.ts";
import type { S3Context, S3Handler } from "./context.ts";
import { deleteObjects, removeObject } from "./delete.ts";
import { resolveEncryption } from "./encryption.ts";
import { invalidArgument, noSuchKey } from "./errors.ts";
import { encryptionOf, metadataHeaders } from "./object-headers.ts";
import type { StoredObject } from "./objects.ts";
import { type ByteRange, invalidRange, parseRange } from "./range.ts";
import { emptyResponse, xmlResponse } from "./respond.ts";
import type { S3Operation } from "./route.ts";
import { storeObject } from "./store-object.ts";
import { parseTagDocument, parseTagHeader, renderTags } from "./tags.ts";

/** Operations on single objects, and DeleteObjects. */
export function createObjectOperations(context: S3Context) {
  const { bodies, buckets, clock, objects, store } = context;

  const find = (bucketName: string, key: string): StoredObject => {
    const object = objects.find(buckets.get(bucketName).id, key);
    if (object === undefined) throw noSuchKey(key);
    return object;
  };

  const read: S3Handler = async (request, target) => {
    const object = find(target.bucket, target.key);
    checkReadConditions(request.headers, object);
    const partNumber = request.query.get("partNumber");
    const range =
      partNumber === null
        ? parseRange(request.headers.range, object.size)
        : partRange(object, partNumber);
    const { start, end } = range ?? { start: 0, end: object.size };
    const headers: Record<string, string> = {
      ...objectHeaders(object),
      ...overrides(request.query),
      "content-length": String(end - start),
      ...(partNumber !== null && object.multipart
        ? { "x-amz-mp-parts-count": String(object.pieces.length) }
        : {}),
    };
    if (range !== undefined) {
      headers["content-range"] = `bytes ${start}-${end - 1}/${object.size}`;
    } else if (request.headers["x-amz-checksum-mode"]?.toString().toUpperCase() === "ENABLED") {
      Object.assign(headers, checksumHeaders(object.checksum));
    }
    const status = range === undefined ? 200 : 206;
    if (request.method === "HEAD") return { status, headers };
    return { status, headers, body: await bodies.read(object.pieces, start, end) };
  };

  return {
    GetObject: read,
    HeadObject: read,

    async PutObject(request, { bucket: bucketName, key }) {
      const bucket = buckets.get(bucketName);
      const headers = {
        ...metadataHeaders(request.headers),
        ...resolveEncryption(context, bucket, request),
      };
      const tags = parseTagHeader(request.headers["x-amz-tagging"]?.toString());
      // Judged again when the body is there; a refusal need not wait for it.
      checkWriteConditions(request.headers, key, objects.find(bucket.id, key));
      const piece = await bodies.write(request.body);
      const verified = request.checksum();
      const checksum = verified && { ...verified, type: "FULL_OBJECT" as const };
      const facts = {
        size: piece.size,
        etag: piece.md5,
        modified: clock.now(),
        headers,
        tags,
        checksum,
        pieces: [{ file: piece.file, size: piece.size }],
        multipart: false,
      };
      await storeObject(context, request, { bucketName, key, facts, event: "ObjectCreated:Put" }, [
        piece,
      ]);
      return emptyResponse(200, {
        etag: `"${piece.md5}"`,
        ...encryptionOf(headers),
        ...checksumHeaders(checksum),
      });
    },

    async DeleteObject(request, { bucket, key }) {
      await removeObject(context, buckets.get(bucket), key, request);
      return emptyResponse(204);
    },

    DeleteObjects: (request, { bucket }) => deleteObjects(context, buckets.get(bucket), request),

    GetObjectTagging: (_request, { bucket, key }) =>
      xmlResponse("Tagging", renderTags(find(bucket, key).tags)),

    async PutObjectTagging(request, { bucket, key }) {
      const tags = parseTagDocument((await request.readBody()).toString(), 10);
      find(bucket, key);
      store.write(() => objects.setTags(buckets.get(bucket).id, key, tags));
      return emptyResponse(200);
    },

    DeleteObjectTagging(_request, { bucket, key }) {
      find(bucket, key);
      store.write(() => objects.setTags(buckets.get(bucket).id, key, {}));
      return emptyResponse(204);
    },
  } satisfies Partial<Record<S3Operation, S3Handler>>;
}

function objectHeaders(object: StoredObject): Record<string, string> {
  const tagCount = Object.keys(object.tags).length;
  return {
    ...object.headers,
    etag: `"${object.etag}"`,
    "last-modified": new Date(object.modified).toUTCString(),
    "accept-ranges": "bytes",
    ...(tagCount === 0 ? {} : { "x-amz-tagging-count": String(tagCount) }),
  };
}

function overrides(query: URLSearchParams): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of query) {
    if (!name.startsWith("response-")) continue;
    // oxlint-disable-next-line no-control-regex -- a header must not be broken in two
    if (/[\u0000-\u001f\u007f]|[^\u0000-\u00ff]/.test(value)) {
      throw invalidArgument("Header value cannot be represented using ISO-8859-1.", name, value);
    }
    result[name.slice("response-".length)] = value;
  }
  return result;
}

function partRange(object: StoredObject, text: string): ByteRange {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 10_000) {
    throw invalidArgument(
      "Part number must be an integer between 1 and 10000, inclusive",
      "partNumber",
      text,
    );
  }
  const piece = object.pieces[number - 1];
  if (piece === undefined) {
    const error = invalidRange(`part ${text}`, object.size);
    throw new AwsError("InvalidPartNumber", "The requested partnumber is not satisfiable", {
      ...error.options,
    });
  }
  const start = object.pieces.slice(0, number - 1).reduce((sum, { size }) => sum + size, 0);
  return { start, end: start + piece.size };
}
