import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  InvalidMessageContents,
  MessageNotInflight,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { clientSettings } from "../../test/clients.ts";
import { createFakeClock, type FakeClock } from "../../test/fake-clock.ts";
import { type LocalAws, startLocalAws } from "../index.ts";

let folder: string;
let clock: FakeClock;
let aws: LocalAws;
let sqs: SQSClient;
let QueueUrl: string;

async function start(): Promise<void> {
  aws = await startLocalAws({ dataDir: folder, clock });
  sqs = new SQSClient({ ...clientSettings(aws), useQueueUrlAsEndpoint: false });
}

async function stop(): Promise<void> {
  sqs.destroy();
  await aws[Symbol.asyncDispose]();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "local-aws-sqs-"));
  clock = createFakeClock(Date.now());
  await start();
  const created = await sqs.send(new CreateQueueCommand({ QueueName: "q" }));
  QueueUrl = created.QueueUrl ?? "";
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

const send = (MessageBody: string, DelaySeconds?: number) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }));

async function receive(input: Partial<ReceiveMessageCommandInput> = {}) {
  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ["All"], ...input }),
  );
  return Messages ?? [];
}

const changeVisibility = (ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
  sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));

it("gives queue URLs with the port of the endpoint", () => {
  expect(QueueUrl).toBe(`${aws.endpoint}/000000000000/q`);
});

it("makes a message visible again when its timeout is over", async () => {
  await send("x");
  const [first] = await receive({ VisibilityTimeout: 30 });
  expect(await receive()).toEqual([]);

  await clock.advance(30_000);
  const [second] = await receive();
  expect(second?.MessageId).toBe(first?.MessageId);
  expect(second?.Attributes).toMatchObject({
    ApproximateReceiveCount: "2",
    ApproximateFirstReceiveTimestamp: first?.Attributes?.["ApproximateFirstReceiveTimestamp"],
  });
});

it("does not delete by a receipt handle that is out of date", async () => {
  await send("x");
  const [first] = await receive({ VisibilityTimeout: 0 });
  await receive({ VisibilityTimeout: 5 });
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
  await clock.advance(5000);
  expect(await receive()).toHaveLength(1);
});

it("deletes after the timeout as long as nobody else received the message", async () => {
  await send("x");
  const [first] = await receive({ VisibilityTimeout: 5 });
  await clock.advance(6000);
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
  expect(await receive()).toEqual([]);
});

it("extends visibility up to 12 hours after the receive, and only in flight", async () => {
  await send("x");
  const [message] = await receive({ VisibilityTimeout: 20 });
  await clock.advance(10_000);
  await changeVisibility(message?.ReceiptHandle, 43_190);
  await expect(changeVisibility(message?.ReceiptHandle, 43_191)).rejects.toMatchObject({
    name: "InvalidParameterValue",
    message: expect.stringContaining("beyond the limit [43200 seconds]"),
  });

  await changeVisibility(message?.ReceiptHandle, 0);
  await expect(changeVisibility(message?.ReceiptHandle, 5)).rejects.toBeInstanceOf(
    MessageNotInflight,
  );
});

it("ends a long poll when a hidden message becomes visible, or when its time is over", async () => {
  await send("x", 7);
  const poll = receive({ WaitTimeSeconds: 10 });
  const settled = poll.then((messages) => messages.length);
  await waitForPoll();
  await clock.advance(7000);
  expect(await settled).toBe(1);

  const empty = receive({ WaitTimeSeconds: 10 });
  await waitForPoll();
  await clock.advance(10_000);
  expect(await empty).toEqual([]);
});

it("wakes a long poll when visibility is given up or shortened", async () => {
  await send("x");
  const [first] = await receive({ VisibilityTimeout: 600 });
  const poll = receive({ WaitTimeSeconds: 20, VisibilityTimeout: 600 });
  await waitForPoll();
  await changeVisibility(first?.ReceiptHandle, 0);
  const [second] = await poll;
  expect(second?.MessageId).toBe(first?.MessageId);

  const later = receive({ WaitTimeSeconds: 20 });
  await waitForPoll();
  await changeVisibility(second?.ReceiptHandle, 3);
  await waitForPoll();
  await clock.advance(3000);
  expect(await later).toHaveLength(1);
});

