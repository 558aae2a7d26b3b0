import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterEach, beforeEach, expect, it } from "vitest";
import { clientSettings } from "../../test/clients.ts";
import { type LocalAws, startLocalAws } from "../index.ts";

const Bucket = "the-bucket";
let folder: string;
let aws: LocalAws;
let s3: S3Client;

async function start(): Promise<void> {
  aws = await startLocalAws({ dataDir: folder });
  s3 = new S3Client(clientSettings(aws));
}

async function stop(): Promise<void> {
  s3.destroy();
  await aws[Symbol.asyncDispose]();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "local-aws-s3-"));
  await start();
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

const files = (): string[] => readdirSync(join(folder, "s3"));
const put = (Key: string, Body: PutObjectCommandInput["Body"], input: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...input }));

async function get(Key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToString()) ?? "";
}

it("tells the owner of a bucket that it is there already", async () => {
  await expect(s3.send(new CreateBucketCommand({ Bucket }))).rejects.toMatchObject({
    name: "BucketAlreadyOwnedByYou",
  });
  await expect(s3.send(new CreateBucketCommand({ Bucket: "UPPER_case" }))).rejects.toMatchObject({
    name: "InvalidBucketName",
  });
});

it("never lets an unknown sub-resource fall through to the object", async () => {
  await put("k", "body");
  const Key = "k";
  const VersionId = "7";
  for (const request of [
    () => s3.send(new GetObjectAclCommand({ Bucket, Key })),
    () => s3.send(new PutObjectAclCommand({ Bucket, Key, ACL: "private" })),
    () => s3.send(new ListObjectVersionsCommand({ Bucket })),
    () => s3.send(new GetObjectCommand({ Bucket, Key, VersionId })),
    () => s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId })),
  ]) {
    await expect(request()).rejects.toMatchObject({
      name: "NotImplemented",
      $metadata: { httpStatusCode: 501 },
    });
  }
  expect(await get("k")).toBe("body");
});

it("keeps keys that look like paths away from the file system", async () => {
  const keys = ["/abs", "a//b", "..hidden", "x/..y", "C:\\con", `long/${"x".repeat(1000)}`];
  for (const key of keys) {
    await put(key, key);
    expect(await get(key)).toBe(key);
  }
  expect(files()).toHaveLength(keys.length);
  for (const file of files()) expect(file).toMatch(/^[0-9a-f-]{36}$/);
  await expect(put("x".repeat(1025), "1")).rejects.toMatchObject({ name: "KeyTooLongError" });
});

it("keeps objects and uploads over a restart", async () => {
  await put("kept", "content", { Metadata: { a: "1" } });
  const Key = "multi";
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const { ETag } = await s3.send(
    new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: "part" }),
  );
  await stop();
  await start();

  expect(await get("kept")).toBe("content");
  await s3.send(
    new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] },
    }),
  );
  expect(await get(Key)).toBe("part");
});

it("leaves no file of what was replaced, deleted or refused", async () => {
  await put("a", "1");
  await put("a", "2");
  await put("b", "3");
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "b" }));
  await expect(
    put("c", "4", { ContentMD5: Buffer.alloc(16).toString("base64") }),
  ).rejects.toMatchObject({ name: "BadDigest" });
  await expect(put("c", "4", { ChecksumCRC32: "AAAAAA==" })).rejects.toMatchObject({
    name: "BadDigest",
  });
  expect(files()).toHaveLength(1);
  await expect(get("c")).rejects.toMatchObject({ name: "NoSuchKey" });
});

it("sweeps files that a kill left behind", async () => {
  await put("a", "1");
  await stop();
  writeFileSync(join(folder, "s3", "11111111-1111-4111-8111-111111111111"), "orphan");
  await start();
  expect(files()).toHaveLength(1);
  expect(await get("a")).toBe("1");
});

it("keeps nothing of an upload whose client goes away in the middle", async () => {
  const url = new URL(await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "cut" })));
  const socket = connect(aws.port, "127.0.0.1");
  socket.write(
    `PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 1000000\r\n\r\nhalf`,
  );
  await expect.poll(() => files().length).toBe(1);
  socket.destroy();
  await expect.poll(() => files().length).toBe(0);
  await expect(get("cut")).rejects.toMatchObject({ name: "NoSuchKey" });
});

it("finishes a download of an object that is replaced meanwhile", async () => {
  const size = 8 * 1024 * 1024;
  await put("big", Buffer.alloc(size, "a"));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "big" }));
  await put("big", "small");
  const bytes = await Body?.transformToByteArray();
  expect(bytes?.length).toBe(size);
  expect(bytes?.every((byte) => byte === 97)).toBe(true);
  await expect.poll(() => files().length).toBe(1);
});

it("lets one of many writers win when all want to be first", async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, n) => put("lock", `holder ${n}`, { IfNoneMatch: "*" })),
  );
  const winners = results.flatMap(({ status }, n) => (status === "fulfilled" ? [n] : []));
  expect(winners).toHaveLength(1);
  expect(await get("lock")).toBe(`holder ${winners[0]}`);
  expect(files()).toHaveLength(1);
});

