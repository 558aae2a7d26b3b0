import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  ListPartsCommand,
  NoSuchBucket,
  NoSuchKey,
  NotFound,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type ContractTarget, openContractTarget } from "../../test/contract-target.ts";

let at: ContractTarget;
let Bucket: string;
beforeAll(async () => {
  at = await openContractTarget();
});
afterAll(() => at[Symbol.asyncDispose]());
beforeEach(async () => {
  Bucket = `bucket-${randomUUID()}`;
  await at.s3.send(new CreateBucketCommand({ Bucket }));
});

const order = (a = "", b = ""): number => (a < b ? -1 : 1);
const put = (Key: string, Body: PutObjectCommandInput["Body"], input: object = {}) =>
  at.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...input }));

async function get(Key: string, input: Partial<GetObjectCommandInput> = {}) {
  const output = await at.s3.send(new GetObjectCommand({ Bucket, Key, ...input }));
  return { ...output, text: (await output.Body?.transformToString()) ?? "" };
}

const head = (Key: string, input: object = {}) =>
  at.s3.send(new HeadObjectCommand({ Bucket, Key, ...input }));

const list = (input: Partial<ListObjectsV2CommandInput> = {}) =>
  at.s3.send(new ListObjectsV2Command({ Bucket, ...input }));

it("creates, finds, lists and deletes buckets", async () => {
  await at.s3.send(new HeadBucketCommand({ Bucket }));
  const { Buckets = [] } = await at.s3.send(new ListBucketsCommand({}));
  expect(Buckets.map(({ Name }) => Name)).toContain(Bucket);
  await at.s3.send(new GetBucketLocationCommand({ Bucket }));

  await put("x", "1");
  await expect(at.s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({
    name: "BucketNotEmpty",
  });
  await at.s3.send(new DeleteObjectCommand({ Bucket, Key: "x" }));
  await at.s3.send(new DeleteBucketCommand({ Bucket }));
  await expect(at.s3.send(new HeadBucketCommand({ Bucket }))).rejects.toBeInstanceOf(NotFound);
  await expect(list()).rejects.toBeInstanceOf(NoSuchBucket);
  await expect(put("x", "1")).rejects.toMatchObject({ name: "NoSuchBucket" });
});

it("keeps bytes, type, metadata and caching headers", async () => {
  const Body = Buffer.from("grüße\u0000\u00ff");
  const { ETag } = await put("a/b c+d%/ü", Body, {
    ContentType: "text/plain; charset=utf-8",
    CacheControl: "no-cache",
    ContentDisposition: "attachment",
    ContentEncoding: "gzip",
    ContentLanguage: "de",
    Metadata: { one: "1", two: "zwei" },
  });
  expect(ETag).toBe(`"${Buffer.from(ETag?.slice(1, -1) ?? "", "hex").toString("hex")}"`);

  const output = await at.s3.send(new GetObjectCommand({ Bucket, Key: "a/b c+d%/ü" }));
  expect(Buffer.from((await output.Body?.transformToByteArray()) ?? [])).toEqual(Body);
  expect(output).toMatchObject({
    ETag,
    ContentLength: Body.length,
    ContentType: "text/plain; charset=utf-8",
    CacheControl: "no-cache",
    ContentDisposition: "attachment",
    ContentEncoding: "gzip",
    ContentLanguage: "de",
    Metadata: { one: "1", two: "zwei" },
    AcceptRanges: "bytes",
  });
  expect(await head("a/b c+d%/ü")).toMatchObject({ ETag, ContentLength: Body.length });
});

it("takes a stream, and an empty body", async () => {
  const parts = Array.from({ length: 50 }, (_, n) => Buffer.alloc(10_000, n));
  await put("stream", Readable.from(parts), { ContentLength: 500_000 });
  const { Body } = await at.s3.send(new GetObjectCommand({ Bucket, Key: "stream" }));
  expect(Buffer.concat(parts).equals(await buffer(Body as Readable))).toBe(true);

  await put("empty", new Uint8Array());
  const empty = await get("empty");
  expect(empty.text).toBe("");
  expect(empty.ContentLength).toBe(0);
});

it("gives ranges", async () => {
  await put("r", "0123456789");
  for (const [Range, text, ContentRange] of [
    ["bytes=2-4", "234", "bytes 2-4/10"],
    ["bytes=7-", "789", "bytes 7-9/10"],
    ["bytes=-3", "789", "bytes 7-9/10"],
    ["bytes=8-100", "89", "bytes 8-9/10"],
  ]) {
    const output = await get("r", { Range });
    expect(output).toMatchObject({ text, ContentRange });
    expect(output.$metadata.httpStatusCode).toBe(206);
  }
  await expect(get("r", { Range: "bytes=10-" })).rejects.toMatchObject({ name: "InvalidRange" });
});

it("judges the conditions of readers", async () => {
  const { ETag } = await put("c", "x");
  expect((await get("c", { IfMatch: ETag })).text).toBe("x");
  await expect(get("c", { IfMatch: '"other"' })).rejects.toMatchObject({
    name: "PreconditionFailed",
  });
  await expect(get("c", { IfNoneMatch: ETag })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 304 },
  });
  await expect(get("c", { IfModifiedSince: new Date(Date.now() + 60_000) })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 304 },
  });
});

