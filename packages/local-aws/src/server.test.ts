import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListTablesCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { GetParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, expect, it } from "vitest";
import { dynamoDbClient, s3Client, ssmClient, stsClient } from "../test/clients.ts";
import { createFakeClock } from "../test/fake-clock.ts";
import { startLocalAws } from "./index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "local-aws-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("gives child processes all that AWS clients need", async () => {
  await using aws = await startLocalAws({ region: "eu-west-1" });

  expect(aws.endpoint).toBe(`http://127.0.0.1:${aws.port}`);
  expect(aws.environment).toEqual({
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
  });
});

it("keeps its data and its secret, which only the owner can read", async () => {
  const before = await startLocalAws({ dataDir: folder });
  await ssmClient(before).send(new PutParameterCommand({ Name: "a", Value: "b", Type: "String" }));
  await before[Symbol.asyncDispose]();

  await using after = await startLocalAws({ dataDir: folder });
  const { Parameter } = await ssmClient(after).send(new GetParameterCommand({ Name: "a" }));

  expect(Parameter?.Value).toBe("b");
  expect(after.credentials).toEqual(before.credentials);
  for (const file of ["credentials.json", "aws.sqlite", "aws.sqlite-wal"]) {
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  }
});

it("does not share its folder", async () => {
  await using _first = await startLocalAws({ dataDir: folder });

  await expect(startLocalAws({ dataDir: folder })).rejects.toMatchObject({
    code: "DATA_DIR_IN_USE",
    hint: expect.stringContaining("another data folder"),
  });
});

it("says when the port is taken, and leaves its folder free", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  await expect(startLocalAws({ port, dataDir: folder })).rejects.toMatchObject({
    code: "PORT_IN_USE",
    message: `port ${port} of 127.0.0.1 is taken`,
    hint: expect.stringContaining("another port"),
  });
  await using aws = await startLocalAws({ dataDir: folder });
  expect(aws.port).not.toBe(port);
  other.close();
});

it("says when its folder holds something else", async () => {
  writeFileSync(join(folder, "credentials.json"), "{}");
  await expect(startLocalAws({ dataDir: folder })).rejects.toMatchObject({
    code: "BAD_CREDENTIALS_FILE",
  });
  rmSync(join(folder, "credentials.json"));
  writeFileSync(
    join(folder, "aws.sqlite"),
    "no database, but long enough to be taken for one".repeat(99),
  );
  await expect(startLocalAws({ dataDir: folder })).rejects.toMatchObject({ code: "BAD_DATA_DIR" });
  await expect(startLocalAws({ dataDir: join(folder, "aws.sqlite/below") })).rejects.toMatchObject({
    code: "BAD_DATA_DIR",
    hint: "Name a folder that can be written to.",
  });
});

it("refuses requests that are not signed, or not by a key of its own", async () => {
  await using aws = await startLocalAws();
  const stranger = { ...aws, credentials: { accessKeyId: "AKIAX", secretAccessKey: "x" } };
  const thief = { ...aws, credentials: { ...aws.credentials, secretAccessKey: "x" } };

  expect((await fetch(aws.endpoint)).status).toBe(403);
  expect((await fetch(`${aws.endpoint}/bucket/key`, { method: "PUT", body: "x" })).status).toBe(
    403,
  );
  await expect(dynamoDbClient(stranger).send(new ListTablesCommand({}))).rejects.toMatchObject({
    name: "UnrecognizedClientException",
    $metadata: { httpStatusCode: 403 },
  });
  await expect(dynamoDbClient(thief).send(new ListTablesCommand({}))).rejects.toMatchObject({
    name: "InvalidSignatureException",
    $metadata: { httpStatusCode: 403 },
  });
  await expect(stsClient(thief).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
    name: "SignatureDoesNotMatch",
  });
});

it("refuses a body that was changed after it was signed", async () => {
  await using aws = await startLocalAws();
  const client = dynamoDbClient(aws);
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body: string; headers: Record<string, string> };
      request.body = '{"Limit":1}';
      request.headers["content-length"] = "11";
      return next(args);
    },
    { step: "finalizeRequest", priority: "low" },
  );
  await expect(client.send(new ListTablesCommand({ Limit: 2 }))).rejects.toMatchObject({
    name: "InvalidSignatureException",
  });
});

it("refuses signatures of another time", async () => {
  const clock = createFakeClock(Date.now() + 16 * 60_000);
  await using aws = await startLocalAws({ clock });
  // The SDK would correct its clock and try again.
  const client = dynamoDbClient(aws);
  await expect(client.send(new ListTablesCommand({}))).rejects.toMatchObject({
    name: "InvalidSignatureException",
    message: expect.stringContaining("Signature expired"),
  });
});

it("tells of each signed request, whatever its protocol", async () => {
  const seen: string[] = [];
  await using aws = await startLocalAws({
    onRequest: ({ service, operation }) => seen.push(`${service}:${operation}`),
  });
  const s3 = s3Client(aws);

  await dynamoDbClient(aws).send(new ListTablesCommand({}));
  await stsClient(aws).send(new GetCallerIdentityCommand({}));
  await s3.send(new CreateBucketCommand({ Bucket: "bucket" }));
  await s3.send(new PutObjectCommand({ Bucket: "bucket", Key: "k", Body: "x" }));
  await s3.send(new CreateMultipartUploadCommand({ Bucket: "bucket", Key: "k" }));
  await fetch(aws.endpoint);

  expect(seen).toEqual([
    "dynamodb:ListTables",
    "sts:GetCallerIdentity",
    "s3:PUT",
    "s3:PUT",
    "s3:POST uploads",
  ]);
});

it("answers 501 for what it does not know", async () => {
  await using aws = await startLocalAws();
  const update = dynamoDbClient(aws).send(new UpdateTableCommand({ TableName: "t" }));
  await expect(update).rejects.toMatchObject({
    name: "NotImplemented",
    message: "dynamodb UpdateTable is not implemented by local-aws",
    $metadata: { httpStatusCode: 501 },
  });
});
