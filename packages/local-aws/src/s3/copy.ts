import { Readable } from "node:stream";
import type { AwsRequest } from "../engine.ts";
import { notImplemented } from "../errors.ts";
import { checksumElement, requestedAlgorithm } from "./checksum-headers.ts";
import { checkReadConditions } from "./conditions.ts";
import type { S3Context, S3Handler } from "./context.ts";
import { resolveEncryption } from "./encryption.ts";
import { invalidArgument, invalidRequest, noSuchKey } from "./errors.ts";
import { encryptionOf, metadataHeaders, type StoredHeaders } from "./object-headers.ts";
import type { StoredObject } from "./objects.ts";
import { isoTime, xmlResponse } from "./respond.ts";
import type { S3Operation } from "./route.ts";
import { storeObject } from "./store-object.ts";
import { parseTagHeader } from "./tags.ts";

/** CopyObject: the bytes are copied, so that the copy owes nothing to its source. */
export function createCopyOperations(context: S3Context) {
  const { bodies, buckets, clock } = context;
  return {
    async CopyObject(request, { bucket: bucketName, key }) {
      const bucket = buckets.get(bucketName);
      const { source, sourceBucket } = copySource(context, request);
      const replaces = directive(request, "x-amz-metadata-directive") === "REPLACE";
      const given = metadataHeaders(request.headers);
      if (sourceBucket === bucketName && source.key === key) checkSelfCopy(request, replaces);
      const headers: StoredHeaders = {
        ...(replaces ? given : copiedHeaders(source.headers, request)),
        ...resolveEncryption(context, bucket, request),
      };
      const tags =
        directive(request, "x-amz-tagging-directive") === "REPLACE"
          ? parseTagHeader(request.headers["x-amz-tagging"]?.toString())
          : source.tags;
      const algorithm =
        requestedAlgorithm(request.headers) ??
        (source.checksum?.type === "FULL_OBJECT" ? source.checksum.algorithm : undefined);
      const content = await bodies.read(source.pieces, 0, source.size);
      const piece = await bodies.write(Readable.from(content, { objectMode: false }), algorithm);
      const checksum =
        algorithm === undefined || piece.checksum === undefined
          ? undefined
          : { algorithm, value: piece.checksum, type: "FULL_OBJECT" as const };
      const modified = clock.now();
      const facts = {
        size: piece.size,
        etag: piece.md5,
        modified,
        headers,
        tags,
        checksum,
        pieces: [{ file: piece.file, size: piece.size }],
        multipart: false,
      };
      await storeObject(context, request, { bucketName, key, facts, event: "ObjectCreated:Copy" }, [
        piece,
      ]);
      return xmlResponse(
        "CopyObjectResult",
        {
          LastModified: isoTime(modified),
          ETag: `"${piece.md5}"`,
          ...checksumElement(checksum),
          ChecksumType: checksum?.type,
        },
        encryptionOf(headers),
      );
    },
  } satisfies Partial<Record<S3Operation, S3Handler>>;
}

/** The object that `x-amz-copy-source` names, after its conditions were judged. */
export function copySource(
  { buckets, objects }: S3Context,
  request: AwsRequest,
): { source: StoredObject; sourceBucket: string } {
  const header = request.headers["x-amz-copy-source"]?.toString() ?? "";
  const [path = "", query = ""] = header.split("?");
  const version = new URLSearchParams(query).get("versionId");
  if (version !== null && version !== "null") throw notImplemented("s3", "copy of a version");
  const match = /^\/?([^/]+)\/([\s\S]+)$/.exec(decode(path));
  if (match?.[1] === undefined || match[2] === undefined) {
    throw invalidArgument(
      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
      "x-amz-copy-source",
      header,
    );
  }
  const [, sourceBucket, key] = match;
  const source = objects.find(buckets.get(sourceBucket).id, key);
  if (source === undefined) throw noSuchKey(key);
  checkReadConditions(request.headers, source, "x-amz-copy-source-");
  return { source, sourceBucket };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalidArgument("Invalid copy source encoding.", "x-amz-copy-source", path);
  }
}

function directive(request: AwsRequest, name: string): "COPY" | "REPLACE" {
  const value = request.headers[name]?.toString() ?? "COPY";
  if (value === "COPY" || value === "REPLACE") return value;
  throw invalidArgument(`Unknown ${name.slice(6)}.`, name, value);
}

/** The metadata of the source, except what is never copied or is given anew. */
function copiedHeaders(headers: StoredHeaders, request: AwsRequest): StoredHeaders {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith("x-amz-server-side-encryption")) continue;
    if (name === "x-amz-storage-class" || name === "x-amz-website-redirect-location") continue;
    result[name] = value;
  }
  const storageClass = request.headers["x-amz-storage-class"]?.toString();
  if (storageClass !== undefined && storageClass !== "STANDARD") {
    result["x-amz-storage-class"] = storageClass;
  }
  return result;
}

function checkSelfCopy(request: AwsRequest, replaces: boolean): void {
  const changes = [
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
    "x-amz-server-side-encryption",
  ];
  if (replaces || changes.some((name) => request.headers[name] !== undefined)) return;
  throw invalidRequest(
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}
