import type { AwsRequest } from "../engine.ts";
import type { Bucket } from "./buckets.ts";
import type { S3Context } from "./context.ts";
import { malformedXml } from "./errors.ts";
import { checkEncryption, type EncryptionHeaders, encryptionHeaders } from "./object-headers.ts";
import { child, childText, readXml } from "./xml-reader.ts";

/** Reads a ServerSideEncryptionConfiguration as headers of the objects to come. */
export function parseEncryption(document: string, defaultKey: string): EncryptionHeaders {
  const root = readXml(document);
  const rule = child(root, "Rule");
  const how = child(rule, "ApplyServerSideEncryptionByDefault");
  const method = childText(how, "SSEAlgorithm");
  if (root.name !== "ServerSideEncryptionConfiguration" || method === undefined) {
    throw malformedXml();
  }
  const key = childText(how, "KMSMasterKeyID");
  return checkEncryption(method, key, childText(rule, "BucketKeyEnabled"), defaultKey);
}

/** How a new object is encrypted: by its own headers, its bucket's default, or AES256. */
export function resolveEncryption(
  { accountId, buckets, region }: S3Context,
  bucket: Bucket,
  request: AwsRequest,
): EncryptionHeaders {
  const defaultKey = `arn:aws:kms:${region}:${accountId}:alias/aws/s3`;
  const document = buckets.config(bucket.id, "encryption");
  const byDefault =
    document === undefined
      ? { "x-amz-server-side-encryption": "AES256" }
      : parseEncryption(document, defaultKey);
  return encryptionHeaders(request.headers, byDefault, defaultKey);
}
