import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { CreateQueueCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clientSettings } from "../../test/clients.ts";
import { type ContractTarget, openContractTarget } from "../../test/contract-target.ts";
import { parseZonedExpression } from "./zoned-expression.ts";

let at: ContractTarget;
let client: SchedulerClient;
beforeAll(async () => {
  at = await openContractTarget();
  client = new SchedulerClient(clientSettings(at.target));
});
afterAll(async () => {
  client.destroy();
  await at[Symbol.asyncDispose]();
});

const target = (Arn = "arn:aws:lambda:us-east-1:000000000000:function:f", Input = "{}") => ({
  Arn,
  RoleArn: "arn:aws:iam::000000000000:role/r",
  Input,
});
const off = { FlexibleTimeWindow: { Mode: "OFF" } } as const;

test("groups and their schedules are made, described, changed, listed and deleted", async () => {
  const name = { GroupName: "g1", Name: "a" };
  await client.send(new CreateScheduleGroupCommand({ Name: "g1" }));
  const schedule = { ...name, ...off, ScheduleExpression: "cron(0 6 * * ? *)", Target: target() };
  await client.send(new CreateScheduleCommand(schedule));

  await expect(client.send(new CreateScheduleCommand(schedule))).rejects.toMatchObject({
    name: "ConflictException",
  });
  expect(await client.send(new GetScheduleCommand(name))).toMatchObject({
    Arn: expect.stringMatching(/:schedule\/g1\/a$/),
    State: "ENABLED",
    ScheduleExpressionTimezone: "UTC",
    CreationDate: expect.any(Date),
    Target: target(),
  });
  await client.send(
    new UpdateScheduleCommand({
      ...schedule,
      State: "DISABLED",
      FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 5 },
    }),
  );
  const listed = await client.send(new ListSchedulesCommand({ GroupName: "g1", MaxResults: 1 }));
  expect(listed.Schedules).toMatchObject([{ Name: "a", State: "DISABLED" }]);
  await client.send(new DeleteScheduleCommand(name));
  await expect(client.send(new GetScheduleCommand(name))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  expect(await client.send(new GetScheduleGroupCommand({ Name: "g1" }))).toMatchObject({
    State: "ACTIVE",
  });
  const groups = await client.send(new ListScheduleGroupsCommand({ NamePrefix: "g" }));
  expect(groups.ScheduleGroups).toHaveLength(1);
  await client.send(new DeleteScheduleGroupCommand({ Name: "g1" }));
});

test.each([
  [{ ScheduleExpression: "cron(0 6 * * *)" }],
  [{ ScheduleExpressionTimezone: "Europe/Berlun" }],
  [{ FlexibleTimeWindow: { Mode: "FLEXIBLE" } }],
  [{ FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 1441 } }],
  [{ Name: "a/b" }],
  [{ Name: "x".repeat(65) }],
  [{ Target: target("f") }],
] as const)("%j is refused", async (wrong) => {
  const good = { Name: "w", ...off, ScheduleExpression: "rate(5 minutes)", Target: target() };

  await expect(client.send(new CreateScheduleCommand({ ...good, ...wrong }))).rejects.toMatchObject(
    { name: "ValidationException" },
  );
});

test("a schedule calls its target at its time, with the facts of the call", async () => {
  const { QueueUrl } = await at.sqs.send(new CreateQueueCommand({ QueueName: "scheduled" }));
  const arn = `arn:aws:sqs:${at.target.region}:000000000000:scheduled`;
  const soon = new Date(Date.now() + 1500).toISOString().slice(0, 19);
  await client.send(
    new CreateScheduleCommand({
      Name: "once",
      ...off,
      ScheduleExpression: `at(${soon})`,
      ActionAfterCompletion: "DELETE",
      Target: target(arn, '{"at":"<aws.scheduler.scheduled-time>"}'),
    }),
  );
  const { Messages = [] } = await at.sqs.send(
    new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 8 }),
  );

  expect(Messages.map(({ Body }) => Body)).toEqual([`{"at":"${soon}Z"}`]);
  await expect(client.send(new GetScheduleCommand({ Name: "once" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

test("a call that cannot be made is in the dead letter queue, and stops no other", async () => {
  const { QueueUrl } = await at.sqs.send(new CreateQueueCommand({ QueueName: "letters" }));
  const queue = (name: string): string => `arn:aws:sqs:${at.target.region}:000000000000:${name}`;
  const soon = new Date(Date.now() + 1500).toISOString().slice(0, 19);
  const make = (Name: string, letters: string) =>
    client.send(
      new CreateScheduleCommand({
        Name,
        ...off,
        ScheduleExpression: `at(${soon})`,
        Target: {
          ...target(queue("no-such-queue"), `{"of":"${Name}"}`),
          DeadLetterConfig: { Arn: queue(letters) },
          RetryPolicy: { MaximumRetryAttempts: 0 },
        },
      }),
    );
  await make("d1", "no-such-queue-either");
  await make("d2", "letters");

  const { Messages = [] } = await at.sqs.send(
    new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 8 }),
  );

  expect(Messages.map(({ Body }) => Body)).toEqual(['{"of":"d2"}']);
});

test("dates that have passed are refused", async () => {
  const good = { Name: "past", ...off, ScheduleExpression: "rate(5 minutes)", Target: target() };
  const ago = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

  await expect(
    client.send(new CreateScheduleCommand({ ...good, StartDate: ago(10) })),
  ).rejects.toThrow("The StartDate you specify cannot be earlier than 5 minutes ago.");
  await expect(
    client.send(new CreateScheduleCommand({ ...good, EndDate: ago(1) })),
  ).rejects.toMatchObject({ name: "ValidationException" });
  await client.send(new CreateScheduleCommand({ ...good, StartDate: ago(2) }));
});

test("expressions are on the clock of their zone", () => {
  const next = parseZonedExpression("cron(30 2 * * ? *)", "Europe/Berlin", 0);
  const times: string[] = [];
  for (let time = Date.parse("2026-10-24T12:00Z"), count = 0; count < 2; count += 1) {
    time = next(time) ?? 0;
    times.push(new Date(time).toISOString());
  }

  expect(times).toEqual(["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"]);
});