it("writes only when the conditions of the writer hold", async () => {
  const { ETag } = await put("w", "1", { IfNoneMatch: "*" });
  await expect(put("w", "2", { IfNoneMatch: "*" })).rejects.toMatchObject({
    name: "PreconditionFailed",
  });
  await put("w", "3", { IfMatch: ETag });
  await expect(put("w", "4", { IfMatch: ETag })).rejects.toMatchObject({
    name: "PreconditionFailed",
  });
  expect((await get("w")).text).toBe("3");
});

it("has no object that was never put or was deleted", async () => {
  await put("gone", "x");
  await at.s3.send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
  await at.s3.send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
  await expect(get("gone")).rejects.toBeInstanceOf(NoSuchKey);
  await expect(head("gone")).rejects.toBeInstanceOf(NotFound);
});

it("deletes many", async () => {
  for (const key of ["a", "b", "<&>"]) await put(key, "x");
  const { Deleted = [], Errors } = await at.s3.send(
    new DeleteObjectsCommand({
      Bucket,
      Delete: { Objects: [{ Key: "a" }, { Key: "<&>" }, { Key: "never there" }] },
    }),
  );
  expect(Deleted.map(({ Key }) => Key).sort(order)).toEqual(["<&>", "a", "never there"]);
  expect(Errors).toBeUndefined();
  expect((await list()).Contents?.map(({ Key }) => Key)).toEqual(["b"]);
});

it("lists in pages, by prefix, and folded at a delimiter", async () => {
  const keys = ["a/1", "a/2", "a/b/3", "b", "c/4", "ä", "𝄞"];
  for (const key of keys) await put(key, key);

  expect((await list()).Contents?.map(({ Key }) => Key)).toEqual(keys);
  expect((await list({ Prefix: "a/" })).KeyCount).toBe(3);
  const folded = await list({ Delimiter: "/" });
  expect(folded.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(["a/", "c/"]);
  expect(folded.Contents?.map(({ Key }) => Key)).toEqual(["b", "ä", "𝄞"]);
  const inner = await list({ Delimiter: "/", Prefix: "a/" });
  expect(inner.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(["a/b/"]);
  expect((await list({ StartAfter: "b" })).Contents?.map(({ Key }) => Key)).toEqual([
    "c/4",
    "ä",
    "𝄞",
  ]);

  for (const Delimiter of [undefined, "/"]) {
    const seen: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await list({ MaxKeys: 2, Delimiter, ContinuationToken });
      const items = [
        ...(page.Contents ?? []).map(({ Key }) => Key),
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      ];
      expect(items.length).toBeLessThanOrEqual(2);
      expect(page.KeyCount).toBe(items.length);
      seen.push(...items);
      ContinuationToken = page.NextContinuationToken;
      expect(page.IsTruncated).toBe(ContinuationToken !== undefined);
    } while (ContinuationToken !== undefined);
    expect(seen.sort(order)).toEqual(Delimiter === undefined ? keys : ["a/", "b", "c/", "ä", "𝄞"]);
  }
});

it("copies with or without the metadata of the source", async () => {
  await put("from/ü+ %", "content", { ContentType: "text/x", Metadata: { a: "1" } });
  const CopySource = `${Bucket}/${encodeURIComponent("from/ü+ %")}`;
  await at.s3.send(new CopyObjectCommand({ Bucket, Key: "kept", CopySource }));
  expect(await get("kept")).toMatchObject({
    text: "content",
    ContentType: "text/x",
    Metadata: { a: "1" },
  });
  await at.s3.send(
    new CopyObjectCommand({
      Bucket,
      Key: "replaced",
      CopySource,
      MetadataDirective: "REPLACE",
      Metadata: { b: "2" },
      ContentType: "text/y",
    }),
  );
  expect(await get("replaced")).toMatchObject({
    text: "content",
    ContentType: "text/y",
    Metadata: { b: "2" },
  });
  await expect(
    at.s3.send(new CopyObjectCommand({ Bucket, Key: "x", CopySource: `${Bucket}/none` })),
  ).rejects.toMatchObject({ name: "NoSuchKey" });
});

it("puts parts together", async () => {
  const Key = "multi";
  const { UploadId } = await at.s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key, Metadata: { m: "1" } }),
  );
  const first = Buffer.alloc(5 * 1024 * 1024, "a");
  await put("source", "0123456789");
  const part = async (PartNumber: number, Body: Buffer | string) => {
    const { ETag } = await at.s3.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }),
    );
    return { ETag, PartNumber };
  };
  await part(1, "wrong");
  const parts = [await part(1, first), await part(2, Buffer.alloc(5 * 1024 * 1024, "b"))];
  const copied = await at.s3.send(
    new UploadPartCopyCommand({
      Bucket,
      Key,
      UploadId,
      PartNumber: 3,
      CopySource: `${Bucket}/source`,
      CopySourceRange: "bytes=2-4",
    }),
  );
  parts.push({ ETag: copied.CopyPartResult?.ETag, PartNumber: 3 });

  const { Uploads = [] } = await at.s3.send(new ListMultipartUploadsCommand({ Bucket }));
  expect(Uploads.map((upload) => upload.Key)).toEqual([Key]);
  const { Parts = [] } = await at.s3.send(new ListPartsCommand({ Bucket, Key, UploadId }));
  expect(Parts.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
    [1, 5 * 1024 * 1024],
    [2, 5 * 1024 * 1024],
    [3, 3],
  ]);

  const { ETag } = await at.s3.send(
    new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: { Parts: parts },
    }),
  );
  expect(ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
  expect(await head(Key)).toMatchObject({
    ContentLength: 10 * 1024 * 1024 + 3,
    ETag,
    Metadata: { m: "1" },
  });
  const border = 5 * 1024 * 1024;
  expect((await get(Key, { Range: `bytes=${border - 2}-${border + 1}` })).text).toBe("aabb");
  expect((await get(Key, { Range: "bytes=-5" })).text).toBe("bb234");
});

