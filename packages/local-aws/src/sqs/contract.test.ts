import { randomUUID } from "node:crypto";
import {
  BatchEntryIdsNotDistinct,
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  type CreateQueueCommandInput,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  EmptyBatchRequest,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  type Message,
  PurgeQueueCommand,
  QueueDoesNotExist,
  QueueNameExists,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ContractTarget, openContractTarget } from "../../test/contract-target.ts";

const order = (a = "", b = ""): number => (a < b ? -1 : 1);

let at: ContractTarget;
beforeAll(async () => {
  at = await openContractTarget();
});
afterAll(() => at[Symbol.asyncDispose]());

async function createQueue(
  attributes: CreateQueueCommandInput["Attributes"] = {},
  suffix = "",
): Promise<string> {
  const QueueName = `q-${randomUUID()}${suffix}`;
  const { QueueUrl } = await at.sqs.send(
    new CreateQueueCommand({ QueueName, Attributes: attributes }),
  );
  expect(QueueUrl).toMatch(new RegExp(`/\\d{12}/${QueueName.replaceAll(".", "\\.")}$`));
  return QueueUrl ?? "";
}

async function send(QueueUrl: string, ...bodies: string[]): Promise<void> {
  for (const MessageBody of bodies) {
    await at.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }
}

async function receive(
  QueueUrl: string,
  input: Partial<ReceiveMessageCommandInput> = {},
): Promise<Message[]> {
  const { Messages } = await at.sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...input }),
  );
  return Messages ?? [];
}

async function attributesOf(QueueUrl: string): Promise<Record<string, string>> {
  const { Attributes } = await at.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
  );
  return Attributes ?? {};
}

it("creates a queue once, finds it by name, and refuses other attributes", async () => {
  const url = await createQueue({ VisibilityTimeout: "40" });
  const QueueName = url.split("/").at(-1) ?? "";

  const again = await at.sqs.send(
    new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: "40" } }),
  );
  expect(again.QueueUrl).toBe(url);
  expect((await at.sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl).toBe(url);
  await expect(
    at.sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: "41" } })),
  ).rejects.toBeInstanceOf(QueueNameExists);

  const attributes = await attributesOf(url);
  expect(attributes).toMatchObject({
    VisibilityTimeout: "40",
    DelaySeconds: "0",
    MessageRetentionPeriod: "345600",
    ReceiveMessageWaitTimeSeconds: "0",
    ApproximateNumberOfMessages: "0",
  });
  expect(attributes["QueueArn"]).toMatch(new RegExp(`^arn:aws:sqs:[\\w-]+:\\d{12}:${QueueName}$`));
});

it("changes attributes", async () => {
  const QueueUrl = await createQueue();
  await at.sqs.send(
    new SetQueueAttributesCommand({ QueueUrl, Attributes: { MessageRetentionPeriod: "86400" } }),
  );
  expect((await attributesOf(QueueUrl))["MessageRetentionPeriod"]).toBe("86400");
});

it("lists queues by prefix", async () => {
  const prefix = `list-${randomUUID().slice(0, 8)}`;
  for (const name of ["b", "a"]) {
    await at.sqs.send(new CreateQueueCommand({ QueueName: `${prefix}-${name}` }));
  }
  const { QueueUrls = [] } = await at.sqs.send(new ListQueuesCommand({ QueueNamePrefix: prefix }));
  expect(QueueUrls.map((url) => url.split("/").at(-1)).sort(order)).toEqual([
    `${prefix}-a`,
    `${prefix}-b`,
  ]);
});

it("has no queue that was never created or was deleted", async () => {
  const QueueUrl = await createQueue();
  await at.sqs.send(new DeleteQueueCommand({ QueueUrl }));

  await expect(receive(QueueUrl)).rejects.toBeInstanceOf(QueueDoesNotExist);
  await expect(send(QueueUrl, "x")).rejects.toBeInstanceOf(QueueDoesNotExist);
  await expect(
    at.sqs.send(new GetQueueUrlCommand({ QueueName: "never-created" })),
  ).rejects.toBeInstanceOf(QueueDoesNotExist);
});

