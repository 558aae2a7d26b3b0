import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-eventbridge";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clientSettings } from "../../test/clients.ts";
import { type ContractTarget, openContractTarget } from "../../test/contract-target.ts";
import { createFakeClock } from "../../test/fake-clock.ts";
import { startLocalAws } from "../index.ts";

let at: ContractTarget;
let events: EventBridgeClient;
beforeAll(async () => {
  at = await openContractTarget();
  events = new EventBridgeClient(clientSettings(at.target));
});
afterAll(async () => {
  events.destroy();
  await at[Symbol.asyncDispose]();
});

async function queue(name: string) {
  const { QueueUrl = "" } = await at.sqs.send(new CreateQueueCommand({ QueueName: name }));
  return {
    arn: `arn:aws:sqs:${at.target.region}:000000000000:${name}`,
    async receive(seconds = 0): Promise<unknown[]> {
      const { Messages = [] } = await at.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: seconds }),
      );
      return Messages.map(({ Body = "" }): unknown => JSON.parse(Body));
    },
  };
}

test("a rule is described as it was put, put again in place, and goes only without targets", async () => {
  const rule = {
    Name: "lava.dev.x",
    Description: "d",
    RoleArn: "arn:aws:iam::000000000000:role/r",
    EventPattern: '{"source":["a"]}',
    State: "DISABLED",
  } as const;
  const { RuleArn = "" } = await events.send(
    new PutRuleCommand({ ...rule, Tags: [{ Key: "owner", Value: "me" }] }),
  );
  const target = { Id: "1", Arn: "arn:aws:lambda:local:0:function:f", Input: '{"a":1}' };
  await events.send(new PutTargetsCommand({ Rule: rule.Name, Targets: [target] }));

  expect(await events.send(new DescribeRuleCommand({ Name: rule.Name }))).toMatchObject(rule);
  expect((await events.send(new ListTargetsByRuleCommand({ Rule: rule.Name }))).Targets).toEqual([
    target,
  ]);
  await events.send(new PutRuleCommand({ ...rule, State: "ENABLED", Description: "e" }));
  expect(
    (await events.send(new ListRulesCommand({ NamePrefix: "lava.dev." }))).Rules,
  ).toMatchObject([{ Name: rule.Name, State: "ENABLED", Description: "e" }]);
  await events.send(new DisableRuleCommand({ Name: rule.Name }));
  await events.send(
    new TagResourceCommand({ ResourceARN: RuleArn, Tags: [{ Key: "k", Value: "v" }] }),
  );
  await events.send(new UntagResourceCommand({ ResourceARN: RuleArn, TagKeys: ["owner"] }));
  expect(
    (await events.send(new ListTagsForResourceCommand({ ResourceARN: RuleArn }))).Tags,
  ).toEqual([{ Key: "k", Value: "v" }]);
  await expect(events.send(new DeleteRuleCommand({ Name: rule.Name }))).rejects.toThrow(
    "Rule can't be deleted since it has targets.",
  );
  await events.send(new RemoveTargetsCommand({ Rule: rule.Name, Ids: ["1"] }));
  await events.send(new DeleteRuleCommand({ Name: rule.Name }));
  await expect(events.send(new DescribeRuleCommand({ Name: rule.Name }))).rejects.toThrow(
    expect.objectContaining({ name: "ResourceNotFoundException" }),
  );
});

test("targets that cannot be are named one by one, the others are taken", async () => {
  await events.send(new PutRuleCommand({ Name: "faults", EventPattern: '{"source":["a"]}' }));

  const answer = await events.send(
    new PutTargetsCommand({
      Rule: "faults",
      Targets: [
        { Id: "1", Arn: "nothing" },
        { Id: "2", Arn: "arn:aws:sqs:local:0:q", Input: "{" },
        { Id: "3", Arn: "arn:aws:sqs:local:0:q" },
      ],
    }),
  );

  expect(answer.FailedEntryCount).toBe(2);
  expect(answer.FailedEntries?.map(({ TargetId }) => TargetId)).toEqual(["1", "2"]);
});