it("gives AES256 and binary/octet-stream to what says nothing else", async () => {
  await put("plain", Readable.from([Buffer.from("x")]), { ContentLength: 1 });
  const found = await s3.send(new HeadObjectCommand({ Bucket, Key: "plain" }));
  expect(found).toMatchObject({ ServerSideEncryption: "AES256", ContentLength: 1 });
  expect(["binary/octet-stream", "application/octet-stream"]).toContain(found.ContentType);
  await put("kms", "x", { ServerSideEncryption: "aws:kms" });
  const kms = await s3.send(new HeadObjectCommand({ Bucket, Key: "kms" }));
  expect(kms.SSEKMSKeyId).toBe("arn:aws:kms:local:000000000000:alias/aws/s3");
});

it("refuses what it would have to ignore", async () => {
  await expect(put("x", "1", { ACL: "public-read" })).rejects.toMatchObject({
    name: "AccessControlListNotSupported",
  });
  await expect(
    put("x", "1", { ObjectLockMode: "GOVERNANCE", ObjectLockRetainUntilDate: new Date() }),
  ).rejects.toMatchObject({ name: "NotImplemented" });
  await expect(
    s3.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }),
    ),
  ).rejects.toMatchObject({ name: "NotImplemented" });
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
  await put("self", "1");
  await expect(
    s3.send(new CopyObjectCommand({ Bucket, Key: "self", CopySource: `${Bucket}/self` })),
  ).rejects.toMatchObject({ name: "InvalidRequest" });
});

it("gives a composite checksum to an object of parts", async () => {
  const Key = "parts";
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: "CRC32" }),
  );
  const { ETag, ChecksumCRC32 } = await s3.send(
    new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: "x" }),
  );
  const done = await s3.send(
    new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: { Parts: [{ ETag, ChecksumCRC32, PartNumber: 1 }] },
    }),
  );
  expect(done.ChecksumCRC32).toMatch(/-1$/);
  expect(done.ChecksumType).toBe("COMPOSITE");
  const one = await s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 1 }));
  expect(one.PartsCount).toBe(1);
  expect(await one.Body?.transformToString()).toBe("x");
});

it("keeps a lifecycle configuration as it was given", async () => {
  const Rules = [
    { ID: "r", Status: "Enabled" as const, Filter: { Prefix: "tmp/" }, Expiration: { Days: 7 } },
  ];
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }),
  );
  const kept = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  expect(kept.Rules).toEqual(Rules);
});

it("tells a queue of what happens to objects", async () => {
  const sqs = new SQSClient(clientSettings(aws));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "events" }));
  const notifyFrom = (queue: string) =>
    s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: {
          QueueConfigurations: [
            {
              QueueArn: `arn:aws:sqs:local:000000000000:${queue}`,
              Events: ["s3:ObjectCreated:*"],
              Filter: { Key: { FilterRules: [{ Name: "prefix", Value: "in/" }] } },
            },
          ],
        },
      }),
    );
  await expect(notifyFrom("no-such-queue")).rejects.toMatchObject({ name: "InvalidArgument" });
  await notifyFrom("events");
  await put("out/1", "x");
  await put("in/a b", "four");

  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
  );
  const bodies = Messages.map(({ Body }) => JSON.parse(Body ?? ""));
  expect(bodies).toMatchObject([
    { Event: "s3:TestEvent", Bucket },
    {
      Records: [
        {
          eventSource: "aws:s3",
          eventName: "ObjectCreated:Put",
          s3: { bucket: { name: Bucket }, object: { key: "in/a+b", size: 4 } },
        },
      ],
    },
  ]);
  sqs.destroy();
});

it("lists thousands of keys behind one prefix without reading them all", async () => {
  await Promise.all(Array.from({ length: 60 }, (_, n) => put(`a/${n}`, "x")));
  await put("b", "x");
  const page = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: "/", MaxKeys: 1 }));
  expect(page.CommonPrefixes).toEqual([{ Prefix: "a/" }]);
  const next = await s3.send(
    new ListObjectsV2Command({
      Bucket,
      Delimiter: "/",
      MaxKeys: 1,
      ContinuationToken: page.NextContinuationToken,
    }),
  );
  expect(next.Contents?.map(({ Key }) => Key)).toEqual(["b"]);
  expect(next.IsTruncated).toBe(false);
});

it("lists in the first version with a marker", async () => {
  for (const key of ["a/1", "b", "c/1", "d"]) await put(key, "x");
  const first = await s3.send(new ListObjectsCommand({ Bucket, MaxKeys: 3, Delimiter: "/" }));
  expect(first.IsTruncated).toBe(true);
  const second = await s3.send(
    new ListObjectsCommand({ Bucket, Delimiter: "/", Marker: first.NextMarker }),
  );
  expect(second.Contents?.map(({ Key }) => Key)).toEqual(["d"]);
  expect(second.CommonPrefixes).toBeUndefined();
});

it("overrides response headers", async () => {
  await put("o", "x");
  const command = new GetObjectCommand({
    Bucket,
    Key: "o",
    ResponseContentType: "text/csv",
    ResponseContentDisposition: 'attachment; filename="x.csv"',
  });
  expect(await s3.send(command)).toMatchObject({
    ContentType: "text/csv",
    ContentDisposition: 'attachment; filename="x.csv"',
  });
});

it("knows an upload no more when it was aborted, and keeps none of its files", async () => {
  const Key = "aborted";
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const part = () =>
    s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: "x" }));
  await part();
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  await expect(part()).rejects.toMatchObject({ name: "NoSuchUpload" });
  expect(files()).toEqual([]);
});

it("refuses characters that tags cannot have", async () => {
  await expect(put("t", "x", { Tagging: "a=%3C1%3E" })).rejects.toMatchObject({
    name: "InvalidTag",
  });
});
