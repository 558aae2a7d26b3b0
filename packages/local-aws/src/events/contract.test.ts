import { randomUUID } from "node:crypto";
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clientSettings } from "../../test/clients.ts";
import { type ContractTarget, openContractTarget } from "../../test/contract-target.ts";

let at: ContractTarget;
let client: EventBridgeClient;
beforeAll(async () => {
  at = await openContractTarget();
  client = new EventBridgeClient(clientSettings(at.target));
});
afterAll(async () => {
  client.destroy();
  await at[Symbol.asyncDispose]();
});

it("delivers events to the queues of rules that match", async () => {
  const { QueueUrl } = await at.sqs.send(
    new CreateQueueCommand({ QueueName: `q-${randomUUID()}` }),
  );
  const { Attributes } = await at.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
  );
  const Rule = `rule-${randomUUID()}`;
  const EventPattern = JSON.stringify({
    source: [`lava.${Rule}`],
    detail: { status: ["failed", { prefix: "re" }] },
  });
  await client.send(new PutRuleCommand({ Name: Rule, EventPattern }));
  await client.send(
    new PutTargetsCommand({ Rule, Targets: [{ Id: "1", Arn: Attributes?.["QueueArn"] ?? "" }] }),
  );

  const entry = (status: string) => ({
    Source: `lava.${Rule}`,
    DetailType: "Lava Job Action",
    Detail: JSON.stringify({ status }),
    Resources: ["arn:aws:x:::y"],
  });
  const { FailedEntryCount } = await client.send(
    new PutEventsCommand({ Entries: [entry("failed"), entry("complete"), entry("retrying")] }),
  );

  expect(FailedEntryCount).toBe(0);
  const { Messages = [] } = await at.sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
  );
  const received = Messages.map(
    ({ Body }) => JSON.parse(Body ?? "") as { detail: { status: string } },
  );
  expect(received.map(({ detail }) => detail.status).toSorted()).toEqual(["failed", "retrying"]);
  expect(received[0]).toMatchObject({
    source: `lava.${Rule}`,
    "detail-type": "Lava Job Action",
    resources: ["arn:aws:x:::y"],
  });
});

it("says which entries it cannot take", async () => {
  const { FailedEntryCount, Entries } = await client.send(
    new PutEventsCommand({
      Entries: [
        { Source: "a", DetailType: "b", Detail: "not JSON" },
        { Source: "a", DetailType: "b", Detail: "{}" },
      ],
    }),
  );

  expect(FailedEntryCount).toBe(1);
  expect(Entries?.[0]).toMatchObject({ ErrorCode: "MalformedDetail" });
  expect(Entries?.[1]?.EventId).toBeTypeOf("string");
});