test("an object in a bucket that tells EventBridge is an event, and a transformer shapes it", async () => {
  const inbox = await queue("objects");
  await at.s3.send(new CreateBucketCommand({ Bucket: "inbox" }));
  await at.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: "inbox",
      NotificationConfiguration: { EventBridgeConfiguration: {} },
    }),
  );
  await events.send(
    new PutRuleCommand({
      Name: "objects",
      EventPattern: JSON.stringify({
        source: ["aws.s3"],
        detail: { bucket: { name: ["inbox"] }, object: { key: [{ prefix: "in/" }] } },
      }),
    }),
  );
  await events.send(
    new PutTargetsCommand({
      Rule: "objects",
      Targets: [
        {
          Id: "q",
          Arn: inbox.arn,
          InputTransformer: {
            InputPathsMap: { key: "$.detail.object.key", type: "$.detail-type" },
            InputTemplate: '{"type": <type>, "key": <key>}',
          },
        },
      ],
    }),
  );

  await at.s3.send(new PutObjectCommand({ Bucket: "inbox", Key: "in/a b.csv", Body: "x" }));
  await at.s3.send(new PutObjectCommand({ Bucket: "inbox", Key: "out/a.csv", Body: "x" }));
  await at.s3.send(new DeleteObjectCommand({ Bucket: "inbox", Key: "in/a b.csv" }));

  expect(await inbox.receive()).toEqual([
    { type: "Object Created", key: "in/a b.csv" },
    { type: "Object Deleted", key: "in/a b.csv" },
  ]);
});

test("an event of another bus does not reach rules of the default one", async () => {
  const inbox = await queue("default-only");
  await events.send(
    new PutRuleCommand({ Name: "default-only", EventPattern: '{"source":["a.b"]}' }),
  );
  await events.send(
    new PutTargetsCommand({ Rule: "default-only", Targets: [{ Id: "1", Arn: inbox.arn }] }),
  );

  const entry = { Source: "a.b", DetailType: "t", Detail: "{}" };
  await events.send(
    new PutEventsCommand({ Entries: [{ ...entry, EventBusName: "other" }, entry] }),
  );

  expect(await inbox.receive()).toHaveLength(1);
});

test("a schedule needs the default bus and a valid expression", async () => {
  await expect(
    events.send(new PutRuleCommand({ Name: "bad", ScheduleExpression: "rate(1 minutes)" })),
  ).rejects.toThrow("Parameter ScheduleExpression is not valid.");
  await expect(events.send(new PutRuleCommand({ Name: "none" }))).rejects.toThrow(
    "EventPattern or ScheduleExpression must be specified",
  );
  await events.send(new PutRuleCommand({ Name: "hourly", ScheduleExpression: "rate(1 hour)" }));
  expect(await events.send(new DescribeRuleCommand({ Name: "hourly" }))).toMatchObject({
    ScheduleExpression: "rate(1 hour)",
    State: "ENABLED",
  });
});

test("a rule fires at the times of its schedule, and not while it is disabled", async () => {
  const clock = createFakeClock(Date.now());
  await using aws = await startLocalAws({ clock });
  const settings = clientSettings(aws);
  const client = new EventBridgeClient(settings);
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "ticks" }));
  const count = async (): Promise<number> =>
    (
      await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 }),
      )
    ).Messages?.length ?? 0;
  const rule = { Name: "each-minute", ScheduleExpression: "rate(1 minute)" };
  await client.send(new PutRuleCommand(rule));
  await client.send(
    new PutTargetsCommand({
      Rule: rule.Name,
      Targets: [{ Id: "1", Arn: `arn:aws:sqs:${aws.region}:${aws.accountId}:ticks` }],
    }),
  );

  await clock.advance(59_000);
  expect(await count()).toBe(0);
  await clock.advance(2000);
  expect(await count()).toBe(1);
  await clock.advance(60_000);
  expect(await count()).toBe(1);
  await client.send(new DisableRuleCommand({ Name: rule.Name }));
  await clock.advance(300_000);
  expect(await count()).toBe(0);
  client.destroy();
  sqs.destroy();
});
