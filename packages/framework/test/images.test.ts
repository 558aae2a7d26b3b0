import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  GetLifecyclePolicyCommand,
} from "@aws-sdk/client-ecr";
import {
  type EmulatedRealm,
  emulatedAws,
  emulatedRealm,
  startDockerd,
  startDockerRegistry,
  type TestDockerd,
  type TestRegistry,
} from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanProject } from "../src/clean/clean-project.ts";
import { deployPlan } from "../src/deploy/deploy.ts";
import { listDeployments, loadDeployment } from "../src/deploy/deployments.ts";
import { readManifest } from "../src/deploy/images/image-manifests.ts";
import { openDocker } from "../src/deploy/images/push-image.ts";
import { latestImage, registryLogin } from "../src/deploy/images/registry.ts";
import { planDeployment } from "../src/deploy/plan.ts";
import { rollbackPlan } from "../src/deploy/rollback.ts";
import type { Deployment } from "../src/deploy/types.ts";
import { uninstallPlan } from "../src/deploy/uninstall.ts";
import { testConfig, testProject } from "./test-project.ts";

const stack = new AsyncDisposableStack();
let dockerd: TestDockerd;
let registry: TestRegistry;
let emulated: EmulatedRealm;
let environ: Record<string, string>;
const ownArchitecture = process.arch === "x64" ? "amd64" : "arm64/v8";
const by = { user: "tester", host: "test-host" };

beforeAll(async () => {
  dockerd = stack.use(await startDockerd(process.env));
  registry = stack.use(await startDockerRegistry(process.env));
  await dockerd.importImage("base");
  const { host, password } = registry;
  const aws = stack.use(await emulatedAws({ registry: { endpoint: `http://${host}`, password } }));
  emulated = stack.use(await emulatedRealm({ aws }));
  environ = { PATH: process.env["PATH"] ?? "", ...dockerd.env };
}, 60_000);
afterAll(() => stack.disposeAsync());

/** A project with one image, of a Dockerfile that needs no more than the base. */
function imageProject(files: Readonly<Record<string, string>> = {}) {
  const config = testConfig(emulated.realm.name).replace("base_img: img", "base_img: base");
  return testProject({
    "config/dev.yaml": config,
    "config/uat.yaml": config.replace("linux/amd64", "host"),
    "lava-payloads/x.docker/Dockerfile":
      "ARG BASE_IMG\nFROM $BASE_IMG\nCOPY . /lava/\nENV WHERE=<{ env }>\nUSER 99999\n",
    "lava-payloads/x.docker/env/settings": "<{ lava.realm.realm }> <{ jinja.templates[0] }>\n",
    "lava-payloads/x.docker/note.ipynb": '{"cells": []}',
    ...files,
  });
}

describe("a payload of kind .docker", () => {
  test("is an image, with env/ rendered and notebooks as scripts, built once (FW-187..192)", async () => {
    using files = imageProject();
    const realmInfo = { record: { realm: emulated.realm.name } };

    const { images, payloads, warnings } = await files.build("dev", { realmInfo }, environ);

    const [image] = images;
    expect(image).toMatchObject({ repository: "lava/test/x", output: "lava-payloads/x.dockerimg" });
    expect([payloads, warnings]).toEqual([[], []]);
    expect(files.read("dist/dev/lava-payloads/x.dockerimg")).toBe(image?.id);
    const run = (...words: string[]) => dockerd.docker("run", "--rm", "lava/test/x", ...words);
    expect(await run("cat", "/lava/env/settings")).toBe(
      `${emulated.realm.name} x.docker/env/settings`,
    );
    expect(await run("ls", "/lava")).toBe("Dockerfile\nenv\nnote.py");
    expect(await run("sh", "-c", "echo $WHERE")).toBe("dev");
    expect((await files.build("dev", { realmInfo }, environ)).built).toEqual([]);
    // An image that somebody removed is built again; without docker it counts as there.
    expect((await files.build("dev", {}, { PATH: "/nowhere" })).built).toEqual([]);
    await dockerd.docker("image", "rm", "--force", image?.id ?? "");
    expect((await files.build("dev", { realmInfo }, environ)).built).toEqual([
      "lava-payloads/x.dockerimg",
    ]);
    expect((await files.build("uat", { realmInfo }, environ)).images).toHaveLength(1);
    const { missingImages } = await cleanProject(await files.open(environ));
    expect(missingImages).toEqual([]);
    expect(await dockerd.docker("image", "ls", "--quiet", "lava/test/x")).toBe("");
  }, 60_000);

  test("without a Dockerfile is made by the default recipe (FW-194, FW-195, FW-198)", async () => {
    using files = imageProject({ "lava-payloads/y.docker/run.sh": "#!/bin/sh\nid -u\n" });
    files.remove("lava-payloads/x.docker");

    await files.build("dev", {}, environ);

    const output = await dockerd.docker(
      "run",
      "--rm",
      "--user",
      "4711",
      "lava/test/y",
      "sh",
      "-c",
      "ls -l /lava/run.sh; id -u",
    );
    expect(output).toMatch(/^-rw-r--r-- .* \/lava\/run\.sh\n4711$/);
    expect(
      await dockerd.docker(
        "image",
        "inspect",
        "--format",
        "{{.Config.User}} {{.Config.Env}}",
        "lava/test/y",
      ),
    ).toMatch(/^lava .*PYTHONUNBUFFERED=1/);
  }, 60_000);

  test.each([
    [
      "a step fails (FW-200)",
      {
        "lava-payloads/x.docker/Dockerfile":
          "ARG BASE_IMG\nFROM $BASE_IMG\nRUN ls /no-such-place\n",
      },
      {},
      "image_build_failed",
      /no-such-place/,
    ],
    [
      "there is no docker",
      {},
      { PATH: "/nowhere" },
      "docker_unavailable",
      /the docker command is not there/,
    ],
    [
      "its engine is away",
      {},
      { DOCKER_HOST: "unix:///nowhere.sock" },
      "docker_unavailable",
      /cannot be reached/,
    ],
  ])("fails the build when %s", async (_case, more, variables, code, message) => {
    using files = imageProject(more);
    const record = { realm: "r" };

    await expect(
      files.build("dev", { realmInfo: { record } }, { ...environ, ...variables }),
    ).rejects.toMatchObject({
      issues: [{ code, file: "lava-payloads/x.docker", message: expect.stringMatching(message) }],
    });
  });
});