it("sends, receives once within the visibility timeout, and deletes", async () => {
  const QueueUrl = await createQueue();
  await send(QueueUrl, "größe 𝄞");

  const [message] = await receive(QueueUrl, { MessageSystemAttributeNames: ["All"] });
  expect(message?.Body).toBe("größe 𝄞");
  expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: "1" });
  expect(Number(message?.Attributes?.["SentTimestamp"])).toBeGreaterThan(1.6e12);
  expect(await receive(QueueUrl)).toEqual([]);
  expect(await attributesOf(QueueUrl)).toMatchObject({
    ApproximateNumberOfMessages: "0",
    ApproximateNumberOfMessagesNotVisible: "1",
  });

  const ReceiptHandle = message?.ReceiptHandle;
  await at.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  await at.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  expect(await attributesOf(QueueUrl)).toMatchObject({
    ApproximateNumberOfMessagesNotVisible: "0",
  });
});

it("gives a message back at once when its visibility becomes 0", async () => {
  const QueueUrl = await createQueue();
  await send(QueueUrl, "again");
  const [first] = await receive(QueueUrl);
  await at.sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl,
      ReceiptHandle: first?.ReceiptHandle,
      VisibilityTimeout: 0,
    }),
  );

  const [second] = await receive(QueueUrl, { MessageSystemAttributeNames: ["All"] });
  expect(second?.MessageId).toBe(first?.MessageId);
  expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
  expect(second?.Attributes?.["ApproximateReceiveCount"]).toBe("2");
});

it("carries message attributes, checked by MD5, and gives those that are asked for", async () => {
  const QueueUrl = await createQueue();
  const MessageAttributes = {
    "a.text": { DataType: "String", StringValue: "héllo" },
    "a.number": { DataType: "Number.int", StringValue: "42" },
    bytes: { DataType: "Binary", BinaryValue: new Uint8Array([0, 255, 7]) },
  };
  const sent = await at.sqs.send(
    new SendMessageCommand({ QueueUrl, MessageBody: "x", MessageAttributes }),
  );
  expect(sent.MD5OfMessageAttributes).toMatch(/^[0-9a-f]{32}$/);

  const [all] = await receive(QueueUrl, { MessageAttributeNames: ["All"], VisibilityTimeout: 0 });
  expect(all?.MessageAttributes).toEqual(MessageAttributes);
  expect(all?.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
  const [some] = await receive(QueueUrl, {
    MessageAttributeNames: ["bytes"],
    VisibilityTimeout: 0,
  });
  expect(Object.keys(some?.MessageAttributes ?? {})).toEqual(["bytes"]);
  const [none] = await receive(QueueUrl, { VisibilityTimeout: 0 });
  expect(none?.MessageAttributes).toBeUndefined();
});

it("sends, hides and deletes in batches, each entry for itself", async () => {
  const QueueUrl = await createQueue();
  const sent = await at.sqs.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: Array.from({ length: 5 }, (_, n) => ({ Id: `e${n}`, MessageBody: `m${n}` })),
    }),
  );
  expect(sent.Successful?.map(({ Id }) => Id)).toEqual(["e0", "e1", "e2", "e3", "e4"]);
  expect(sent.Failed ?? []).toEqual([]);

  const messages = await receive(QueueUrl);
  expect(messages.map(({ Body }) => Body).sort(order)).toEqual(["m0", "m1", "m2", "m3", "m4"]);
  const entries = messages.map(({ ReceiptHandle }, n) => ({ Id: `d${n}`, ReceiptHandle }));
  const hidden = await at.sqs.send(
    new ChangeMessageVisibilityBatchCommand({
      QueueUrl,
      Entries: entries.map((entry) => ({ ...entry, VisibilityTimeout: 100 })),
    }),
  );
  expect(hidden.Successful).toHaveLength(5);
  const deleted = await at.sqs.send(
    new DeleteMessageBatchCommand({
      QueueUrl,
      Entries: [...entries, { Id: "bad", ReceiptHandle: "nonsense" }],
    }),
  );
  expect(deleted.Successful).toHaveLength(5);
  expect(deleted.Failed).toMatchObject([{ Id: "bad", Code: "ReceiptHandleIsInvalid" }]);
});

