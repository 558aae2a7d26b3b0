import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, expect, it } from "vitest";
import { secretsManagerClient } from "../../test/clients.ts";
import { type LocalAws, startLocalAws } from "../index.ts";

let aws: LocalAws;
let client: SecretsManagerClient;
beforeAll(async () => {
  aws = await startLocalAws();
  client = secretsManagerClient(aws);
});
afterAll(async () => {
  client.destroy();
  await aws[Symbol.asyncDispose]();
});

it("keeps the current and the previous version of a secret", async () => {
  const made = await client.send(
    new CreateSecretCommand({ Name: "db/password", SecretString: "one", Description: "of db" }),
  );
  expect(made.ARN).toMatch(/^arn:aws:secretsmanager:local:000000000000:secret:db\/password-\w{6}$/);
  await client.send(new PutSecretValueCommand({ SecretId: made.ARN, SecretString: "two" }));
  const value = async (input: { SecretId: string | undefined; VersionStage?: string }) =>
    (await client.send(new GetSecretValueCommand(input))).SecretString;

  expect(await value({ SecretId: "db/password" })).toBe("two");
  expect(await value({ SecretId: made.ARN?.slice(0, -7) })).toBe("two");
  expect(await value({ SecretId: "db/password", VersionStage: "AWSPREVIOUS" })).toBe("one");
  const described = await client.send(new DescribeSecretCommand({ SecretId: "db/password" }));
  expect(described.Description).toBe("of db");
  expect(described.VersionIdsToStages?.[made.VersionId ?? ""]).toEqual(["AWSPREVIOUS"]);
});

it("keeps bytes as bytes", async () => {
  await client.send(
    new CreateSecretCommand({ Name: "bytes", SecretBinary: new Uint8Array([0, 255]) }),
  );
  const read = await client.send(new GetSecretValueCommand({ SecretId: "bytes" }));
  expect([...(read.SecretBinary ?? [])]).toEqual([0, 255]);
  expect(read.SecretString).toBeUndefined();
});

it("tells what is not there from what is there already", async () => {
  await client.send(new CreateSecretCommand({ Name: "empty" }));
  await expect(client.send(new CreateSecretCommand({ Name: "empty" }))).rejects.toBeInstanceOf(
    ResourceExistsException,
  );
  for (const SecretId of ["none", "empty"]) {
    await expect(client.send(new GetSecretValueCommand({ SecretId }))).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
  }
});
