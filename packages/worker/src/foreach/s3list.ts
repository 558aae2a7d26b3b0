import { listS3Objects } from "@lava/connectors";
import { formatUtcTime, fnmatch } from "@lava/core";
import { defineForeach } from "./generator.ts";

/**
 * `s3list`: objects of a bucket, each as the global `s3obj` with the members that S3 gives it (JOB-foreach-10). Globs
 * are for the whole key; `*` crosses `/`.
 */
export const s3list = defineForeach({
  type: "s3list",
  async *values(source, { context, render }) {
    const bucket = render(source.bucket);
    const prefix = render(source.prefix);
    const globs = typeof source.glob === "string" ? [source.glob] : source.glob;
    const objects = listS3Objects(context.realm.clients, { bucket, prefix }, context.signal);
    for await (const { key, modified, etag, size, storageClass } of objects) {
      if (globs !== undefined && !globs.some((glob) => fnmatch(key, glob))) continue;
      yield {
        s3obj: {
          Bucket: bucket,
          Key: key,
          // As Python prints such a time.
          LastModified: `${formatUtcTime(modified).replace("T", " ")}+00:00`,
          ETag: etag,
          Size: size,
          StorageClass: storageClass,
        },
      };
    }
  },
});
