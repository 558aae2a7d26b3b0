import { errorText, LavaError } from "@lava/core";
import type { AwsClients } from "@lava/realm";

/** An object as S3 lists it. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  /** With its quotes, as S3 gives it. */
  readonly etag: string;
  /** Milliseconds. */
  readonly modified: number;
  readonly storageClass: string;
}

/**
 * The objects of a bucket whose key begins with `prefix`, in the order of their keys; pages are fetched as they are
 * asked for.
 *
 * @throws {LavaError} S3_FAILED
 */
export async function* listS3Objects(
  clients: AwsClients,
  { bucket, prefix }: { readonly bucket: string; readonly prefix: string },
  signal?: AbortSignal,
): AsyncGenerator<ListedObject> {
  const s3 = await clients.s3();
  const { ListObjectsV2Command } = await import("@aws-sdk/client-s3");
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      ...(token === undefined ? {} : { ContinuationToken: token }),
    });
    const page = await s3
      .send(command, signal === undefined ? {} : { abortSignal: signal })
      .catch((cause: unknown) => {
        signal?.throwIfAborted();
        const text = `Cannot list s3://${bucket}/${prefix} - ${errorText(cause)}`;
        throw new LavaError("S3_FAILED", text, { cause });
      });
    for (const { Key = "", Size = 0, ETag = "", LastModified, StorageClass } of page.Contents ??
      []) {
      yield {
        key: Key,
        size: Size,
        etag: ETag,
        modified: LastModified?.getTime() ?? 0,
        storageClass: StorageClass ?? "STANDARD",
      };
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
}
