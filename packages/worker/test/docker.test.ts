import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { connect } from "@lava/connectors";
import { nullLogger } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import {
  startDockerd,
  startDockerRegistry,
  type TestDockerd,
  type TestRegistry,
} from "@lava/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  containerLabels,
  removeEarlierContainers,
  removeOrphans,
} from "../src/orphan-containers.ts";
import { eventually } from "./eventually.ts";
import { spawnWorker } from "./spawn-worker.ts";
import { workerRealm, type WorkerRealm } from "./worker-realm.ts";

let dockerd: TestDockerd;
let registry: TestRegistry;
let image: string;
beforeAll(async () => {
  [dockerd, registry] = await Promise.all([
    startDockerd(process.env),
    startDockerRegistry(process.env),
  ]);
  image = `${registry.host}/lava/base:1`;
  await dockerd.importImage(image);
  await dockerd.push(image, registry);
}, 60_000);
afterAll(() => Promise.all([dockerd, registry].map((server) => server[Symbol.asyncDispose]())));
afterEach(async () => {
  const left = await dockerd.docker("ps", "-aq");
  if (left !== "") throw new Error(`the test has left containers: ${left}`);
});

const info = ({ log }: RunRecord, status = "complete"): unknown =>
  JSON.parse(JSON.stringify(log.find((entry) => entry.status === status)?.info ?? null));

async function logs(setup: WorkerRealm, run: RunRecord): Promise<string> {
  return Buffer.from((await setup.realm.temp.getOutput(run, "logs")) ?? []).toString();
}

type Parameters = Readonly<Record<string, unknown>>;

/** A realm with docker jobs by id; each has a login at the registry. */
async function dockerRealm(
  jobs: Readonly<Record<string, Parameters & { payload?: string }>>,
  record: object = { docker: "registry" },
): Promise<WorkerRealm> {
  const setup = await workerRealm({
    jobs: Object.entries(jobs).map(([job_id, { payload = image, ...parameters }]) => ({
      job_id,
      type: "docker",
      owner: "me",
      payload,
      // Containers of this daemon have the host's network or none.
      parameters: JSON.parse(JSON.stringify(parameters)),
    })),
    connections: [
      {
        conn_id: "registry",
        type: "docker",
        registry: registry.host,
        user: registry.user,
        password: "/lava/pw",
      },
      { conn_id: "off", type: "docker", enabled: false },
      { conn_id: "settings", type: "generic", attributes: { key: "value of key" } },
    ],
    record: { ...record },
  });
  const ssm = await setup.realm.clients.ssm();
  await ssm.send(
    new PutParameterCommand({ Name: "/lava/pw", Value: registry.password, Type: "SecureString" }),
  );
  return setup;
}

const env = (): Record<string, string | undefined> => ({
  PATH: process.env["PATH"],
  LAVA_OTHER: "seen",
  SECRET_OF_WORKER: "unseen",
  ...dockerd.env,
});

test("a container has the job's folder, environment, user and name, and its log in S3 (JOB-docker-01..16, WF-152, WF-260, WF-265)", async () => {
  await using setup = await dockerRealm({
    a: {
      command: `sh -c 'echo "$1"; pwd; id -u; hostname; env; echo err >&2; echo x > made' '{{ job.owner }}'`,
      args: ["{{ vars.two }} words"],
      vars: { two: "both" },
      env: { OWN: "{{ job.owner }}", LAVA_OWNER: "mine" },
    },
  });
  await setup.start({ env: env() });

  const run = await setup.run("a");

  const uri = `${setup.realm.temp.runUri(run)}/logs`;
  expect(info(run)).toEqual({ exit_status: 0, output: uri, error: null });
  const lines = (await logs(setup, run)).split("\n");
  // The daemon reads the two streams side by side.
  const [argument, folder, user, host, ...rest] = lines.filter((line) => line !== "err");
  expect(argument).toBe("both words");
  expect(folder).toMatch(new RegExp(`/lava/${setup.realm.name}/core\\.[^/]+/${run.run_id}$`));
  expect(user).toBe(String(process.geteuid?.()));
  expect(host).toMatch(/^lava-[a-z0-9-]+$/);
  expect(lines).toContain("err");
  const variables = Object.fromEntries(rest.map((line) => line.split("=", 2)));
  expect(variables).toMatchObject({
    LAVA_REALM: setup.realm.name,
    LAVA_WORKER: "core",
    LAVA_OWNER: "me",
    LAVA_JOB_ID: "a",
    LAVA_RUN_ID: run.run_id,
    LAVA_S3_TMP: setup.realm.temp.runUri(run),
    LAVA_S3_PAYLOAD: `${setup.realm.record.s3_payloads}/${image}`,
    LAVA_TMP: folder,
    LAVA_OTHER: "seen",
    OWN: "me",
  });
  expect(variables).not.toHaveProperty("SECRET_OF_WORKER");
  expect(variables).not.toHaveProperty("TMPDIR");
  expect(JSON.stringify(setup.logs)).not.toContain(registry.password);
  expect(setup.logs.map(({ message }) => message)).toContain(`Pulling image ${image}`);
});

