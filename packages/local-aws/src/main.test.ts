import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  CreateTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, expect, it } from "vitest";
import { dynamoDbClient, type Target } from "../test/clients.ts";

let folder: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "local-aws-test-"));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** Runs main.ts and waits for the line that says where it listens. */
async function run(...options: string[]): Promise<{ child: ChildProcess; target: Target }> {
  const main = join(import.meta.dirname, "main.ts");
  const child = spawn(
    process.execPath,
    ["--conditions=@lava/source", main, "--data", folder, ...options],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const ready = JSON.parse(String(line)) as { endpoint: string; region: string };
  const credentials = JSON.parse(
    readFileSync(join(folder, "credentials.json"), "utf8"),
  ) as Target["credentials"];
  return { child, target: { ...ready, credentials } };
}

async function makeTable(db: DynamoDBClient): Promise<void> {
  await db.send(
    new CreateTableCommand({
      TableName: "kept",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    }),
  );
}

it("loses nothing that it acknowledged when it is killed", async () => {
  const first = await run();
  const db = dynamoDbClient(first.target);
  await makeTable(db);
  const acknowledged: string[] = [];
  const enough = Promise.withResolvers<void>();
  const writers = Array.from({ length: 16 }, async (_, writer) => {
    for (let n = 0; ; n += 1) {
      const id = `${writer}-${n}`;
      try {
        await db.send(new PutItemCommand({ TableName: "kept", Item: { id: { S: id } } }));
        await db.send(
          new UpdateItemCommand({
            TableName: "kept",
            Key: { id: { S: "counter" } },
            UpdateExpression: "ADD hits :one",
            ExpressionAttributeValues: { ":one": { N: "1" } },
          }),
        );
      } catch {
        return;
      }
      acknowledged.push(id);
      if (acknowledged.length === 300) enough.resolve();
    }
  });
  await enough.promise;

  const exit = once(first.child, "exit");
  first.child.kill("SIGKILL");
  await Promise.all([...writers, exit]);
  db.destroy();

  const second = await run();
  const again = dynamoDbClient(second.target);
  const { Items } = await again.send(new ScanCommand({ TableName: "kept" }));
  const found = new Set(Items?.map(({ id }) => id?.S));
  expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
  const counter = Items?.find(({ id }) => id?.S === "counter");
  expect(Number(counter?.["hits"]?.N)).toBeGreaterThanOrEqual(acknowledged.length);
  again.destroy();
}, 30_000);

it("ends by itself on SIGTERM", async () => {
  const { child, target } = await run("--region", "eu-west-1");
  expect(target.region).toBe("eu-west-1");
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

it("says in two lines what is wrong", async () => {
  await run();
  const main = join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, ["--conditions=@lava/source", main, "--data", folder], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  child.stderr.on("data", (piece: Buffer) => {
    text += piece.toString();
  });
  const [status] = await once(child, "close");
  expect(status).toBe(1);
  expect(text).toContain("is in use by another process\nStop the other endpoint");
});
