import type { AwsRequest, AwsResponse } from "../engine.ts";
import { AwsError, notImplemented } from "../errors.ts";
import { xmlElement } from "../protocols/xml.ts";
import type { Piece } from "./bodies.ts";
import type { Bucket } from "./buckets.ts";
import { checkWriteConditions } from "./conditions.ts";
import type { S3Context } from "./context.ts";
import { malformedXml } from "./errors.ts";
import { xmlResponse } from "./respond.ts";
import { childrenOf, childText, readXml } from "./xml-reader.ts";

/** Removes one object; that it is not there is no error, unless `If-Match` asks for it. */
export async function removeObject(
  context: S3Context,
  bucket: Bucket,
  key: string,
  request: AwsRequest,
): Promise<void> {
  const { bodies, objects, store } = context;
  const present = objects.find(bucket.id, key);
  checkWriteConditions(request.headers, key, present);
  if (present === undefined) return;
  store.write(() => drop(context, bucket, key, request));
  await store.committed();
  await bodies.remove(present.pieces);
}

/** DeleteObjects: up to 1,000 keys, each reported for itself. */
export async function deleteObjects(
  context: S3Context,
  bucket: Bucket,
  request: AwsRequest,
): Promise<AwsResponse> {
  const { bodies, objects, store } = context;
  const root = readXml((await request.readBody()).toString());
  const items = childrenOf(root, "Object");
  if (root.name !== "Delete" || items.length === 0 || items.length > 1000) throw malformedXml();
  const quiet = childText(root, "Quiet")?.trim() === "true";
  const gone: Piece[] = [];
  const answer = store.write(() =>
    items.map((item) => {
      const key = childText(item, "Key");
      if (key === undefined || key === "") throw malformedXml();
      try {
        checkVersion(childText(item, "VersionId"));
        const present = objects.find(bucket.id, key);
        const etag = childText(item, "ETag");
        checkWriteConditions(etag === undefined ? {} : { "if-match": etag }, key, present);
        if (present !== undefined) {
          drop(context, bucket, key, request);
          gone.push(...present.pieces);
        }
        return quiet ? "" : xmlElement("Deleted", { Key: key });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return xmlElement("Error", { Key: key, Code: error.code, Message: error.message });
      }
    }),
  );
  await store.committed();
  await bodies.remove(gone);
  return xmlResponse("DeleteResult", answer.join(""));
}

function drop(
  { notifier, objects }: S3Context,
  bucket: Bucket,
  key: string,
  request: AwsRequest,
): void {
  objects.delete(bucket.id, key);
  notifier.notify(bucket, { name: "ObjectRemoved:Delete", key, requestId: request.id });
}

function checkVersion(version: string | undefined): void {
  if (version !== undefined && version !== "" && version !== "null") {
    throw notImplemented("s3", "DeleteObjects with VersionId");
  }
}
