import { AwsError, notImplemented } from "../errors.ts";
import type { Bucket, ConfigKind } from "./buckets.ts";
import type { S3Context, S3Handler } from "./context.ts";
import { parseEncryption } from "./encryption.ts";
import { invalidArgument, malformedXml } from "./errors.ts";
import { ownerOf } from "./owner.ts";
import { emptyResponse, isoTime, xmlResponse } from "./respond.ts";
import type { S3Operation } from "./route.ts";
import { parseTagDocument } from "./tags.ts";
import { childText, readXml } from "./xml-reader.ts";

/** Operations on buckets as a whole, and on their configuration. */
export function createBucketOperations(context: S3Context) {
  const { accountId, bodies, buckets, clock, objects, region, store, uploads } = context;

  return {
    ListBuckets({ query }) {
      const limit = pageSize(query.get("max-buckets"), "max-buckets", 10_000);
      const prefix = query.get("prefix") ?? "";
      const after = Buffer.from(query.get("continuation-token") ?? "", "base64url").toString();
      const found = buckets.list(prefix, after, limit + 1);
      const page = found.slice(0, limit);
      return xmlResponse("ListAllMyBucketsResult", {
        Owner: ownerOf(accountId),
        Buckets: {
          Bucket: page.map(({ name, created, region: place }) => ({
            Name: name,
            CreationDate: isoTime(created),
            BucketRegion: place,
          })),
        },
        Prefix: query.get("prefix") ?? undefined,
        ContinuationToken:
          found.length > limit
            ? Buffer.from(page.at(-1)?.name ?? "").toString("base64url")
            : undefined,
      });
    },

    async CreateBucket(request, { bucket: name }) {
      checkBucketName(name);
      for (const header of Object.keys(request.headers)) {
        if (header === "x-amz-bucket-object-lock-enabled" || header.startsWith("x-amz-grant-")) {
          throw notImplemented("s3", header);
        }
      }
      const place = constraintOf((await request.readBody()).toString()) ?? region;
      if (buckets.find(name) !== undefined) {
        throw new AwsError(
          "BucketAlreadyOwnedByYou",
          "Your previous request to create the named bucket succeeded and you already own it.",
          { status: 409, elements: { BucketName: name } },
        );
      }
      store.write(() => buckets.insert(name, place, clock.now()));
      return emptyResponse(200, { location: `/${name}` });
    },

    HeadBucket(_request, { bucket }) {
      const { region: place } = buckets.get(bucket);
      return emptyResponse(200, {
        "x-amz-bucket-region": place,
        "x-amz-access-point-alias": "false",
      });
    },

    async DeleteBucket(_request, { bucket: name }) {
      const bucket = buckets.get(name);
      if (!objects.isEmpty(bucket.id)) {
        throw new AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty", {
          status: 409,
          elements: { BucketName: name },
        });
      }
      const files = uploads.list(bucket.id).flatMap(({ id }) => uploads.parts(id));
      store.write(() => {
        for (const { id } of uploads.list(bucket.id)) uploads.delete(id);
        buckets.delete(bucket.id);
      });
      await store.committed();
      await bodies.remove(files);
      return emptyResponse(204);
    },

    GetBucketLocation(_request, { bucket }) {
      const { region: place } = buckets.get(bucket);
      return xmlResponse("LocationConstraint", place === "us-east-1" ? "" : place);
    },

    ...configOperations(context),
  } satisfies Partial<Record<S3Operation, S3Handler>>;
}

function configOperations({ buckets, notifier, store }: S3Context) {
  const get =
    (kind: ConfigKind, whenAbsent: () => AwsError | string): S3Handler =>
    (_request, { bucket }) => {
      const document = buckets.config(buckets.get(bucket).id, kind);
      if (document !== undefined) {
        return { status: 200, headers: { "content-type": "application/xml" }, body: document };
      }
      const absent = whenAbsent();
      if (absent instanceof AwsError) throw absent;
      return xmlResponse(absent, "");
    };
  const put =
    (
      kind: ConfigKind,
      status: 200 | 204,
      check: (document: string, bucket: Bucket) => void,
    ): S3Handler =>
    async (request, { bucket: name }) => {
      const document = (await request.readBody()).toString();
      const bucket = buckets.get(name);
      check(document, bucket);
      store.write(() => buckets.setConfig(bucket.id, kind, document));
      return emptyResponse(status);
    };
  const remove =
    (kind: ConfigKind): S3Handler =>
    (_request, { bucket }) => {
      const { id } = buckets.get(bucket);
      store.write(() => buckets.setConfig(id, kind, undefined));
      return emptyResponse(204);
    };

  return {
    GetBucketVersioning: get("versioning", () => "VersioningConfiguration"),
    PutBucketVersioning: put("versioning", 200, (document) => {
      const root = readXml(document);
      if (root.name !== "VersioningConfiguration") throw malformedXml();
      const status = childText(root, "Status");
      if (status === "Enabled") throw notImplemented("s3", "versioning");
      if (status !== "Suspended") throw malformedXml();
    }),
    GetBucketEncryption: get("encryption", () =>
      absentConfig(
        "ServerSideEncryptionConfigurationNotFoundError",
        "The server side encryption configuration was not found",
      ),
    ),
    PutBucketEncryption: put("encryption", 200, (document) => void parseEncryption(document, "")),
    DeleteBucketEncryption: remove("encryption"),
    GetBucketLifecycleConfiguration: get("lifecycle", () =>
      absentConfig("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    ),
    PutBucketLifecycleConfiguration: put("lifecycle", 200, (document) => {
      const root = readXml(document);
      if (root.name !== "LifecycleConfiguration" || root.children.length === 0) {
        throw malformedXml();
      }
    }),
    DeleteBucketLifecycle: remove("lifecycle"),
    GetBucketTagging: get("tagging", () =>
      absentConfig("NoSuchTagSet", "The TagSet does not exist"),
    ),
    PutBucketTagging: put("tagging", 204, (document) => void parseTagDocument(document, 50)),
    DeleteBucketTagging: remove("tagging"),
    GetBucketNotificationConfiguration: get("notification", () => "NotificationConfiguration"),
    PutBucketNotificationConfiguration: put("notification", 200, (document, bucket) =>
      store.write(() => notifier.check(bucket, document)),
    ),
  } satisfies Partial<Record<S3Operation, S3Handler>>;
}

/** The number of items that a page may have. */
export function pageSize(text: string | null, name: string, max: number): number {
  if (text === null || text === "") return max;
  if (!/^\d+$/.test(text)) {
    throw invalidArgument(
      `Argument ${name} must be an integer between 0 and 2147483647`,
      name,
      text,
    );
  }
  return Math.min(Number(text), max);
}

function absentConfig(code: string, message: string): AwsError {
  return new AwsError(code, message, { status: 404 });
}

function checkBucketName(name: string): void {
  const fine =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes("..") &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name);
  if (fine) return;
  throw new AwsError("InvalidBucketName", "The specified bucket is not valid.", {
    elements: { BucketName: name },
  });
}

function constraintOf(document: string): string | undefined {
  if (document.trim() === "") return undefined;
  const root = readXml(document);
  if (root.name !== "CreateBucketConfiguration") throw malformedXml();
  const place = childText(root, "LocationConstraint")?.trim();
  return place === "" ? undefined : place;
}