test("an image for several platforms is one name with an image for each, pushed and rolled back as one (FW-193)", async () => {
  const { realm } = emulated;
  const repository = "lava/test/x";
  // No base: it would have to be there for each platform.
  using files = imageProject({
    "lava-payloads/x.docker/Dockerfile": "FROM scratch\nCOPY . /lava/\n",
  });
  const login = await registryLogin(realm);
  const config = files.read("config/dev.yaml");
  files.write("config/dev.yaml", config.replace("linux/amd64", "linux/amd64, linux/arm64/v8"));
  const build = () => files.build("dev", { realmInfo: { record: { realm: realm.name } } }, environ);
  const deploy = async (): Promise<void> => {
    const result = await deployPlan(await planDeployment(await build(), realm), realm, {
      by,
      environ,
    });
    expect(result.steps).toMatchObject([{ kind: "image", id: repository, outcome: "done" }]);
  };
  const latest = async (): Promise<unknown> =>
    JSON.parse(Buffer.from((await readManifest(login, repository, "latest")).content).toString());

  const [image] = (await build()).images;
  expect(image?.parts?.map(({ platform }) => platform)).toEqual(["linux/amd64", "linux/arm64/v8"]);
  expect(files.read("dist/dev/lava-payloads/x.dockerimg")).toBe(
    (image?.parts ?? []).map(({ platform, id }) => `${platform} ${id}\n`).join(""),
  );
  expect((await build()).built).toEqual([]);
  expect(await dockerd.docker("image", "inspect", "--format", "{{.Id}}", repository)).toBe(
    image?.parts?.find(({ platform }) => platform === `linux/${ownArchitecture}`)?.id,
  );

  await deploy();
  const first = await latestImage(realm, repository);
  expect(await latest()).toMatchObject({
    manifests: [
      { platform: { os: "linux", architecture: "amd64" } },
      { platform: { os: "linux", architecture: "arm64", variant: "v8" } },
    ],
  });
  const name = `${login.host}/${repository}`;
  for (const architecture of ["amd64", "arm64"]) {
    using session = openDocker(login, environ);
    await session.docker("pull", "--platform", `linux/${architecture}`, name);
    expect(await dockerd.docker("image", "inspect", "--format", "{{.Architecture}}", name)).toBe(
      architecture,
    );
  }
  expect((await planDeployment(await build(), realm)).images).toBeUndefined();

  files.write("lava-payloads/x.docker/env/settings", "changed\n");
  await deploy();
  expect((await latestImage(realm, repository))?.digest).not.toBe(first?.digest);
  const [id = ""] = await listDeployments(realm, "test-project", "dev");
  const back = await rollbackPlan(await loadDeployment(realm, "test-project", "dev", id), realm);
  // The registry has all that a rollback needs: no docker.
  expect((await deployPlan(back, realm, { by, environ: { PATH: "/nowhere" } })).ok).toBe(true);
  expect((await latestImage(realm, repository))?.digest).toBe(first?.digest);
  const removal = await uninstallPlan(await files.open(environ), "dev", realm);
  expect((await deployPlan(removal, realm, { by, environ })).ok).toBe(true);
}, 60_000);

