import { createHash, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { startChecksum } from "../checksums.ts";
import type { AwsRequest, ChecksumAlgorithm } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { checksumElement, requestedAlgorithm } from "./checksum-headers.ts";
import { checkWriteConditions } from "./conditions.ts";
import type { S3Context, S3Handler } from "./context.ts";
import { copySource } from "./copy.ts";
import { resolveEncryption } from "./encryption.ts";
import {
  invalidArgument,
  invalidPart,
  invalidRequest,
  malformedXml,
  noSuchUpload,
} from "./errors.ts";
import { encryptionOf, metadataHeaders } from "./object-headers.ts";
import type { ObjectChecksum } from "./objects.ts";
import { invalidRange, parseRange } from "./range.ts";
import { emptyResponse, isoTime, xmlResponse } from "./respond.ts";
import type { S3Operation } from "./route.ts";
import { storeObject } from "./store-object.ts";
import { parseTagHeader } from "./tags.ts";
import type { Part, Upload } from "./uploads.ts";
import { childrenOf, childText, readXml } from "./xml-reader.ts";

const MIN_PART_BYTES = 5 * 1024 * 1024;

/** The life of a multipart upload; its parts stay the files that they are. */
export function createMultipartOperations(context: S3Context) {
  const { bodies, buckets, clock, objects, store, uploads } = context;

  const find = (request: AwsRequest, bucketName: string, key: string): Upload => {
    const id = request.query.get("uploadId") ?? "";
    const upload = uploads.find(buckets.get(bucketName).id, key, id);
    if (upload === undefined) throw noSuchUpload(id);
    return upload;
  };

  /** Puts a written part into its place; the upload may have ended meanwhile. */
  async function storePart(upload: Upload, part: Part): Promise<void> {
    let replaced: Part | undefined;
    try {
      replaced = store.write(() => {
        if (uploads.find(upload.bucket, upload.key, upload.id) === undefined) {
          throw noSuchUpload(upload.id);
        }
        const before = uploads.findPart(upload.id, part.number);
        uploads.putPart(upload.id, part);
        return before;
      });
      await store.committed();
    } catch (error) {
      await bodies.remove([part]);
      throw error;
    }
    if (replaced !== undefined) await bodies.remove([replaced]);
  }

  return {
    CreateMultipartUpload(request, { bucket: bucketName, key }) {
      const bucket = buckets.get(bucketName);
      const algorithm = requestedAlgorithm(request.headers);
      const headers = {
        ...metadataHeaders(request.headers),
        ...resolveEncryption(context, bucket, request),
      };
      const upload: Upload = {
        id: randomUUID(),
        bucket: bucket.id,
        key,
        created: clock.now(),
        headers,
        tags: parseTagHeader(request.headers["x-amz-tagging"]?.toString()),
        algorithm,
        checksumType: checksumType(request, algorithm),
      };
      store.write(() => uploads.insert(upload));
      return xmlResponse(
        "InitiateMultipartUploadResult",
        { Bucket: bucketName, Key: key, UploadId: upload.id },
        {
          ...encryptionOf(headers),
          ...(algorithm === undefined
            ? {}
            : {
                "x-amz-checksum-algorithm": algorithm,
                "x-amz-checksum-type": upload.checksumType,
              }),
        },
      );
    },

    async UploadPart(request, { bucket, key }) {
      const upload = find(request, bucket, key);
      const number = partNumber(request);
      const piece = await bodies.write(request.body, upload.algorithm);
      const sent = request.checksum();
      await storePart(upload, {
        number,
        file: piece.file,
        size: piece.size,
        etag: piece.md5,
        modified: clock.now(),
        checksum: piece.checksum,
      });
      return emptyResponse(200, {
        etag: `"${piece.md5}"`,
        ...encryptionOf(upload.headers),
        ...(sent === undefined
          ? {}
          : { [`x-amz-checksum-${sent.algorithm.toLowerCase()}`]: sent.value }),
      });
    },

    async UploadPartCopy(request, { bucket, key }) {
      const upload = find(request, bucket, key);
      const number = partNumber(request);
      const { source } = copySource(context, request);
      const header = request.headers["x-amz-copy-source-range"]?.toString();
      const range = parseRange(header, source.size);
      if (header !== undefined && range === undefined) throw invalidRange(header, source.size);
      const { start, end } = range ?? { start: 0, end: source.size };
      const content = await bodies.read(source.pieces, start, end);
      const stream = Readable.from(content, { objectMode: false });
      const piece = await bodies.write(stream, upload.algorithm);
      const modified = clock.now();
      await storePart(upload, {
        number,
        file: piece.file,
        size: piece.size,
        etag: piece.md5,
        modified,
        checksum: piece.checksum,
      });
      return xmlResponse(
        "CopyPartResult",
        {
          LastModified: isoTime(modified),
          ETag: `"${piece.md5}"`,
          ...checksumElement(partChecksum(upload, piece.checksum)),
        },
        encryptionOf(upload.headers),
      );
    },

    async CompleteMultipartUpload(request, { bucket: bucketName, key }) {
      const document = (await request.readBody()).toString();
      const upload = find(request, bucketName, key);
      const present = uploads.parts(upload.id);
      const chosen = chooseParts(document, upload, present);
      checkWriteConditions(request.headers, key, objects.find(upload.bucket, key));
      const size = chosen.reduce((sum, part) => sum + part.size, 0);
      const checksum = await wholeChecksum(context, upload, chosen);
      checkDeclaredSize(request, size);
      const etag = `${md5OfMd5s(chosen)}-${chosen.length}`;
      const facts = {
        size,
        etag,
        modified: clock.now(),
        headers: upload.headers,
        tags: upload.tags,
        checksum,
        pieces: chosen.map((part) => ({ file: part.file, size: part.size })),
        multipart: true,
      };
      await storeObject(
        context,
        request,
        {
          bucketName,
          key,
          facts,
          event: "ObjectCreated:CompleteMultipartUpload",
          leftover: present.filter((part) => !chosen.includes(part)),
          also() {
            // Another request may have completed, aborted or changed it since.
            const now = uploads.parts(upload.id);
            if (now.length === 0) throw noSuchUpload(upload.id);
            for (const part of chosen) {
              if (!now.some(({ file }) => file === part.file)) {
                throw invalidPart(upload.id, part.number);
              }
            }
            uploads.delete(upload.id);
          },
        },
        [],
      );
      return xmlResponse(
        "CompleteMultipartUploadResult",
        {
          Location: `${context.endpoint()}/${bucketName}/${encodeURIComponent(key).replace(/%2F/g, "/")}`,
          Bucket: bucketName,
          Key: key,
          ETag: `"${etag}"`,
          ...checksumElement(checksum),
          ChecksumType: checksum?.type,
        },
        encryptionOf(upload.headers),
      );
    },

    async AbortMultipartUpload(request, { bucket, key }) {
      const upload = find(request, bucket, key);
      const parts = uploads.parts(upload.id);
      store.write(() => uploads.delete(upload.id));
      await store.committed();
      await bodies.remove(parts);
      return emptyResponse(204);
    },
  } satisfies Partial<Record<S3Operation, S3Handler>>;
}

/** The checksum of a part under the name of its upload's algorithm. */
export function partChecksum(
  upload: Upload,
  value: string | undefined,
): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  return upload.algorithm === undefined || value === undefined
    ? undefined
    : { algorithm: upload.algorithm, value };
}

