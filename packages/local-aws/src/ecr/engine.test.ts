import {
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  GetAuthorizationTokenCommand,
  GetLifecyclePolicyCommand,
  PutLifecyclePolicyCommand,
  RepositoryAlreadyExistsException,
  RepositoryNotFoundException,
} from "@aws-sdk/client-ecr";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ecrClient } from "../../test/clients.ts";
import { type LocalAws, startLocalAws } from "../index.ts";

let aws: LocalAws;
beforeEach(async () => {
  aws = await startLocalAws({
    accountId: "123456789012",
    registry: { endpoint: "http://127.0.0.1:9", password: "pw" },
  });
});
afterEach(() => aws[Symbol.asyncDispose]());

it("gives a token for the registry that it stands for", async () => {
  const ecr = ecrClient(aws);

  const { authorizationData: [data] = [] } = await ecr.send(new GetAuthorizationTokenCommand({}));

  expect(data).toMatchObject({
    authorizationToken: Buffer.from("AWS:pw").toString("base64"),
    proxyEndpoint: "http://127.0.0.1:9",
  });
  expect((data?.expiresAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(11 * 3_600_000);
  ecr.destroy();
});

it("names a registry of AWS where it stands for none", async () => {
  await using plain = await startLocalAws({ accountId: "123456789012", region: "eu-west-1" });
  const ecr = ecrClient(plain);

  const { authorizationData: [data] = [] } = await ecr.send(new GetAuthorizationTokenCommand({}));

  expect(data?.proxyEndpoint).toBe("https://123456789012.dkr.ecr.eu-west-1.amazonaws.com");
  ecr.destroy();
});

it("keeps repositories and their lifecycle policies", async () => {
  const ecr = ecrClient(aws);
  const repositoryName = "lava/dev/app";
  const lifecyclePolicyText = '{"rules":[]}';

  const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName }));

  expect(repository).toMatchObject({
    repositoryName,
    repositoryUri: "127.0.0.1:9/lava/dev/app",
    repositoryArn: "arn:aws:ecr:local:123456789012:repository/lava/dev/app",
  });
  await expect(ecr.send(new CreateRepositoryCommand({ repositoryName }))).rejects.toBeInstanceOf(
    RepositoryAlreadyExistsException,
  );
  await ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
  expect(await ecr.send(new GetLifecyclePolicyCommand({ repositoryName }))).toMatchObject({
    lifecyclePolicyText,
  });
  const { repositories = [] } = await ecr.send(new DescribeRepositoriesCommand({}));
  expect(repositories.map((item) => item.repositoryName)).toEqual([repositoryName]);
  await ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true }));
  await expect(ecr.send(new DescribeImagesCommand({ repositoryName }))).rejects.toBeInstanceOf(
    RepositoryNotFoundException,
  );
  ecr.destroy();
});
