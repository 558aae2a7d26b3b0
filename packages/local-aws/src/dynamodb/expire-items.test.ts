import {
  CreateTableCommand,
  PutItemCommand,
  ScanCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { dynamoDbClient } from "../../test/clients.ts";
import { createFakeClock } from "../../test/fake-clock.ts";
import { startLocalAws } from "../index.ts";

it("removes items once their time is over, and no others", async () => {
  const clock = createFakeClock(Date.now());
  await using aws = await startLocalAws({ clock });
  const db = dynamoDbClient(aws);
  const seconds = Math.floor(clock.now() / 1000);
  await db.send(
    new CreateTableCommand({
      TableName: "events",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    }),
  );
  const put = (id: string, ttl: { N: string } | { S: string } | undefined) =>
    db.send(
      new PutItemCommand({
        TableName: "events",
        Item: { id: { S: id }, ...(ttl === undefined ? {} : { ttl }) },
      }),
    );
  await put("before the setting", { N: String(seconds + 5) });
  await db.send(
    new UpdateTimeToLiveCommand({
      TableName: "events",
      TimeToLiveSpecification: { Enabled: true, AttributeName: "ttl" },
    }),
  );
  await put("soon", { N: String(seconds + 5) });
  await put("later", { N: String(seconds + 3600) });
  await put("text", { S: String(seconds) });
  await put("long past", { N: "12" });
  await put("never", undefined);
  const read = async () =>
    (await db.send(new ScanCommand({ TableName: "events" }))).Items?.map(({ id }) => id?.S).sort();
  const lasting = ["later", "long past", "never", "text"];

  expect(await read()).toEqual(["before the setting", ...lasting, "soon"].sort());
  await clock.advance(10_000);
  expect(await read()).toEqual(lasting);
  db.destroy();
});