test("host_config reaches the container, whatever kind of number a table gives (JOB-docker-06, JOB-docker-14, WF-235)", async () => {
  await using setup = await dockerRealm({
    a: {
      command: "sleep 30",
      timeout: "20s",
      host_config: {
        cap_add: ["NET_ADMIN"],
        cap_drop: ["CHOWN"],
        cpu_period: 100_000,
        cpu_quota: 50_000,
        cpu_shares: 512,
        dns: ["127.0.0.1"],
        dns_opt: ["ndots:1"],
        dns_search: ["example.com"],
        domainname: "example.com",
        extra_hosts: { other: "127.0.0.2" },
        group_add: [7, "8"],
        hostname: "named",
        mem_limit: "64m",
        memswap_limit: 134_217_728,
        network_mode: "none",
        ports: { "8080": 18_080, "53/udp": ["127.0.0.1:1053"] },
        shm_size: "1m",
        user: "1000:1000",
        working_dir: "/tmp",
      },
    },
  });
  const worker = await setup.start({ env: env() });
  const { run_id } = await setup.realm.dispatch({ job_id: "a" });

  const id = await eventually(async () => {
    const found = await dockerd.docker("ps", "-q", "--filter", `label=lava.run_id=${run_id}`);
    return found || undefined;
  });
  const [container] = JSON.parse(await dockerd.docker("inspect", id));

  expect(container.Name).toMatch(/^\/lava-[0-9a-f-]{36}$/);
  expect(container.Config).toMatchObject({
    Hostname: "named",
    Domainname: "example.com",
    User: "1000:1000",
    WorkingDir: "/tmp",
    Cmd: ["sleep", "30"],
    ExposedPorts: { "8080/tcp": {}, "53/udp": {} },
    Labels: {
      "lava.realm": setup.realm.name,
      "lava.worker": "core",
      "lava.owner": "me",
      "lava.job_id": "a",
      "lava.run_id": run_id,
      "lava.holder": expect.stringMatching(/^core\//),
      "lava.epoch": "1",
    },
  });
  expect(container.HostConfig).toMatchObject({
    CapAdd: ["NET_ADMIN"],
    CapDrop: ["CHOWN"],
    CpuPeriod: 100_000,
    CpuQuota: 50_000,
    CpuShares: 512,
    Dns: ["127.0.0.1"],
    DnsOptions: ["ndots:1"],
    DnsSearch: ["example.com"],
    ExtraHosts: ["other:127.0.0.2"],
    GroupAdd: ["7", "8"],
    Memory: 67_108_864,
    MemorySwap: 134_217_728,
    NetworkMode: "none",
    PortBindings: {
      "8080/tcp": [{ HostIp: "", HostPort: "18080" }],
      "53/udp": [{ HostIp: "127.0.0.1", HostPort: "1053" }],
    },
    ShmSize: 1_048_576,
  });
  // The worker ends: its container does, the run is given back.
  await worker.stop("kill");
  expect((await setup.realm.events.get({ job_id: "a", run_id }))?.status).toBe("retrying");
});

test("connections of the job work inside of the container (JOB-docker-15)", async () => {
  await using setup = await dockerRealm({
    a: { command: `sh -c '"$LAVA_CONN_S" key'`, connections: { s: "settings" } },
  });
  await setup.start({ env: env() });

  const run = await setup.run("a");

  expect(run.status, JSON.stringify(run.log)).toBe("complete");
  expect(await logs(setup, run)).toBe("value of key");
});

test("a container that fails or takes too long is a failed run with its log (JOB-docker-05, JOB-docker-12)", async () => {
  await using setup = await dockerRealm({
    fails: { command: "sh -c 'echo said; exit 3'" },
    late: { command: "sh -c 'echo said; sleep 60'", timeout: 1 },
  });
  await setup.start({ env: env() });

  const [fails, late] = await Promise.all([setup.run("fails"), setup.run("late")]);

  const uri = (run: RunRecord): string => `${setup.realm.temp.runUri(run)}/logs`;
  expect(info(fails, "failed")).toEqual({
    error: "Failed with exit status 3",
    error_data: { exit_status: 3, output: uri(fails) },
  });
  expect(info(late, "failed")).toEqual({
    error: "Failed with exit status 28",
    error_data: { exit_status: 28, error: "Timed out after 1.0 seconds", output: uri(late) },
  });
  expect(await logs(setup, late)).toBe("said\n");
});

test.each([
  ["payload", { payload: "a:b:c" }, "Bad payload: a:b:c: Must be in the form repository[:tag]"],
  [
    "host_config",
    { host_config: { privileged: true } },
    "Bad host_config parameters: Unexpected keys: privileged",
  ],
  ["off", { docker: "off" }, "Cannot get docker client: Connection off: Not enabled"],
  ["unknown connection", { docker: "none" }, "Cannot get docker client: none: No such connection"],
  ["command", { command: "a 'b" }, "Bad payload: No closing quotation"],
  ["template", { command: "'{{ x.y }}'" }, /^Bad command or args: 'x' is undefined/],
  ["program", { command: "nonesuch" }, /^Cannot run container from image .*: .*nonesuch/],
  ["no command", {}, /^Cannot run container from image .*: .*No command specified/],
])("a bad %s is one clear failure (JOB-docker-04, JOB-docker-09..11)", async (_, job, error) => {
  await using setup = await dockerRealm({ a: job });
  await setup.start({ env: env() });

  expect(info(await setup.run("a"), "failed")).toMatchObject({
    error: typeof error === "string" ? error : expect.stringMatching(error),
    error_data: null,
  });
});

test("an image that is not there is tried once more after a login (JOB-docker-10)", async () => {
  const payload = `${registry.host}/none`;
  await using setup = await dockerRealm({ a: { payload } });
  await setup.start({ env: env() });

  expect(info(await setup.run("a"), "failed")).toMatchObject({
    error: expect.stringMatching(`^Cannot pull docker image ${payload}: .*none`),
  });
  expect(setup.logs.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(`^Docker login ok but pull image failed: Error 404: ${payload}:latest`),
  );
});

test("without a connection at job or realm nothing runs (JOB-docker-04)", async () => {
  await using setup = await dockerRealm({ a: {} }, {});
  await setup.start({ env: env() });

  expect(info(await setup.run("a"), "failed")).toMatchObject({
    error: "docker connection ID must be specified at the job or realm level.",
  });
});

test("in dev mode the log is printed and nothing is stored (WK-146)", async () => {
  await using setup = await dockerRealm({ a: { command: "sh -c 'echo printed'" } });
  const { PassThrough } = await import("node:stream");
  const stdout = new PassThrough();
  await setup.start({ env: env(), devMode: true, sinks: { stdout, stderr: new PassThrough() } });

  const run = await setup.run("a");

  expect(info(run)).toEqual({ exit_status: 0, error: null });
  expect(String(stdout.read())).toBe("printed\n");
  expect(await setup.realm.temp.listOutputs(run)).toEqual([]);
});

/** Takeovers wait for leases: on a machine that is busy for longer than tests usually wait. */
const PATIENCE = 60_000;

const endOf = (setup: WorkerRealm, run: { job_id: string; run_id: string }): Promise<RunRecord> =>
  eventually(async () => {
    const record = await setup.realm.events.get(run);
    return record?.status === "complete" ? record : undefined;
  }, PATIENCE);

const ids = (run_id: string): Promise<string> =>
  dockerd.docker("ps", "-q", "--filter", `label=lava.run_id=${run_id}`);

test(
  "the container of a worker that was killed is removed, and the next worker runs the job",
  async () => {
    await using setup = await dockerRealm({
      a: { command: "sh -c 'test $LAVA_EPOCH -gt 1 || sleep 60'" },
    });
    await using first = await spawnWorker(setup, {}, dockerd.env);
    const { run_id } = await setup.realm.dispatch({ job_id: "a" });
    await eventually(() => ids(run_id), PATIENCE);

    first.kill("SIGKILL");
    await eventually(async () => (await ids(run_id)) === "", PATIENCE);
    await setup.start({ env: env() });

    expect((await endOf(setup, { job_id: "a", run_id })).status).toBe("complete");
  },
  2 * PATIENCE,
);

test("what earlier holders and dead processes have left is removed, and nothing else (design 5)", async () => {
  await using setup = await dockerRealm({});
  const { realm } = setup;
  await using client = await connect("registry", { realm, type: "docker", env: env() });
  await using lease = new AsyncDisposableStack();
  const living = realm.runs.lease({ origin: { worker: "core", hostname: "h" }, process: "living" });
  await living.start();
  lease.defer(() => living.end());
  const job = { realm: realm.name, worker: "core", owner: "", job_id: "a", run_id: "r1" };
  const make = async (run_id: string, holder: string, epoch: number): Promise<string> => {
    const made = await client.create({
      name: `lava-test-${run_id}-${epoch}`,
      image,
      command: ["sleep", "60"],
      env: {},
      labels: containerLabels({ ...job, run_id }, { holder, epoch }),
      config: {},
      hostConfig: { NetworkMode: "none" },
    });
    await made.start();
    return made.id;
  };
  await client.pull(image);
  await make("r1", "core/dead", 1);
  const current = await make("r1", "core/living", 2);
  const orphan = await make("r2", "core/dead", 1);
  const python = await dockerd.docker(
    ...["run", "-d", "--network=none", "--label", `lava.realm=${realm.name}`],
    ...["--label", "lava.worker=core", "--label", "lava.run_id=r1", "--label", "lava.job_id=a"],
    ...[image, "sleep", "60"],
  );
  const all = async (): Promise<string[]> =>
    (await dockerd.docker("ps", "-aq", "--no-trunc")).split("\n").toSorted();
  const fence = { holder: "core/living", epoch: 2 };

  expect(await removeEarlierContainers(client, job, fence, nullLogger)).toBe(1);
  expect(await all()).toEqual([current, orphan, python].toSorted());
  expect(await removeOrphans(client, realm, "core", nullLogger)).toBe(1);
  expect(await all()).toEqual([current, python].toSorted());
  await dockerd.docker("rm", "-f", current, python);
});

test(
  "a worker that is frozen for longer than its lease has no container any more, and reports nothing",
  async () => {
    await using setup = await dockerRealm({
      a: { command: "sh -c 'test $LAVA_EPOCH -gt 1 || sleep 60'" },
    });
    await using first = await spawnWorker(setup, {}, dockerd.env);
    const { run_id } = await setup.realm.dispatch({ job_id: "a" });
    await eventually(() => ids(run_id), PATIENCE);

    first.kill("SIGSTOP");
    await eventually(async () => (await ids(run_id)) === "", PATIENCE);
    await setup.start({ env: env() });
    const run = await endOf(setup, { job_id: "a", run_id });
    first.kill("SIGCONT");
    await eventually(() => first.output().includes("lease"));

    expect(run.status).toBe("complete");
    expect((await setup.realm.events.get(run))?.log.map(({ status }) => status)).toEqual(
      run.log.map(({ status }) => status),
    );
  },
  2 * PATIENCE,
);
