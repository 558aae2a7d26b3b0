import { AssumeRoleCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, expect, it } from "vitest";
import { stsClient } from "../../test/clients.ts";
import { createFakeClock, type FakeClock } from "../../test/fake-clock.ts";
import { type LocalAws, startLocalAws } from "../index.ts";

let aws: LocalAws;
let clock: FakeClock;
beforeEach(async () => {
  // The SDK signs with the machine's time.
  clock = createFakeClock(Date.now());
  aws = await startLocalAws({ accountId: "123456789012", clock });
});
afterEach(() => aws[Symbol.asyncDispose]());

it("knows the owner of the key as the root of the account", async () => {
  const sts = stsClient(aws);
  expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: "123456789012",
    Arn: "arn:aws:iam::123456789012:root",
  });
  sts.destroy();
});

it("gives sessions of roles, whose keys work until their time is over", async () => {
  const root = stsClient(aws);
  const { Credentials } = await root.send(
    new AssumeRoleCommand({
      RoleArn: "arn:aws:iam::123456789012:role/path/worker",
      RoleSessionName: "me",
      DurationSeconds: 900,
    }),
  );
  const session = (sessionToken: string | undefined) =>
    stsClient({
      ...aws,
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        ...(sessionToken === undefined ? {} : { sessionToken }),
      },
    });
  const role = session(Credentials?.SessionToken);

  const who = await role.send(new GetCallerIdentityCommand({}));
  expect(who.Arn).toBe("arn:aws:sts::123456789012:assumed-role/worker/me");
  await expect(session(undefined).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
    name: "InvalidClientTokenId",
  });

  // The signature is fresh, so that only the session can be what is too old.
  await clock.advance(901_000);
  role.config.systemClockOffset = 901_000;
  await expect(role.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
    name: "InvalidClientTokenId",
    $metadata: { httpStatusCode: 403 },
  });
});

it("refuses what is not the ARN of a role", async () => {
  const sts = stsClient(aws);
  const assume = sts.send(
    new AssumeRoleCommand({ RoleArn: "arn:aws:iam::123456789012:user/x", RoleSessionName: "me" }),
  );
  await expect(assume).rejects.toMatchObject({ name: "ValidationError" });
});