it("refuses batches that are empty, or whose ids are not distinct", async () => {
  const QueueUrl = await createQueue();
  await expect(
    at.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [] })),
  ).rejects.toBeInstanceOf(EmptyBatchRequest);
  await expect(
    at.sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: "a", MessageBody: "1" },
          { Id: "a", MessageBody: "2" },
        ],
      }),
    ),
  ).rejects.toBeInstanceOf(BatchEntryIdsNotDistinct);
});

it("refuses a receipt handle that is none", async () => {
  const QueueUrl = await createQueue();
  await expect(
    at.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: "nonsense" })),
  ).rejects.toBeInstanceOf(ReceiptHandleIsInvalid);
});

it("holds a delayed message back", async () => {
  const QueueUrl = await createQueue();
  await at.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "late", DelaySeconds: 1 }));
  expect(await receive(QueueUrl)).toEqual([]);
  expect((await attributesOf(QueueUrl))["ApproximateNumberOfMessagesDelayed"]).toBe("1");
  expect(await receive(QueueUrl, { WaitTimeSeconds: 5 })).toHaveLength(1);
});

it("lets a long poll end with the message that arrives", async () => {
  const QueueUrl = await createQueue();
  const poll = receive(QueueUrl, { WaitTimeSeconds: 10 });
  await send(QueueUrl, "now");
  expect((await poll).map(({ Body }) => Body)).toEqual(["now"]);
});

it("moves a message to the dead-letter queue after too many receives", async () => {
  const dead = await createQueue();
  const { QueueArn } = await attributesOf(dead);
  const QueueUrl = await createQueue({
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: QueueArn, maxReceiveCount: 2 }),
  });
  await send(QueueUrl, "poison");

  expect(await receive(QueueUrl, { VisibilityTimeout: 0 })).toHaveLength(1);
  expect(await receive(QueueUrl, { VisibilityTimeout: 0 })).toHaveLength(1);
  expect(await receive(QueueUrl, { VisibilityTimeout: 0 })).toEqual([]);
  expect((await receive(dead)).map(({ Body }) => Body)).toEqual(["poison"]);
});

it("purges", async () => {
  const QueueUrl = await createQueue();
  await send(QueueUrl, "1", "2");
  await at.sqs.send(new PurgeQueueCommand({ QueueUrl }));
  expect(await receive(QueueUrl)).toEqual([]);
});

it("keeps tags", async () => {
  const QueueUrl = await createQueue();
  await at.sqs.send(new TagQueueCommand({ QueueUrl, Tags: { a: "1", b: "2" } }));
  await at.sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ["a"] }));
  expect((await at.sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ b: "2" });
});

it("keeps the order of a FIFO group and blocks it while a message is in flight", async () => {
  const QueueUrl = await createQueue(
    { FifoQueue: "true", ContentBasedDeduplication: "true" },
    ".fifo",
  );
  for (const [MessageGroupId, MessageBody] of [
    ["g", "g1"],
    ["g", "g2"],
    ["h", "h1"],
    ["g", "g2"],
  ]) {
    await at.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId }));
  }

  const [first] = await receive(QueueUrl, { MaxNumberOfMessages: 1 });
  expect(first?.Body).toBe("g1");
  expect((await receive(QueueUrl)).map(({ Body }) => Body)).toEqual(["h1"]);
  await at.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
  const rest = await receive(QueueUrl, { MessageSystemAttributeNames: ["All"] });
  expect(rest.map(({ Body }) => Body)).toEqual(["g2"]);
  expect(rest[0]?.Attributes).toMatchObject({ MessageGroupId: "g" });
});