function checksumType(
  request: AwsRequest,
  algorithm: ChecksumAlgorithm | undefined,
): ObjectChecksum["type"] {
  const type = request.headers["x-amz-checksum-type"]?.toString();
  const byDefault = algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE";
  if (type === undefined) return byDefault;
  const possible =
    (type === "COMPOSITE" && algorithm !== "CRC64NVME") ||
    (type === "FULL_OBJECT" && algorithm?.startsWith("CRC") === true);
  if (!possible) {
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm ?? "missing"} checksum algorithm.`,
    );
  }
  return type === "COMPOSITE" ? "COMPOSITE" : "FULL_OBJECT";
}

function partNumber(request: AwsRequest): number {
  const text = request.query.get("partNumber") ?? "";
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= 10_000) return number;
  throw invalidArgument(
    "Part number must be an integer between 1 and 10000, inclusive",
    "partNumber",
    text,
  );
}

/** The parts that the document names, checked against those that are there. */
function chooseParts(document: string, upload: Upload, present: readonly Part[]): Part[] {
  const root = readXml(document);
  const nodes = childrenOf(root, "Part");
  if (root.name !== "CompleteMultipartUpload" || nodes.length === 0) throw malformedXml();
  const chosen: Part[] = [];
  for (const node of nodes) {
    const number = Number(childText(node, "PartNumber"));
    const etag = childText(node, "ETag")
      ?.trim()
      .replace(/^"(.*)"$/, "$1");
    if (!Number.isInteger(number) || etag === undefined) throw malformedXml();
    const last = chosen.at(-1);
    if (last !== undefined && number <= last.number) {
      throw new AwsError(
        "InvalidPartOrder",
        "The list of parts was not in ascending order. The parts list must be specified in order by part number.",
        { elements: { UploadId: upload.id } },
      );
    }
    const part = present.find((item) => item.number === number);
    const sum =
      upload.algorithm === undefined ? undefined : childText(node, `Checksum${upload.algorithm}`);
    const sumFits = sum === undefined || sum === part?.checksum;
    if (part === undefined || part.etag !== etag || !sumFits) throw invalidPart(upload.id, number);
    chosen.push(part);
  }
  const small = chosen.slice(0, -1).find((part) => part.size < MIN_PART_BYTES);
  if (small !== undefined) {
    throw new AwsError(
      "EntityTooSmall",
      "Your proposed upload is smaller than the minimum allowed size",
      {
        elements: {
          PartNumber: String(small.number),
          ProposedSize: String(small.size),
          MinSizeAllowed: String(MIN_PART_BYTES),
          ETag: small.etag,
        },
      },
    );
  }
  return chosen;
}

async function wholeChecksum(
  { bodies }: S3Context,
  { algorithm, checksumType: type }: Upload,
  parts: readonly Part[],
): Promise<ObjectChecksum | undefined> {
  if (algorithm === undefined) return undefined;
  const digest = startChecksum(algorithm);
  if (type === "COMPOSITE") {
    for (const part of parts) digest.update(Buffer.from(part.checksum ?? "", "base64"));
    return { algorithm, type, value: `${digest.digest()}-${parts.length}` };
  }
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const content = await bodies.read(parts, 0, size);
  const chunks: AsyncIterable<unknown> = Readable.from(content, { objectMode: false });
  for await (const chunk of chunks) if (Buffer.isBuffer(chunk)) digest.update(chunk);
  return { algorithm, type, value: digest.digest() };
}

/** What the client says of the whole object must be true. */
function checkDeclaredSize(request: AwsRequest, size: number): void {
  const declared = request.headers["x-amz-mp-object-size"]?.toString();
  if (declared === undefined || Number(declared) === size) return;
  throw invalidRequest(
    "The provided 'x-amz-mp-object-size' header does not match what was computed.",
  );
}

function md5OfMd5s(parts: readonly Part[]): string {
  const hash = createHash("md5");
  for (const part of parts) hash.update(Buffer.from(part.etag, "hex"));
  return hash.digest("hex");
}
