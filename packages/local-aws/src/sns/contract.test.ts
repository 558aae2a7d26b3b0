import { randomUUID } from "node:crypto";
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  NotFoundException,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type ContractTarget, openContractTarget } from "../../test/contract-target.ts";

const order = (a = "", b = ""): number => (a < b ? -1 : 1);

let at: ContractTarget;
let TopicArn: string;
let QueueUrl: string;
let Endpoint: string;
beforeAll(async () => {
  at = await openContractTarget();
});
afterAll(() => at[Symbol.asyncDispose]());
beforeEach(async () => {
  const topic = await at.sns.send(new CreateTopicCommand({ Name: `t-${randomUUID()}` }));
  TopicArn = topic.TopicArn ?? "";
  const queue = await at.sqs.send(new CreateQueueCommand({ QueueName: `q-${randomUUID()}` }));
  QueueUrl = queue.QueueUrl ?? "";
  const { Attributes } = await at.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
  );
  Endpoint = Attributes?.["QueueArn"] ?? "";
});

async function subscribe(Attributes: Record<string, string> = {}): Promise<string> {
  const { SubscriptionArn } = await at.sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: "sqs",
      Endpoint,
      Attributes,
      ReturnSubscriptionArn: true,
    }),
  );
  return SubscriptionArn ?? "";
}

async function receive(): Promise<Message[]> {
  const { Messages } = await at.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ["All"],
    }),
  );
  return Messages ?? [];
}

it("creates a topic once, describes, changes and deletes it", async () => {
  const Name = TopicArn.split(":").at(-1);
  expect((await at.sns.send(new CreateTopicCommand({ Name }))).TopicArn).toBe(TopicArn);
  expect((await at.sns.send(new ListTopicsCommand({}))).Topics).toContainEqual({ TopicArn });
  await at.sns.send(
    new SetTopicAttributesCommand({
      TopicArn,
      AttributeName: "DisplayName",
      AttributeValue: "A <topic>",
    }),
  );
  const { Attributes } = await at.sns.send(new GetTopicAttributesCommand({ TopicArn }));
  expect(Attributes).toMatchObject({ TopicArn, DisplayName: "A <topic>" });

  await at.sns.send(new DeleteTopicCommand({ TopicArn }));
  await expect(at.sns.send(new GetTopicAttributesCommand({ TopicArn }))).rejects.toBeInstanceOf(
    NotFoundException,
  );
  await expect(at.sns.send(new PublishCommand({ TopicArn, Message: "x" }))).rejects.toBeInstanceOf(
    NotFoundException,
  );
});

it("delivers to a queue inside an envelope", async () => {
  await subscribe();
  const { MessageId } = await at.sns.send(
    new PublishCommand({
      TopicArn,
      Subject: "Über & mehr",
      Message: '{"a":"<1>"}',
      MessageAttributes: { kind: { DataType: "String", StringValue: "k" } },
    }),
  );
  const [message] = await receive();
  expect(JSON.parse(message?.Body ?? "")).toMatchObject({
    Type: "Notification",
    MessageId,
    TopicArn,
    Subject: "Über & mehr",
    Message: '{"a":"<1>"}',
    MessageAttributes: { kind: { Type: "String", Value: "k" } },
  });
});

it("delivers raw, with the attributes of the message", async () => {
  await subscribe({ RawMessageDelivery: "true" });
  const MessageAttributes = { kind: { DataType: "String", StringValue: "k" } };
  await at.sns.send(new PublishCommand({ TopicArn, Message: "raw", MessageAttributes }));
  const [message] = await receive();
  expect(message?.Body).toBe("raw");
  expect(message?.MessageAttributes).toEqual(MessageAttributes);
});

it("delivers only what a filter policy lets through", async () => {
  await subscribe({
    RawMessageDelivery: "true",
    FilterPolicy: JSON.stringify({ kind: ["a", { prefix: "b-" }], size: [{ numeric: [">", 3] }] }),
  });
  const publish = (Message: string, kind: string, size: string) =>
    at.sns.send(
      new PublishCommand({
        TopicArn,
        Message,
        MessageAttributes: {
          kind: { DataType: "String", StringValue: kind },
          size: { DataType: "Number", StringValue: size },
        },
      }),
    );
  await publish("exact", "a", "4");
  await publish("prefix", "b-1", "5.5");
  await publish("too small", "a", "3");
  await publish("other kind", "c", "9");
  await at.sns.send(new PublishCommand({ TopicArn, Message: "no attributes" }));
  expect((await receive()).map(({ Body }) => Body).sort(order)).toEqual(["exact", "prefix"]);
});

it("publishes in batches", async () => {
  await subscribe({ RawMessageDelivery: "true" });
  const { Successful = [] } = await at.sns.send(
    new PublishBatchCommand({
      TopicArn,
      PublishBatchRequestEntries: [
        { Id: "1", Message: "one" },
        { Id: "2", Message: "two" },
      ],
    }),
  );
  expect(Successful.map(({ Id }) => Id)).toEqual(["1", "2"]);
  expect((await receive()).map(({ Body }) => Body).sort(order)).toEqual(["one", "two"]);
});

it("subscribes once, lists, changes and ends subscriptions", async () => {
  const SubscriptionArn = await subscribe();
  expect(await subscribe()).toBe(SubscriptionArn);
  const own = { SubscriptionArn, Protocol: "sqs", Endpoint, TopicArn };
  const ofTopic = await at.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  expect(ofTopic.Subscriptions).toMatchObject([own]);
  const all = await at.sns.send(new ListSubscriptionsCommand({}));
  expect(all.Subscriptions).toContainEqual(expect.objectContaining(own));

  await at.sns.send(
    new SetSubscriptionAttributesCommand({
      SubscriptionArn,
      AttributeName: "RawMessageDelivery",
      AttributeValue: "true",
    }),
  );
  const { Attributes } = await at.sns.send(
    new GetSubscriptionAttributesCommand({ SubscriptionArn }),
  );
  expect(Attributes).toMatchObject({ RawMessageDelivery: "true", Protocol: "sqs" });

  await at.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
  await at.sns.send(new PublishCommand({ TopicArn, Message: "nobody hears" }));
  expect(await receive()).toEqual([]);
});