it("aborts an upload, and knows it no more", async () => {
  const Key = "aborted";
  const { UploadId } = await at.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  await at.s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: "x" }));
  await at.s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  await expect(
    at.s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: "x" })),
  ).rejects.toBeInstanceOf(Error);
  await expect(get(Key)).rejects.toBeInstanceOf(NoSuchKey);
});

it("refuses parts that are missing or too small", async () => {
  const Key = "bad";
  const { UploadId } = await at.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const parts: { ETag: string | undefined; PartNumber: number }[] = [];
  for (const PartNumber of [1, 2]) {
    const { ETag } = await at.s3.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: "tiny" }),
    );
    parts.push({ ETag, PartNumber });
  }
  const complete = (Parts: typeof parts) =>
    at.s3.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
    );
  await expect(complete(parts)).rejects.toMatchObject({ name: "EntityTooSmall" });
  await expect(complete([{ ETag: '"0"', PartNumber: 7 }])).rejects.toMatchObject({
    name: "InvalidPart",
  });
});

it("keeps tags beside the object, not instead of it", async () => {
  await put("t", "body", { Tagging: "a=1&b=x%20y" });
  const tags = async () =>
    (await at.s3.send(new GetObjectTaggingCommand({ Bucket, Key: "t" }))).TagSet;
  expect(await tags()).toEqual([
    { Key: "a", Value: "1" },
    { Key: "b", Value: "x y" },
  ]);
  await at.s3.send(
    new PutObjectTaggingCommand({
      Bucket,
      Key: "t",
      Tagging: { TagSet: [{ Key: "c", Value: "3+4 @ 5" }] },
    }),
  );
  expect(await tags()).toEqual([{ Key: "c", Value: "3+4 @ 5" }]);
  await at.s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: "t" }));
  expect(await tags()).toEqual([]);
  expect((await get("t")).text).toBe("body");
});

it("keeps how an object is encrypted", async () => {
  const key = "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012";
  const output = await put("kms", "x", { ServerSideEncryption: "aws:kms", SSEKMSKeyId: key });
  expect(output).toMatchObject({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: key });
  expect(await head("kms")).toMatchObject({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: key });
  await put("aes", "x", { ServerSideEncryption: "AES256" });
  expect(await head("aes")).toMatchObject({ ServerSideEncryption: "AES256" });
});

it("keeps the default encryption of a bucket", async () => {
  const ServerSideEncryptionConfiguration = {
    Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" as const } }],
  };
  await at.s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
  const { ServerSideEncryptionConfiguration: kept } = await at.s3.send(
    new GetBucketEncryptionCommand({ Bucket }),
  );
  expect(kept?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm).toBe("aws:kms");
  await put("d", "x");
  expect((await head("d")).ServerSideEncryption).toBe("aws:kms");
});

it("checks checksums and gives them back", async () => {
  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"] as const) {
    const sent = await put(`c-${ChecksumAlgorithm}`, "some text", { ChecksumAlgorithm });
    const name = `Checksum${ChecksumAlgorithm}` as const;
    expect(sent[name]).toEqual(expect.any(String));
    const read = await head(`c-${ChecksumAlgorithm}`, { ChecksumMode: "ENABLED" });
    expect(read[name]).toBe(sent[name]);
  }
});

it("serves presigned URLs", async () => {
  const putUrl = await getSignedUrl(at.s3, new PutObjectCommand({ Bucket, Key: "p/ä b" }), {
    expiresIn: 60,
  });
  expect((await fetch(putUrl, { method: "PUT", body: "by url" })).status).toBe(200);
  const getUrl = await getSignedUrl(at.s3, new GetObjectCommand({ Bucket, Key: "p/ä b" }), {
    expiresIn: 60,
  });
  const response = await fetch(getUrl);
  expect(await response.text()).toBe("by url");
});
