import type { AwsRequest } from "../engine.ts";
import type { XmlValue } from "../protocols/xml.ts";
import { pageSize } from "./bucket-operations.ts";
import { checksumElement } from "./checksum-headers.ts";
import type { S3Context, S3Handler } from "./context.ts";
import { invalidArgument, noSuchUpload } from "./errors.ts";
import { type Listing, listPage } from "./listing.ts";
import { partChecksum } from "./multipart.ts";
import type { StoredObject } from "./objects.ts";
import { ownerOf } from "./owner.ts";
import { isoTime, urlEncode, xmlResponse } from "./respond.ts";
import type { S3Operation } from "./route.ts";

/** Operations that list objects, uploads and parts. */
export function createListOperations(context: S3Context) {
  const { accountId, buckets, objects, uploads } = context;
  const owner = ownerOf(accountId);

  return {
    ListObjectsV2(request, { bucket: name }) {
      const { query } = request;
      if (query.get("list-type") !== "2") {
        throw invalidArgument("Invalid list type.", "list-type", query.get("list-type") ?? "");
      }
      const { encode, ...common } = commonParameters(request);
      const token = query.get("continuation-token");
      const startAfter = query.get("start-after");
      const after = token === null ? (startAfter ?? "") : readToken(token);
      const page = listPage(objects, { bucket: buckets.get(name).id, ...common, after });
      const fetchOwner = query.get("fetch-owner") === "true";
      return xmlResponse("ListBucketResult", {
        Name: name,
        Prefix: encode(common.prefix),
        Delimiter: common.delimiter === "" ? undefined : encode(common.delimiter),
        MaxKeys: common.max,
        EncodingType: query.get("encoding-type") ?? undefined,
        KeyCount: page.objects.length + page.prefixes.length,
        IsTruncated: page.next !== undefined,
        ContinuationToken: token ?? undefined,
        NextContinuationToken: page.next === undefined ? undefined : makeToken(page.next),
        StartAfter: startAfter === null ? undefined : encode(startAfter),
        ...contents(page, encode, fetchOwner ? owner : undefined),
      });
    },

    ListObjects(request, { bucket: name }) {
      const { query } = request;
      const { encode, ...common } = commonParameters(request);
      const marker = query.get("marker") ?? "";
      const page = listPage(objects, { bucket: buckets.get(name).id, ...common, after: marker });
      return xmlResponse("ListBucketResult", {
        Name: name,
        Prefix: encode(common.prefix),
        Marker: encode(marker),
        Delimiter: common.delimiter === "" ? undefined : encode(common.delimiter),
        MaxKeys: common.max,
        EncodingType: query.get("encoding-type") ?? undefined,
        IsTruncated: page.next !== undefined,
        // Without a delimiter clients go on from the last key themselves.
        NextMarker:
          page.next === undefined || common.delimiter === "" || page.last === undefined
            ? undefined
            : encode(page.last),
        ...contents(page, encode, owner),
      });
    },

    ListMultipartUploads(request, { bucket: name }) {
      const { query } = request;
      const { encode, prefix, delimiter } = commonParameters(request);
      const max = pageSize(query.get("max-uploads"), "max-uploads", 1000);
      const keyMarker = query.get("key-marker") ?? "";
      const idMarker = query.get("upload-id-marker") ?? "";
      const all = uploads.list(buckets.get(name).id).filter(({ key }) => key.startsWith(prefix));
      const marked = all.findIndex(({ key, id }) => key === keyMarker && id === idMarker);
      const rest =
        marked >= 0
          ? all.slice(marked + 1)
          : all.filter(({ key }) => Buffer.compare(Buffer.from(key), Buffer.from(keyMarker)) > 0);
      const isCommon = (key: string): boolean =>
        delimiter !== "" && key.indexOf(delimiter, prefix.length) >= 0;
      const cut = (key: string): string =>
        key.slice(0, key.indexOf(delimiter, prefix.length) + delimiter.length);
      const single = rest.filter(({ key }) => !isCommon(key));
      const page = single.slice(0, max);
      const last = page.at(-1);
      const truncated = single.length > page.length && last !== undefined;
      const prefixes = new Set(rest.filter(({ key }) => isCommon(key)).map(({ key }) => cut(key)));
      return xmlResponse("ListMultipartUploadsResult", {
        Bucket: name,
        KeyMarker: encode(keyMarker),
        UploadIdMarker: idMarker,
        NextKeyMarker: truncated ? encode(last.key) : undefined,
        NextUploadIdMarker: truncated ? last.id : undefined,
        Prefix: encode(prefix),
        Delimiter: delimiter === "" ? undefined : encode(delimiter),
        EncodingType: query.get("encoding-type") ?? undefined,
        MaxUploads: max,
        IsTruncated: truncated,
        Upload: page.map((upload) => ({
          Key: encode(upload.key),
          UploadId: upload.id,
          Initiator: owner,
          Owner: owner,
          StorageClass: upload.headers["x-amz-storage-class"] ?? "STANDARD",
          Initiated: isoTime(upload.created),
          ChecksumAlgorithm: upload.algorithm,
        })),
        CommonPrefixes: [...prefixes].map((item) => ({ Prefix: encode(item) })),
      });
    },

    ListParts({ query }, { bucket: name, key }) {
      const id = query.get("uploadId") ?? "";
      const upload = uploads.find(buckets.get(name).id, key, id);
      if (upload === undefined) throw noSuchUpload(id);
      const max = pageSize(query.get("max-parts"), "max-parts", 1000);
      const marker = Number(query.get("part-number-marker") ?? 0);
      const rest = uploads.parts(id).filter((part) => part.number > marker);
      const page = rest.slice(0, max);
      return xmlResponse("ListPartsResult", {
        Bucket: name,
        Key: query.get("encoding-type") === "url" ? urlEncode(key) : key,
        UploadId: id,
        Initiator: owner,
        Owner: owner,
        StorageClass: upload.headers["x-amz-storage-class"] ?? "STANDARD",
        PartNumberMarker: marker,
        NextPartNumberMarker: page.at(-1)?.number ?? 0,
        MaxParts: max,
        IsTruncated: rest.length > page.length,
        ChecksumAlgorithm: upload.algorithm,
        ChecksumType: upload.algorithm === undefined ? undefined : upload.checksumType,
        Part: page.map((part) => ({
          PartNumber: part.number,
          LastModified: isoTime(part.modified),
          ETag: `"${part.etag}"`,
          Size: part.size,
          ...checksumElement(partChecksum(upload, part.checksum)),
        })),
      });
    },
  } satisfies Partial<Record<S3Operation, S3Handler>>;
}

