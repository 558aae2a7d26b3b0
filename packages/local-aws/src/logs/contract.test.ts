import { randomUUID } from "node:crypto";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clientSettings } from "../../test/clients.ts";
import { type ContractTarget, openContractTarget } from "../../test/contract-target.ts";

let at: ContractTarget;
let client: CloudWatchLogsClient;
const logGroupName = `/test/${randomUUID()}`;
const logStreamName = "core/i-1";
const group = { logGroupName };
const stream = { logGroupName, logStreamName };
beforeAll(async () => {
  at = await openContractTarget();
  client = new CloudWatchLogsClient(clientSettings(at.target));
  await client.send(new CreateLogGroupCommand(group));
  await client.send(new CreateLogStreamCommand(stream));
});
afterAll(async () => {
  client.destroy();
  await at[Symbol.asyncDispose]();
});

it("keeps events in their order and finds them by words", async () => {
  const now = Date.now();
  const lines = [
    JSON.stringify({ event_type: "heartbeat", realm: "r" }),
    JSON.stringify({ event_type: "job", realm: "r" }),
    "plain text",
  ];
  await client.send(
    new PutLogEventsCommand({
      ...stream,
      logEvents: lines.map((message, n) => ({ timestamp: now + n, message })),
    }),
  );

  const { events } = await client.send(new GetLogEventsCommand({ ...stream, startFromHead: true }));
  expect(events?.map(({ message }) => message)).toEqual(lines);
  const found = async (filterPattern: string) =>
    (await client.send(new FilterLogEventsCommand({ ...group, filterPattern }))).events?.map(
      ({ message }) => message,
    );
  expect(await found("plain")).toEqual([lines[2]]);
});

it("describes groups and streams, and has the service's own errors", async () => {
  const groups = await client.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }),
  );
  const streams = await client.send(new DescribeLogStreamsCommand(group));
  expect(groups.logGroups).toMatchObject([group]);
  expect(streams.logStreams).toMatchObject([{ logStreamName }]);

  await expect(client.send(new CreateLogGroupCommand(group))).rejects.toBeInstanceOf(
    ResourceAlreadyExistsException,
  );
  await expect(
    client.send(new GetLogEventsCommand({ logGroupName: "/none", logStreamName })),
  ).rejects.toBeInstanceOf(ResourceNotFoundException);
});