test("an image is pushed under latest and a tag of its own, rolled back, and its repository deleted (FW-201..204)", async () => {
  const { realm } = emulated;
  const repository = "lava/test/x";
  using files = imageProject();
  const build = () => files.build("dev", { realmInfo: { record: { realm: realm.name } } }, environ);
  const deploy = async (): Promise<void> => {
    const plan = await planDeployment(await build(), realm);
    const result = await deployPlan(plan, realm, { by, environ });
    expect(
      result.steps.map(({ kind, id, outcome, reason }) => [kind, id, outcome, reason]),
    ).toEqual([["image", repository, "done", undefined]]);
  };

  await deploy();

  const first = await latestImage(realm, repository);
  expect(first?.tags).toEqual([expect.stringMatching(/^[\da-f]{12}$/), "latest"]);
  const again = await planDeployment(await build(), realm);
  expect([again.images, again.unchanged.payloads]).toEqual([undefined, 1]);
  const ecr = await realm.clients.ecr();
  const policy = await ecr.send(new GetLifecyclePolicyCommand({ repositoryName: repository }));
  expect(policy.lifecyclePolicyText).toContain("imageCountMoreThan");

  files.write("lava-payloads/x.docker/env/settings", "changed\n");
  await deploy();
  const second = await latestImage(realm, repository);
  expect(second?.digest).not.toBe(first?.digest);

  const [id = ""] = await listDeployments(realm, "test-project", "dev");
  const back = await rollbackPlan(await loadDeployment(realm, "test-project", "dev", id), realm);
  expect(back.images).toMatchObject([{ action: "update", repository, tag: first?.tags[0] }]);
  expect((await deployPlan(back, realm, { by, environ })).ok).toBe(true);
  expect((await latestImage(realm, repository))?.digest).toBe(first?.digest);

  const removal = await uninstallPlan(await files.open(environ), "dev", realm);
  expect(removal.images).toMatchObject([{ action: "delete", repository }]);
  expect((await deployPlan(removal, realm, { by, environ })).ok).toBe(true);
  expect((await ecr.send(new DescribeRepositoriesCommand({}))).repositories).toEqual([]);
}, 60_000);

test("a repository that a killed deployment has made goes with a rollback, unless there is more in it", async () => {
  const { realm } = emulated;
  const repository = "lava/test/z";
  using files = imageProject({ "lava-payloads/z.docker/Dockerfile": "FROM base\n" });
  files.remove("lava-payloads/x.docker");
  const realmInfo = { record: { realm: realm.name } };
  const plan = await planDeployment(await files.build("dev", { realmInfo }, environ), realm);
  const killed: Deployment = {
    ...{ version: 1, id: "x", state: "running", started: "", ...by, plan, steps: [] },
    ownedBefore: { version: 1, project: "test-project", env: "dev", items: [], payloads: [] },
  };
  const ecr = await realm.clients.ecr();
  const repositories = async () =>
    (await ecr.send(new DescribeRepositoriesCommand({}))).repositories?.length;
  const make = () => ecr.send(new CreateRepositoryCommand({ repositoryName: repository }));
  const login = await registryLogin(realm);
  using session = openDocker(login, environ);
  const push = async (image: string, tag: string): Promise<void> => {
    await session.docker("tag", image, `${login.host}/${repository}:${tag}`);
    await session.docker("push", `${login.host}/${repository}:${tag}`);
  };
  const [{ id = "", tag = "" } = {}] = plan.images ?? [];
  const undo = async () => {
    const back = await rollbackPlan(killed, realm);
    expect((await deployPlan(back, realm, { by, environ })).ok).toBe(true);
    return back.images;
  };

  await make();
  expect(await undo()).toEqual([{ action: "delete", repository }]);
  expect(await repositories()).toBe(0);
  await make();
  await push(id, tag);
  expect(await undo()).toEqual([{ action: "delete", repository }]);
  await make();
  await push(id, "theirs");
  expect(await undo()).toEqual([]);
  expect(await repositories()).toBe(1);
}, 60_000);

test("a repository that a killed deployment has made gets its policy when the deployment is taken up", async () => {
  const { realm } = emulated;
  const repositoryName = "lava/test/taken-up";
  using files = imageProject({ "lava-payloads/taken-up.docker/Dockerfile": "FROM base\n" });
  files.remove("lava-payloads/x.docker");
  const realmInfo = { record: { realm: realm.name } };
  const plan = await planDeployment(await files.build("dev", { realmInfo }, environ), realm);
  const ecr = await realm.clients.ecr();
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));

  expect((await deployPlan(plan, realm, { by, environ })).ok).toBe(true);

  const policy = await ecr.send(new GetLifecyclePolicyCommand({ repositoryName }));
  expect(policy.lifecyclePolicyText).toContain("imageCountMoreThan");
}, 60_000);
