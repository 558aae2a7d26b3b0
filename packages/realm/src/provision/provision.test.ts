import { DescribeTableCommand, DescribeTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { GetQueueAttributesCommand, GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import { tableDefinitions } from "@lava/spec";
import { expect, test } from "vitest";
import { testRealm } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";
import { openRealm } from "../realm.ts";
import { createRealmResources, deleteRealmResources } from "./provision.ts";

const aws = sharedAws();

test("a realm gets its tables, keys, indexes and ttl (WF-030..035)", async () => {
  const { realm } = await testRealm(aws());
  const dynamodb = await realm.clients.dynamodb();

  for (const { name, localIndexes, globalIndexes, ttlAttribute } of tableDefinitions(realm.name)) {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
    const ttl = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: name }));
    const made = [
      ...(Table?.LocalSecondaryIndexes ?? []),
      ...(Table?.GlobalSecondaryIndexes ?? []),
    ];

    expect(Table?.TableStatus).toBe("ACTIVE");
    expect(made.map((index) => index.IndexName)).toEqual(
      [...localIndexes, ...globalIndexes].map((index) => index.name),
    );
    expect(ttl.TimeToLiveDescription?.AttributeName).toBe(ttlAttribute);
  }
});

test("each worker gets a queue with an hour of visibility and a day of retention (WF-012)", async () => {
  const { realm } = await testRealm(aws());
  const sqs = await realm.clients.sqs();
  const { QueueUrl } = await sqs.send(
    new GetQueueUrlCommand({ QueueName: `lava-${realm.name}-core` }),
  );

  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
  );

  expect(Attributes).toMatchObject({ VisibilityTimeout: "3600", MessageRetentionPeriod: "86400" });
});

test("making a realm again changes nothing and adds what is missing", async () => {
  const { realm } = await testRealm(aws(), { config: { EVENT_TTL: "3d" } });
  const { clients, name } = realm;
  await realm.jobs.put({ job_id: "a", type: "cmd", worker: "core", payload: "x" });

  await createRealmResources(clients, {
    realm: name,
    workers: ["core", "second"],
    bucket: `lava-test-${name}`,
    record: { config: { EVENT_TTL: "9d" } },
  });

  const again = await openRealm(name, { clients, env: {} });
  expect(again.config.EVENT_TTL).toBe("3d");
  expect(await again.jobs.get("a")).toMatchObject({ job_id: "a" });
  expect(await again.queue("second").depth()).toMatchObject({ visible: 0 });
});

test("a realm can be removed with everything in it, more than once", async () => {
  const { realm } = await testRealm(aws());
  const { clients, name } = realm;
  await realm.payloads.put("a", "x");
  const all = { realm: name, workers: ["core"], bucket: `lava-test-${name}` };

  await deleteRealmResources(clients, all);
  await deleteRealmResources(clients, all);

  await expect(openRealm(name, { clients, env: {} })).rejects.toMatchObject({
    code: "NO_SUCH_REALM",
  });
  await createRealmResources(clients, all);
  const fresh = await openRealm(name, { clients, env: {} });
  expect(await fresh.payloads.list()).toEqual([]);
});