function commonParameters({ query }: AwsRequest): {
  prefix: string;
  delimiter: string;
  max: number;
  encode: (key: string) => string;
} {
  const encoding = query.get("encoding-type");
  if (encoding !== null && encoding !== "url") {
    throw invalidArgument(
      "Invalid Encoding Method specified in Request",
      "encoding-type",
      encoding,
    );
  }
  return {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    max: pageSize(query.get("max-keys"), "max-keys", 1000),
    encode: encoding === "url" ? urlEncode : (key) => key,
  };
}

function contents(
  page: Listing,
  encode: (key: string) => string,
  owner: { ID: string; DisplayName: string } | undefined,
): Record<string, XmlValue> {
  return {
    Contents: page.objects.map((object: StoredObject) => ({
      Key: encode(object.key),
      LastModified: isoTime(object.modified),
      ETag: `"${object.etag}"`,
      ChecksumAlgorithm: object.checksum?.algorithm,
      ChecksumType: object.checksum?.type,
      Size: object.size,
      Owner: owner,
      StorageClass: object.headers["x-amz-storage-class"] ?? "STANDARD",
    })),
    CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
  };
}

function makeToken(after: string): string {
  return Buffer.from(after).toString("base64url");
}

function readToken(token: string): string {
  const after = Buffer.from(token, "base64url").toString();
  if (token === "" || makeToken(after) !== token) {
    throw invalidArgument(
      "The continuation token provided is incorrect",
      "continuation-token",
      token,
    );
  }
  return after;
}
