import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { errorText, LavaError } from "@lava/core";
import type { AwsClients } from "@lava/realm";
import type { S3Location } from "./s3-file.ts";

/**
 * Stores a file of this machine in S3, encrypted with a KMS key, else by S3 itself (AES256). At most 5 GB, which is
 * what one upload can have.
 *
 * @throws {LavaError} S3_FAILED
 */
export async function uploadS3File(
  clients: AwsClients,
  { bucket, key }: S3Location,
  file: string,
  kms_key_id?: string,
): Promise<void> {
  const s3 = await clients.s3();
  const { PutObjectCommand } = await import("@aws-sdk/client-s3");
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: createReadStream(file),
        ContentLength: (await stat(file)).size,
        ...(kms_key_id
          ? { ServerSideEncryption: "aws:kms", SSEKMSKeyId: kms_key_id }
          : { ServerSideEncryption: "AES256" }),
      }),
    );
  } catch (cause) {
    throw new LavaError("S3_FAILED", `Upload failed: s3://${bucket}/${key} - ${errorText(cause)}`, {
      cause,
    });
  }
}
