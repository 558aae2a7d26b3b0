import type { AwsRequest } from "../engine.ts";
import { AwsError, notImplemented } from "../errors.ts";

/** What a request is about. */
export interface Target {
  /** Empty for the service itself. */
  readonly bucket: string;
  /** Undefined for a bucket. */
  readonly key: string | undefined;
}

interface Route {
  readonly method: string;
  readonly on: "service" | "bucket" | "object";
  /** Query parameters that must be there: the sub-resource. */
  readonly sub: readonly string[];
  /** Further query parameters that the operation understands. */
  readonly params: readonly string[];
  /** Whether there must (not) be an `x-amz-copy-source`; undefined: does not matter. */
  readonly copies?: boolean;
}

const LISTING = ["prefix", "delimiter", "max-keys", "encoding-type"];
const OVERRIDES = [
  "response-content-type",
  "response-content-language",
  "response-expires",
  "response-cache-control",
  "response-content-disposition",
  "response-content-encoding",
];

function route(
  method: string,
  on: Route["on"],
  sub: readonly string[] = [],
  params: readonly string[] = [],
  copies?: boolean,
): Route {
  return { method, on, sub, params, ...(copies === undefined ? {} : { copies }) };
}

/** Every operation there is; a request that fits none of them is NotImplemented. */
export const ROUTES = {
  ListBuckets: route("GET", "service", [], ["prefix", "max-buckets", "continuation-token"]),
  CreateBucket: route("PUT", "bucket"),
  HeadBucket: route("HEAD", "bucket"),
  DeleteBucket: route("DELETE", "bucket"),
  GetBucketLocation: route("GET", "bucket", ["location"]),
  GetBucketVersioning: route("GET", "bucket", ["versioning"]),
  PutBucketVersioning: route("PUT", "bucket", ["versioning"]),
  GetBucketEncryption: route("GET", "bucket", ["encryption"]),
  PutBucketEncryption: route("PUT", "bucket", ["encryption"]),
  DeleteBucketEncryption: route("DELETE", "bucket", ["encryption"]),
  GetBucketLifecycleConfiguration: route("GET", "bucket", ["lifecycle"]),
  PutBucketLifecycleConfiguration: route("PUT", "bucket", ["lifecycle"]),
  DeleteBucketLifecycle: route("DELETE", "bucket", ["lifecycle"]),
  GetBucketTagging: route("GET", "bucket", ["tagging"]),
  PutBucketTagging: route("PUT", "bucket", ["tagging"]),
  DeleteBucketTagging: route("DELETE", "bucket", ["tagging"]),
  GetBucketNotificationConfiguration: route("GET", "bucket", ["notification"]),
  PutBucketNotificationConfiguration: route("PUT", "bucket", ["notification"]),
  ListObjects: route("GET", "bucket", [], [...LISTING, "marker"]),
  ListObjectsV2: route(
    "GET",
    "bucket",
    ["list-type"],
    [...LISTING, "continuation-token", "start-after", "fetch-owner"],
  ),
  ListMultipartUploads: route(
    "GET",
    "bucket",
    ["uploads"],
    ["prefix", "delimiter", "max-uploads", "encoding-type", "key-marker", "upload-id-marker"],
  ),
  DeleteObjects: route("POST", "bucket", ["delete"]),
  GetObject: route("GET", "object", [], [...OVERRIDES, "partNumber"]),
  HeadObject: route("HEAD", "object", [], [...OVERRIDES, "partNumber"]),
  PutObject: route("PUT", "object", [], [], false),
  CopyObject: route("PUT", "object", [], [], true),
  DeleteObject: route("DELETE", "object"),
  GetObjectTagging: route("GET", "object", ["tagging"]),
  PutObjectTagging: route("PUT", "object", ["tagging"]),
  DeleteObjectTagging: route("DELETE", "object", ["tagging"]),
  CreateMultipartUpload: route("POST", "object", ["uploads"]),
  UploadPart: route("PUT", "object", ["partNumber", "uploadId"], [], false),
  UploadPartCopy: route("PUT", "object", ["partNumber", "uploadId"], [], true),
  CompleteMultipartUpload: route("POST", "object", ["uploadId"]),
  AbortMultipartUpload: route("DELETE", "object", ["uploadId"]),
  ListParts: route(
    "GET",
    "object",
    ["uploadId"],
    ["max-parts", "part-number-marker", "encoding-type"],
  ),
} satisfies Record<string, Route>;

/** The name of an operation. */
export type S3Operation = keyof typeof ROUTES;

const ENTRIES: readonly (readonly [string, Route])[] = Object.entries(ROUTES);

/** Finds the operation: all of its sub-resource, and no query parameter that it does not know. */
export function findOperation(request: AwsRequest, target: Target): S3Operation {
  const on = target.key !== undefined ? "object" : target.bucket === "" ? "service" : "bucket";
  const params = [...new Set(request.query.keys())].filter((name) => !isCommon(name));
  const copies = request.headers["x-amz-copy-source"] !== undefined;
  for (const [name, found] of ENTRIES) {
    if (found.method !== request.method || found.on !== on) continue;
    if (found.copies !== undefined && found.copies !== copies) continue;
    if (!found.sub.every((item) => params.includes(item))) continue;
    if (params.every((item) => found.sub.includes(item) || found.params.includes(item))) {
      if (isOperation(name)) return name;
    }
  }
  const query = params.length === 0 ? "" : `?${params.join("&")}`;
  throw notImplemented("s3", `${request.method} ${on}${query}`);
}

function isOperation(name: string): name is S3Operation {
  return Object.hasOwn(ROUTES, name);
}

/** Reads bucket and key from a path-style path. */
export function parseTarget(path: string): Target {
  const match = /^\/([^/]*)(?:\/([\s\S]*))?$/.exec(path);
  const bucket = decode(match?.[1] ?? "");
  const key = decode(match?.[2] ?? "");
  return { bucket, key: key === "" ? undefined : key };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError("InvalidURI", "Couldn't parse the specified URI.");
  }
}

/** Parameters of signatures and SDKs, which say nothing about the operation. */
function isCommon(name: string): boolean {
  return name === "x-id" || /^x-amz-/i.test(name);
}
