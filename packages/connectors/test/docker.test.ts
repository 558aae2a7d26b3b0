import { Writable } from "node:stream";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import {
  type EmulatedRealm,
  emulatedAws,
  emulatedRealm,
  startDockerd,
  startDockerRegistry,
  type TestDockerd,
  type TestRegistry,
} from "@lava/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkConnection, connect, type ConnectOptions } from "../src/connect.ts";
import type { ContainerSpec, DockerClient } from "../src/docker/client.ts";

let stack: AsyncDisposableStack;
let dockerd: TestDockerd;
let registry: TestRegistry;
let emulated: EmulatedRealm;
beforeAll(async () => {
  stack = new AsyncDisposableStack();
  [dockerd, registry] = await Promise.all([
    startDockerd(process.env),
    startDockerRegistry(process.env),
  ]);
  stack.use(dockerd);
  stack.use(registry);
  const endpoint = `http://${registry.host}`;
  const aws = stack.use(await emulatedAws({ registry: { endpoint, password: registry.password } }));
  emulated = stack.use(
    await emulatedRealm({
      aws,
      connections: [
        { conn_id: "plain", type: "docker" },
        { conn_id: "off", type: "docker", enabled: false },
        { conn_id: "ecr", type: "docker", registry: "ecr" },
        { conn_id: "account", type: "Docker", registry: "ecr:123456789012" },
        {
          conn_id: "private",
          type: "docker",
          server: `unix://${dockerd.socket}`,
          registry: registry.host,
          user: registry.user,
          password: "/lava/pw",
        },
        {
          conn_id: "wrong",
          type: "docker",
          registry: registry.host,
          user: "nobody",
          password: "/lava/pw",
        },
        { conn_id: "half", type: "docker", registry: registry.host, user: "me" },
        { conn_id: "away", type: "docker", server: "unix:///nonexistent.sock" },
      ],
    }),
  );
  const ssm = await aws.clients.ssm();
  await ssm.send(
    new PutParameterCommand({ Name: "/lava/pw", Value: registry.password, Type: "SecureString" }),
  );
  const image = `${registry.host}/lava/base:1`;
  await dockerd.importImage(image);
  await dockerd.push(image, registry);
}, 60_000);
afterAll(() => stack.disposeAsync());

const options = (): ConnectOptions & { type: "docker" } => ({
  realm: emulated.realm,
  env: dockerd.env,
  type: "docker",
});
const spec = (image: string, more: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name: `lava-test-${performance.now()}`,
  image,
  env: {},
  labels: {},
  config: {},
  hostConfig: {},
  ...more,
});

async function run(client: DockerClient, container: ContainerSpec) {
  const made = await client.create(container);
  try {
    let output = "";
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        output += chunk.toString();
        done();
      },
    });
    const { ended } = await made.attach(sink);
    await made.start();
    await ended;
    return { status: await made.wait(), output };
  } finally {
    await made.remove();
  }
}

test.each(["private", "ecr", "account"])(
  "%s pulls an image that needs a login, and runs it (CON-docker-02)",
  async (conn_id) => {
    const image = `${registry.host}/lava/base:1`;
    await dockerd.docker("rmi", image).catch(() => undefined);
    await using client = await connect(conn_id, options());
    const progress: string[] = [];

    await client.pull(image, { onProgress: ({ status }) => progress.push(status) });
    const result = await run(
      client,
      spec(image, { command: ["sh", "-c", "echo out $A; echo err >&2; exit 3"], env: { A: "b" } }),
    );

    expect(progress.join("\n")).toMatch(/Pull complete[^]*Downloaded newer image/);
    expect(result.status).toBe(3);
    expect(result.output.split("\n").toSorted()).toEqual(["", "err", "out b"]);
    expect(client.registry).toBe(registry.host);
  },
);

test("without a login the registry gives nothing, and the daemon's words are told", async () => {
  await using client = await connect("plain", options());

  await expect(client.pull(`${registry.host}/lava/base:1`)).rejects.toMatchObject({
    code: "DOCKER_FAILED",
    message: expect.stringMatching(/^Cannot pull .*\/lava\/base:1: .*no basic auth credentials/),
    data: { status: expect.any(Number) },
  });
});

test("a wrong login is one clear failure that shows no password (CON-docker-03)", async () => {
  const error: unknown = await connect("wrong", options()).catch((fault: unknown) => fault);

  expect(error).toMatchObject({
    code: "REGISTRY_LOGIN_FAILED",
    message: expect.stringMatching(
      /^Connection wrong: Cannot login to registry: .*401 Unauthorized/,
    ),
  });
  expect(JSON.stringify(error)).not.toContain(registry.password);
});

test.each([
  ["half", "Connection half: Missing keys: password"],
  ["off", "Connection off: Not enabled"],
])("record %s is refused", async (conn_id, message) => {
  await expect(connect(conn_id, options())).rejects.toThrow(message);
});

test("a check says which daemon answers, or that none does", async () => {
  const version = await dockerd.docker("version", "--format", "{{.Server.Version}}");

  expect(await checkConnection("ecr", options())).toMatchObject({
    server: `Docker ${version}`,
    details: { registry: registry.host },
  });
  await expect(checkConnection("away", options())).rejects.toMatchObject({
    code: "DOCKER_FAILED",
    message: expect.stringContaining("ENOENT"),
  });
});

test("containers are found by label and removed, also while they run", async () => {
  await using client = await connect("private", options());
  const labels = { "lava.run_id": "r1" };
  const made = await client.create(
    spec(`${registry.host}/lava/base:1`, { command: ["sleep", "60"], labels }),
  );
  await made.start();

  const found = await client.list(labels);
  await client.remove(made.id);
  await client.remove(made.id);

  expect(found).toMatchObject([{ id: made.id, state: "running", labels }]);
  expect(await client.list(labels)).toEqual([]);
});
