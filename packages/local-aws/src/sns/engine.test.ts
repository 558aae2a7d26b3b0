import {
  CreateTopicCommand,
  InvalidParameterException,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clientSettings } from "../../test/clients.ts";
import { type LocalAws, startLocalAws } from "../index.ts";

let aws: LocalAws;
let sns: SNSClient;
let sqs: SQSClient;
beforeAll(async () => {
  aws = await startLocalAws();
  sns = new SNSClient(clientSettings(aws));
  sqs = new SQSClient(clientSettings(aws));
});
afterAll(async () => {
  sns.destroy();
  sqs.destroy();
  await aws[Symbol.asyncDispose]();
});

it("says NotImplemented for protocols other than sqs and lambda", async () => {
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "mail" }));
  for (const Protocol of ["email", "https", "sms"]) {
    await expect(
      sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint: "x@example.com" })),
    ).rejects.toMatchObject({ name: "NotImplemented", $metadata: { httpStatusCode: 501 } });
  }
});

it("publishes although a subscribed queue has gone", async () => {
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "some" }));
  const urls: string[] = [];
  for (const name of ["gone", "there"]) {
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    urls.push(QueueUrl);
    const Endpoint = `arn:aws:sqs:local:000000000000:${name}`;
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));
  }
  await sqs.send(new DeleteQueueCommand({ QueueUrl: urls[0] }));
  const poll = sqs.send(new ReceiveMessageCommand({ QueueUrl: urls[1], WaitTimeSeconds: 10 }));
  await sns.send(new PublishCommand({ TopicArn, Message: "x" }));
  expect((await poll).Messages).toHaveLength(1);
});

it("gives each protocol its own text", async () => {
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "structured" }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "structured" }));
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: "sqs",
      Endpoint: "arn:aws:sqs:local:000000000000:structured",
      Attributes: { RawMessageDelivery: "true" },
    }),
  );
  await sns.send(
    new PublishCommand({
      TopicArn,
      MessageStructure: "json",
      Message: JSON.stringify({ default: "for all", sqs: "for queues" }),
    }),
  );
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages?.[0]?.Body).toBe("for queues");
  await expect(
    sns.send(new PublishCommand({ TopicArn, MessageStructure: "json", Message: "{}" })),
  ).rejects.toMatchObject({ name: "InvalidParameterException" });
});

it("hands FIFO topics on to FIFO queues", async () => {
  const { TopicArn } = await sns.send(
    new CreateTopicCommand({
      Name: "ordered.fifo",
      Attributes: { FifoTopic: "true", ContentBasedDeduplication: "true" },
    }),
  );
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: "ordered.fifo", Attributes: { FifoQueue: "true" } }),
  );
  const Endpoint = "arn:aws:sqs:local:000000000000:ordered.fifo";
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: "sqs",
      Endpoint,
      Attributes: { RawMessageDelivery: "true" },
    }),
  );
  for (const Message of ["1", "2", "2"]) {
    await sns.send(new PublishCommand({ TopicArn, Message, MessageGroupId: "g" }));
  }
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
  );
  expect(Messages.map(({ Body }) => Body)).toEqual(["1", "2"]);
});

it("refuses an empty message", async () => {
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "empty" }));
  await expect(sns.send(new PublishCommand({ TopicArn, Message: "" }))).rejects.toBeInstanceOf(
    InvalidParameterException,
  );
});
