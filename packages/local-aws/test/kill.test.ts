import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { clientSettings, type Target } from "./clients.ts";

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "local-aws-kill-"));
});
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** Runs the endpoint as a process of its own. */
async function run(): Promise<Target> {
  const main = join(import.meta.dirname, "../src/main.ts");
  child = spawn(process.execPath, ["--conditions=@lava/source", main, "--data", folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stdout = child.stdout;
  if (stdout === null) throw new Error("no output");
  const [line] = await once(createInterface({ input: stdout }), "line");
  const ready = JSON.parse(String(line)) as { endpoint: string; region: string };
  const file = readFileSync(join(folder, "credentials.json"), "utf8");
  return { ...ready, credentials: JSON.parse(file) as Target["credentials"] };
}

async function kill(): Promise<void> {
  if (child === undefined) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

it("loses no acknowledged object or message, and no file stays, when it is killed", async () => {
  const Bucket = "kept";
  const first = await run();
  let s3 = new S3Client(clientSettings(first));
  let sqs = new SQSClient(clientSettings(first));
  await s3.send(new CreateBucketCommand({ Bucket }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "kept" }));

  const objects = new Map<string, string>();
  const messages = new Set<string>();
  const deleted = new Set<string>();
  let acknowledged = 0;
  const worker = async (n: number): Promise<void> => {
    for (let round = 0; ; round += 1) {
      const text = `${n}-${round}`;
      // Half of the keys are new, half replace the object of the round before.
      const Key = `${n}/${round % 2 === 0 ? round : "same"}`;
      objects.delete(Key);
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: text.repeat(2000) }));
      objects.set(Key, text);
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: text }));
      messages.add(text);
      const received = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }),
      );
      const [message] = received.Messages ?? [];
      if (round % 3 === 0 && message?.Body !== undefined) {
        const { Body, ReceiptHandle } = message;
        // From here on it may be gone, acknowledged or not.
        messages.delete(Body);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        deleted.add(Body);
      }
      acknowledged += 1;
    }
  };
  const workers = Array.from({ length: 8 }, (_, n) => worker(n).catch(() => undefined));
  await expect.poll(() => acknowledged, { timeout: 10_000 }).toBeGreaterThan(150);
  await kill();
  await Promise.all(workers);
  s3.destroy();
  sqs.destroy();

  const second = await run();
  s3 = new S3Client(clientSettings(second));
  sqs = new SQSClient(clientSettings(second));
  for (const [Key, text] of objects) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(await Body?.transformToString()).toBe(text.repeat(2000));
  }
  const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket }));
  expect(readdirSync(join(folder, "s3"))).toHaveLength(KeyCount ?? -1);

  const found = new Set<string>();
  const url = `${second.endpoint}/000000000000/kept`;
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) break;
    for (const { Body = "" } of Messages) found.add(Body);
  }
  expect([...messages].filter((text) => !found.has(text))).toEqual([]);
  expect(deleted.size).toBeGreaterThan(0);
  s3.destroy();
  sqs.destroy();
});
