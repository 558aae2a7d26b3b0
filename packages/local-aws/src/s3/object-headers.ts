import type { IncomingHttpHeaders } from "node:http";
import { AwsError, notImplemented } from "../errors.ts";
import { invalidArgument } from "./errors.ts";

/** Headers that are kept with an object and given back as they are, in lower case. */
export type StoredHeaders = Readonly<Record<string, string>>;

/** The default encryption of a bucket, as headers. */
export type EncryptionHeaders = Readonly<Record<string, string>>;

const SYSTEM = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
  "x-amz-storage-class",
  "x-amz-website-redirect-location",
];
const SSE = "x-amz-server-side-encryption";
const KMS_KEY = "x-amz-server-side-encryption-aws-kms-key-id";
const BUCKET_KEY = "x-amz-server-side-encryption-bucket-key-enabled";
const STORAGE_CLASSES = [
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER",
  "DEEP_ARCHIVE",
  "GLACIER_IR",
];
const MAX_METADATA_BYTES = 2048;

/** What a writer says about the object itself: system and user metadata. */
export function metadataHeaders(headers: IncomingHttpHeaders): StoredHeaders {
  refuseUnsupported(headers);
  const result: Record<string, string> = {};
  let userBytes = 0;
  for (const [name, raw] of Object.entries(headers)) {
    const value = raw?.toString();
    if (value === undefined) continue;
    if (SYSTEM.includes(name)) result[name] = value;
    else if (name.startsWith("x-amz-meta-")) {
      result[name] = value;
      userBytes += name.length - "x-amz-meta-".length + Buffer.byteLength(value);
    }
  }
  if (userBytes > MAX_METADATA_BYTES) {
    throw new AwsError(
      "MetadataTooLarge",
      "Your metadata headers exceed the maximum allowed metadata size",
    );
  }
  const storageClass = result["x-amz-storage-class"];
  if (storageClass !== undefined && !STORAGE_CLASSES.includes(storageClass)) {
    throw new AwsError("InvalidStorageClass", "The storage class you specified is not valid");
  }
  if (storageClass === "STANDARD") delete result["x-amz-storage-class"];
  result["content-type"] ??= "binary/octet-stream";
  return result;
}

/** How the object is encrypted: as the writer says, else as the bucket says. */
export function encryptionHeaders(
  headers: IncomingHttpHeaders,
  bucketDefault: EncryptionHeaders,
  defaultKey: string,
): EncryptionHeaders {
  const method = headers[SSE]?.toString();
  const key = headers[KMS_KEY]?.toString();
  const bucketKey = headers[BUCKET_KEY]?.toString();
  if (method === undefined) {
    if (key !== undefined) {
      throw invalidArgument("The SSE-KMS key needs aws:kms encryption.", SSE, "null");
    }
    return bucketDefault;
  }
  return checkEncryption(method, key, bucketKey, defaultKey);
}

/** The headers of a method and a key; throws InvalidArgument for what does not go together. */
export function checkEncryption(
  method: string,
  key: string | undefined,
  bucketKey: string | undefined,
  defaultKey: string,
): EncryptionHeaders {
  if (method === "AES256") {
    if (key === undefined) return { [SSE]: method };
    throw invalidArgument(
      "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
      SSE,
      method,
    );
  }
  if (method !== "aws:kms" && method !== "aws:kms:dsse") {
    throw invalidArgument("The encryption method specified is not supported", SSE, method);
  }
  return {
    [SSE]: method,
    [KMS_KEY]: key ?? defaultKey,
    ...(bucketKey?.toLowerCase() === "true" ? { [BUCKET_KEY]: "true" } : {}),
  };
}

/** Those headers of an object that tell of its encryption; answers to writers carry them. */
export function encryptionOf(headers: StoredHeaders): EncryptionHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(SSE)));
}

/** Refuses what would otherwise be ignored without a word. */
function refuseUnsupported(headers: IncomingHttpHeaders): void {
  for (const name of Object.keys(headers)) {
    if (
      name.startsWith("x-amz-server-side-encryption-customer-") ||
      name.startsWith("x-amz-object-lock-") ||
      name.startsWith("x-amz-grant-") ||
      name === "x-amz-write-offset-bytes"
    ) {
      throw notImplemented("s3", name);
    }
  }
  const acl = headers["x-amz-acl"]?.toString();
  if (acl !== undefined && acl !== "private" && acl !== "bucket-owner-full-control") {
    throw new AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs");
  }
}
