import type { AwsRequest } from "../engine.ts";
import type { Piece } from "./bodies.ts";
import { checkWriteConditions } from "./conditions.ts";
import type { S3Context } from "./context.ts";
import type { ObjectFacts } from "./objects.ts";

/** An object that is about to take its place. */
export interface NewObject {
  readonly bucketName: string;
  readonly key: string;
  readonly facts: ObjectFacts;
  /** `ObjectCreated:Put`. */
  readonly event: string;
  /** Files that become useless with it, besides those of the object that it replaces. */
  readonly leftover?: readonly Piece[];
  /** Further writes of the same unit; may throw. */
  readonly also?: () => void;
}

/**
 * Puts an object into its place once its files are written: conditions are judged and everything is
 * written in one unit. When that fails, the files that are new are removed again.
 */
export async function storeObject(
  context: S3Context,
  request: AwsRequest,
  object: NewObject,
  fresh: readonly Piece[],
): Promise<void> {
  const { bodies, buckets, notifier, objects, store } = context;
  const { key, facts } = object;
  let replaced: readonly Piece[];
  try {
    replaced = store.write(() => {
      const bucket = buckets.get(object.bucketName);
      const before = objects.find(bucket.id, key);
      checkWriteConditions(request.headers, key, before);
      object.also?.();
      objects.put(bucket.id, key, facts);
      notifier.notify(bucket, {
        name: object.event,
        key,
        size: facts.size,
        etag: facts.etag,
        requestId: request.id,
      });
      return before?.pieces ?? [];
    });
    await store.committed();
  } catch (error) {
    await bodies.remove(fresh);
    throw error;
  }
  await bodies.remove([...replaced, ...(object.leftover ?? [])]);
}
