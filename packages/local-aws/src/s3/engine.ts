import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { AwsRequest, EngineFactory } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { openBodies } from "./bodies.ts";
import { createBucketOperations } from "./bucket-operations.ts";
import { openBuckets } from "./buckets.ts";
import type { S3Context, S3Handler } from "./context.ts";
import { createCopyOperations } from "./copy.ts";
import { createListOperations } from "./list-operations.ts";
import { createMultipartOperations } from "./multipart.ts";
import { createNotifier } from "./notifications.ts";
import { createObjectOperations } from "./object-operations.ts";
import { openObjects } from "./objects.ts";
import { findOperation, parseTarget, type S3Operation } from "./route.ts";
import { openUploads } from "./uploads.ts";

const MAX_KEY_BYTES = 1024;

/** S3: path-style REST; keys in the database, bodies in files beside it. */
export const createS3Engine: EngineFactory = (engineContext) => {
  const { accountId, dataDir, logger, store } = engineContext;
  const buckets = openBuckets(store);
  const context: S3Context = {
    ...engineContext,
    buckets,
    objects: openObjects(store),
    uploads: openUploads(store),
    bodies: openBodies(join(dataDir, "s3")),
    notifier: createNotifier(engineContext, buckets),
  };
  engineContext.deliveries.provide("objects", {
    async read(bucket, key) {
      const object = context.objects.find(buckets.get(bucket).id, key);
      if (object === undefined) {
        throw new AwsError("NoSuchKey", "The specified key does not exist.", { status: 404 });
      }
      const body = await context.bodies.read(object.pieces, 0, object.size);
      return Buffer.isBuffer(body) ? body : await buffer(body);
    },
  });
  const kept = new Set([...context.objects.files(), ...context.uploads.files()]);
  const swept = context.bodies.sweep(kept);
  if (swept > 0) logger.info({ files: swept }, "removed files of unfinished uploads");

  const handlers: Record<S3Operation, S3Handler> = {
    ...createBucketOperations(context),
    ...createListOperations(context),
    ...createObjectOperations(context),
    ...createCopyOperations(context),
    ...createMultipartOperations(context),
  };

  return {
    services: ["s3"],
    async handle(request) {
      const target = parseTarget(request.path);
      const operation = findOperation(request, target);
      checkOwner(request, accountId);
      if (Buffer.byteLength(target.key ?? "") > MAX_KEY_BYTES) {
        throw new AwsError("KeyTooLongError", "Your key is too long");
      }
      return handlers[operation](request, { bucket: target.bucket, key: target.key ?? "" });
    },
  };
};

/** Clients may say whose bucket they expect. */
function checkOwner({ headers }: AwsRequest, accountId: string): void {
  for (const name of ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"]) {
    const expected = headers[name]?.toString();
    if (expected === undefined || expected === accountId) continue;
    throw new AwsError("AccessDenied", "Access Denied", { status: 403 });
  }
}
