import type { PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";

/** Parts that are on their way at a time. */
const UNDER_WAY = 2;

/** Where a stream goes. */
export interface StreamTarget {
  readonly client: S3Client;
  /** Bucket, key and encryption. */
  readonly params: PutObjectCommandInput;
  /** Bytes; 5 MB at least. */
  readonly partSize: number;
}

/**
 * Stores a stream of any length while it is read, in a few buffers that are used again and again. What fits into one
 * part goes up at once. When anything fails the upload is taken back, and the stream closed.
 *
 * @throws the stream's own fault, or that of S3
 */
export async function putStream(
  stream: AsyncIterable<Uint8Array>,
  target: StreamTarget,
): Promise<void> {
  const sdk = await import("../sdk/s3-upload.ts");
  const { client, params, partSize } = target;
  const { Bucket, Key } = params;
  const free: Buffer[] = [];
  const sending = new Set<Promise<void>>();
  const parts: { readonly PartNumber: number; readonly ETag: string | undefined }[] = [];
  let failure: { readonly error: unknown } | undefined;
  let UploadId: string | undefined;

  /** Sends one part; its buffer is free when that is done. */
  async function send(buffer: Buffer, size: number, PartNumber: number): Promise<void> {
    try {
      const Body = buffer.subarray(0, size);
      const { ETag, ChecksumCRC32 } = await client.send(
        new sdk.UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }),
      );
      parts.push({ PartNumber, ETag, ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }) });
      free.push(buffer);
    } catch (error) {
      failure ??= { error };
    }
  }

  let buffer: Buffer = Buffer.allocUnsafeSlow(partSize);
  let size = 0;
  let number = 0;
  async function sendFull(): Promise<void> {
    if (UploadId === undefined) {
      const ChecksumAlgorithm = sdk.ChecksumAlgorithm.CRC32;
      const created = await client.send(
        new sdk.CreateMultipartUploadCommand({ ...params, ChecksumAlgorithm }),
      );
      ({ UploadId } = created);
    }
    number += 1;
    const sent = send(buffer, size, number).finally(() => sending.delete(sent));
    sending.add(sent);
    if (sending.size >= UNDER_WAY) await Promise.race(sending);
    if (failure !== undefined) throw failure.error;
    buffer = free.pop() ?? Buffer.allocUnsafeSlow(partSize);
    size = 0;
  }

  try {
    for await (const chunk of stream) {
      for (let taken = 0; taken < chunk.length;) {
        // Only when more comes, so that what fits exactly is one part.
        if (size === partSize) await sendFull();
        const piece = chunk.subarray(taken, taken + partSize - size);
        buffer.set(piece, size);
        size += piece.length;
        taken += piece.length;
      }
    }
    if (UploadId === undefined) {
      const Body = buffer.subarray(0, size);
      await client.send(new sdk.PutObjectCommand({ ...params, Body }));
      return;
    }
    await sendFull();
    await Promise.all(sending);
    if (failure !== undefined) throw failure.error;
    const Parts = parts.sort((a, b) => a.PartNumber - b.PartNumber);
    await client.send(
      new sdk.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
    );
  } catch (error) {
    await Promise.all(sending);
    if (UploadId !== undefined) {
      // What is told is why it failed; a bucket's own rules remove parts that are left.
      await client
        .send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
        .catch(() => undefined);
    }
    throw error;
  }
}
