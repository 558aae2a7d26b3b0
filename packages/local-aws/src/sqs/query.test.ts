import { createHash, createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LocalAws, startLocalAws } from "../index.ts";

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws[Symbol.asyncDispose]());

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A request of the query protocol, signed by hand: today's SDKs speak it no more. */
async function call(path: string, parameters: Record<string, string>) {
  const { host } = new URL(aws.endpoint);
  const body = new URLSearchParams({ Version: "2012-11-05", ...parameters }).toString();
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = time.slice(0, 8);
  const scope = `${day}/${aws.region}/sqs/aws4_request`;
  const canonical = `POST\n${path}\n\nhost:${host}\nx-amz-date:${time}\n\nhost;x-amz-date\n${sha256(body)}`;
  const key = [day, aws.region, "sqs", "aws4_request"].reduce<string | Buffer>(
    hmac,
    `AWS4${aws.credentials.secretAccessKey}`,
  );
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString(
    "hex",
  );
  const response = await fetch(`${aws.endpoint}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-amz-date": time,
      authorization: `AWS4-HMAC-SHA256 Credential=${aws.credentials.accessKeyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    },
    body,
  });
  const text = await response.text();
  const all = (name: string): string[] =>
    [...text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(
      (match) => match[1] ?? "",
    );
  return { status: response.status, text, all };
}

it("serves older clients: queues, attributes, messages, batches", async () => {
  const created = await call("/", {
    Action: "CreateQueue",
    QueueName: "old",
    "Attribute.1.Name": "VisibilityTimeout",
    "Attribute.1.Value": "45",
    "Tag.1.Key": "team",
    "Tag.1.Value": "a&b",
  });
  expect(created.text).toContain('xmlns="http://queue.amazonaws.com/doc/2012-11-05/"');
  const path = new URL(created.all("QueueUrl")[0] ?? "").pathname;
  expect(path).toBe("/000000000000/old");

  const sent = await call(path, {
    Action: "SendMessage",
    MessageBody: "<body> & more",
    "MessageAttribute.1.Name": "n",
    "MessageAttribute.1.Value.DataType": "Number",
    "MessageAttribute.1.Value.StringValue": "7",
  });
  expect(sent.all("MessageId")).toHaveLength(1);
  const received = await call(path, {
    Action: "ReceiveMessage",
    "AttributeName.1": "All",
    "MessageAttributeName.1": "All",
  });
  expect(received.all("Body")).toEqual(["&lt;body&gt; &amp; more"]);
  expect(received.text).toContain("<Name>ApproximateReceiveCount</Name><Value>1</Value>");
  expect(received.text).toMatch(/<MessageAttribute><Name>n<\/Name><Value>.*<StringValue>7</);
  expect(received.all("MD5OfMessageAttributes")).toEqual(sent.all("MD5OfMessageAttributes"));

  const deleted = await call(path, {
    Action: "DeleteMessageBatch",
    "DeleteMessageBatchRequestEntry.1.Id": "a",
    "DeleteMessageBatchRequestEntry.1.ReceiptHandle": received.all("ReceiptHandle")[0] ?? "",
    "DeleteMessageBatchRequestEntry.2.Id": "b",
    "DeleteMessageBatchRequestEntry.2.ReceiptHandle": "nonsense",
  });
  expect(deleted.text).toMatch(/<DeleteMessageBatchResultEntry><Id>a<\/Id>/);
  expect(deleted.text).toMatch(/<BatchResultErrorEntry><Id>b<\/Id>.*ReceiptHandleIsInvalid/);

  const attributes = await call(path, { Action: "GetQueueAttributes", "AttributeName.1": "All" });
  expect(attributes.text).toContain("<Name>VisibilityTimeout</Name><Value>45</Value>");
  const tags = await call(path, { Action: "ListQueueTags" });
  expect(tags.text).toContain("<Tag><Key>team</Key><Value>a&amp;b</Value></Tag>");
  expect((await call("/", { Action: "ListQueues" })).all("QueueUrl")).toHaveLength(1);
});

it("gives older clients the codes that they know", async () => {
  const missing = await call("/", { Action: "GetQueueUrl", QueueName: "none" });
  expect(missing.status).toBe(400);
  expect(missing.all("Code")).toEqual(["AWS.SimpleQueueService.NonExistentQueue"]);
  const unknown = await call("/", { Action: "StartMessageMoveTask" });
  expect(unknown.status).toBe(501);
});