it("does not give a message to a poll whose client has gone", async () => {
  const gone = new AbortController();
  const poll = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
    abortSignal: gone.signal,
  });
  const failure = poll.catch((error: unknown) => error);
  await waitForPoll();
  gone.abort();
  expect(await failure).toMatchObject({ name: "AbortError" });
  await waitForPoll();

  const waiting = receive({ WaitTimeSeconds: 20 });
  await waitForPoll();
  await send("for the living");
  const [message] = await waiting;
  expect(message?.Attributes?.["ApproximateReceiveCount"]).toBe("1");
});

it("stops at once although a long poll is waiting", async () => {
  const poll = receive({ WaitTimeSeconds: 20 }).catch(() => []);
  await waitForPoll();
  await stop();
  expect(await poll).toEqual([]);
  await start();
});

it("keeps messages, receives and deletions over a restart", async () => {
  await send("kept");
  await send("deleted");
  const received = await receive({ MaxNumberOfMessages: 10, VisibilityTimeout: 30 });
  const deleted = received.find(({ Body }) => Body === "deleted");
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: deleted?.ReceiptHandle }));

  await stop();
  await start();
  expect(await receive()).toEqual([]);
  await clock.advance(30_000);
  const [again, ...others] = await receive({ MaxNumberOfMessages: 10 });
  expect(again?.Body).toBe("kept");
  expect(again?.Attributes?.["ApproximateReceiveCount"]).toBe("2");
  expect(others).toEqual([]);
});

it("drops messages at the end of their retention", async () => {
  const created = await sqs.send(
    new CreateQueueCommand({ QueueName: "r", Attributes: { MessageRetentionPeriod: "60" } }),
  );
  QueueUrl = created.QueueUrl ?? "";
  await send("old");
  await clock.advance(59_000);
  await send("young");
  await clock.advance(2000);
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
  );
  expect(Attributes).toEqual({ ApproximateNumberOfMessages: "1" });
  const messages = await receive({ MaxNumberOfMessages: 10 });
  expect(messages.map(({ Body }) => Body)).toEqual(["young"]);
});

it("accepts a message of a FIFO queue once in five minutes", async () => {
  const created = await sqs.send(
    new CreateQueueCommand({ QueueName: "f.fifo", Attributes: { FifoQueue: "true" } }),
  );
  QueueUrl = created.QueueUrl ?? "";
  const put = () =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: "x",
        MessageGroupId: "g",
        MessageDeduplicationId: "d",
      }),
    );
  const first = await put();
  const second = await put();
  expect(second.MessageId).toBe(first.MessageId);
  expect(second.SequenceNumber).toBe(first.SequenceNumber);

  const [message] = await receive({ MaxNumberOfMessages: 10, VisibilityTimeout: 5 });
  await clock.advance(6000);
  await expect(
    sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle })),
  ).rejects.toThrow("The receipt handle has expired");
  await clock.advance(300_000);
  expect((await put()).MessageId).not.toBe(first.MessageId);
});

it("refuses what SQS refuses", async () => {
  await expect(send("\u0000")).rejects.toBeInstanceOf(InvalidMessageContents);
  await expect(send("x".repeat(1_048_577))).rejects.toThrow("must be shorter than 1048576 bytes");
  await expect(send("x", 901)).rejects.toMatchObject({ name: "InvalidParameterValue" });
  await expect(receive({ MaxNumberOfMessages: 11 })).rejects.toThrow("between 1 and 10");
  await expect(sqs.send(new CreateQueueCommand({ QueueName: "with space" }))).rejects.toMatchObject(
    { name: "InvalidParameterValue" },
  );
  await expect(
    sqs.send(new CreateQueueCommand({ QueueName: "n", Attributes: { DelaySeconds: "-1" } })),
  ).rejects.toMatchObject({ name: "InvalidAttributeValue" });
  await expect(
    sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "a", MessageBody: "x".repeat(600_000) },
          { Id: "b", MessageBody: "x".repeat(600_000) },
        ],
      }),
    ),
  ).rejects.toMatchObject({ name: "BatchRequestTooLong" });
});

it("says NotImplemented for what it does not know", async () => {
  await expect(
    sqs.send(new StartMessageMoveTaskCommand({ SourceArn: "arn:aws:sqs:local:000000000000:q" })),
  ).rejects.toMatchObject({ name: "NotImplemented", $metadata: { httpStatusCode: 501 } });
});

/** Lets requests that are under way reach the engine: a later request is answered after them. */
async function waitForPoll(): Promise<void> {
  for (let n = 0; n < 3; n += 1) {
    await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
  }
}
