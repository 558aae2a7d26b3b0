import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { DecimalValue } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "./eventually.ts";
import { type WorkerRealm, workerRealm } from "./worker-realm.ts";

/** No lease ends in these tests, however busy the machine is. */
const calm = { leaseMs: 30_000 };

const statuses = ({ log }: RunRecord): string[] => log.map(({ status }) => status);
const infoOf = (run: RunRecord, status: string): unknown =>
  JSON.parse(JSON.stringify(run.log.find((entry) => entry.status === status)?.info ?? null));

async function output(setup: WorkerRealm, run: { job_id: string; run_id: string }, name: string) {
  const bytes = await setup.realm.temp.getOutput(run, name);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

describe("a program", () => {
  const script = '#!/bin/sh\necho "$PWD $TMPDIR $LAVA_CONNID_DB"\ntest -x "$LAVA_CONN_DB"\n';

  test("of exe has the job's directory, a private TMPDIR in it and its connections (WK-082, WK-083, JOB-exe-02, CFG-013)", async () => {
    await using setup = await workerRealm({
      ...calm,
      jobs: [
        {
          ...{ job_id: "x", type: "exe", payload: "a.sh" },
          parameters: { connections: { db: "db" } },
        },
      ],
      payloads: { "a.sh": script },
    });
    await setup.start({
      connectionCommand: (conn_id) => Promise.resolve(conn_id === "db" ? "/bin/true" : ""),
    });

    const run = await setup.run("x");

    expect(run.status).toBe("complete");
    const [cwd = "", tmp = "", conn] =
      (await output(setup, run, "a.sh.stdout"))?.trim().split(" ") ?? [];
    expect(cwd.endsWith(`/${run.run_id}`)).toBe(true);
    expect(tmp).toMatch(new RegExp(`^${cwd}/\\.lava\\.\\w{8}\\.tmp$`));
    expect(conn).toBe("db");
  });

  test("has the worker's TMPDIR where the realm says so (CFG-013)", async () => {
    await using setup = await workerRealm({
      ...calm,
      jobs: [{ job_id: "c", payload: "sh -c 'echo ${TMPDIR-none}'" }],
      record: { config: { JOB_LOCAL_TMPDIR: false } },
    });
    await setup.start();

    expect(await output(setup, await setup.run("c"), "stdout")).toBe("none\n");
  });

  test.each(["cmd", "exe"])(
    "of %s takes no longer than its job says, else the realm; what it wrote is kept (JOB-cmd-04, 06, 08, JOB-exe-03, CFG-039, CFG-040, T-81)",
    async (type) => {
      const text = "#!/bin/sh\necho begun\nexec sleep 60\n";
      const payload = type === "cmd" ? "sh -c 'echo begun; exec sleep 60'" : "s.sh";
      await using setup = await workerRealm({
        ...calm,
        jobs: [
          { job_id: "own", type, payload, parameters: { timeout: "0.4s" } },
          { job_id: "realm", type, payload },
        ],
        payloads: { "s.sh": text },
        env: { LAVA_CMD_TIMEOUT: "0.5s", LAVA_EXE_TIMEOUT: "0.5s" },
      });
      await setup.start();

      for (const [job_id, seconds] of [
        ["own", "0.4"],
        ["realm", "0.5"],
      ] as const) {
        const run = await setup.run(job_id);
        expect(infoOf(run, "failed")).toMatchObject({
          error: `Timed out after ${seconds} seconds`,
          error_data: { exit_status: 28 },
        });
        const name = type === "cmd" ? "stdout" : "s.sh.stdout";
        expect(await output(setup, run, name)).toBe("begun\n");
      }
    },
  );

  test("that fails leaves both outputs, and its stderr in the event (JOB-cmd-06, 08, T-64)", async () => {
    await using setup = await workerRealm({
      ...calm,
      jobs: [{ job_id: "c", payload: "sh -c 'echo o; printf \"  äöü€x\" >&2; exit 3'" }],
      env: { LAVA_STDERR_SIZE: "5" },
    });
    await setup.start();

    const run = await setup.run("c");

    // Characters are counted, not bytes, and blanks are stripped afterwards.
    expect(infoOf(run, "failed")).toMatchObject({
      error: "Failed with exit status 3",
      error_data: { exit_status: 3, error: "äöü" },
    });
    expect(await output(setup, run, "stdout")).toBe("o\n");
    expect(await output(setup, run, "stderr")).toBe("  äöü€x");
  });

  test("in dev mode writes to the worker's own streams, and nothing is stored (WK-145, OPS-128)", async () => {
    await using setup = await workerRealm({
      ...calm,
      jobs: [
        { job_id: "chain", type: "chain", payload: "ok, bad" },
        { job_id: "ok", payload: "echo shown" },
        { job_id: "bad", payload: "sh -c 'echo fault >&2; exit 1'" },
      ],
    });
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    await setup.start({ devMode: true, sinks: { stdout, stderr } });

    const { run_id } = await setup.run("chain");

    expect(String(stdout.read())).toBe("shown\n");
    expect(String(stderr.read())).toBe("fault\n");
    expect(await output(setup, { job_id: "ok", run_id }, "stdout")).toBeUndefined();
    const bad = await setup.realm.events.get({ job_id: "bad", run_id });
    expect(bad && infoOf(bad, "failed")).toMatchObject({ error_data: { error: null } });
  });
});

test("a package is unpacked below the job's directory, which has its TMPDIR, and runs no longer than it may (WK-082, WK-083, JOB-pkg-03, CFG-042)", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lava-pkg-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "go.sh"), '#!/bin/sh\necho "$PWD $TMPDIR"\nexec sleep $1\n');
  execFileSync("tar", ["-czf", join(folder, "p.tgz"), "-C", folder, "go.sh"]);
  const job = { type: "pkg", payload: "p.tgz" };
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      { job_id: "good", ...job, parameters: { command: "go.sh 0", timeout: 30 } },
      { job_id: "own", ...job, parameters: { command: "go.sh 60", timeout: "0.4s" } },
      { job_id: "realm", ...job, parameters: { command: "go.sh 60" } },
    ],
    payloads: { "p.tgz": await readFile(join(folder, "p.tgz")) },
    env: { LAVA_PKG_TIMEOUT: "0.5s" },
  });
  await setup.start();

  const run = await setup.run("good");

  const [cwd = "", tmp] = (await output(setup, run, "p.tgz.stdout"))?.trim().split(" ") ?? [];
  expect(cwd).toMatch(new RegExp(`/${run.run_id}/1\\.\\w{8}\\.pkg$`));
  expect(tmp).toMatch(new RegExp(`^${dirname(cwd)}/\\.lava\\.\\w{8}\\.tmp$`));
  for (const [job_id, seconds] of [
    ["own", "0.4"],
    ["realm", "0.5"],
  ] as const) {
    expect(infoOf(await setup.run(job_id), "failed")).toMatchObject({
      error: `Timed out after ${seconds} seconds`,
    });
  }
});

test("payloads may lie at the top of a bucket (WK-096)", async () => {
  await using bare = await workerRealm({
    ...calm,
    jobs: [{ job_id: "x", type: "exe", payload: "a.sh" }],
    record: { s3_payloads: "s3://bare" },
  });
  const own = await bare.realm.clients.s3();
  await own.send(new CreateBucketCommand({ Bucket: "bare" }));
  await own.send(
    new PutObjectCommand({
      Bucket: "bare",
      Key: "a.sh",
      Body: "#!/bin/sh\necho $LAVA_S3_PAYLOAD\n",
    }),
  );
  await bare.start();

  const run = await bare.run("x");

  expect(await output(bare, run, "a.sh.stdout")).toBe("s3://bare/a.sh\n");
});

test("metrics go to the namespace Lava unless the realm names another (WK-172, CFG-009, CFG-010)", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [{ job_id: "j", payload: "true" }],
    record: { config: { CW_METRICS_JOB: true } },
  });
  const worker = await setup.start();
  await setup.run("j");
  await worker.stop();

  const client = await setup.realm.clients.cloudWatch();
  const { Metrics = [] } = await client.send(new ListMetricsCommand({}));
  const own = Metrics.filter(({ Dimensions = [] }) =>
    Dimensions.some(({ Name, Value }) => Name === "Realm" && Value === setup.realm.name),
  );
  expect(new Set(own.map(({ Namespace }) => Namespace))).toEqual(new Set(["Lava"]));
});

test("a failure has its trace only where the realm debugs (WK-071, CFG-008)", async () => {
  for (const debug of [false, true]) {
    await using setup = await workerRealm({
      ...calm,
      jobs: [{ job_id: "bad", payload: null }],
      record: { config: { DEBUG: debug } },
    });
    await setup.start();

    const info = infoOf(await setup.run("bad"), "failed");

    expect(info).toMatchObject({ error: "payload required", error_data: null });
    expect(Object.keys(info ?? {}).includes("exception")).toBe(debug);
  }
});

test("the event of a success has `error: null`, its actions do not see it (WK-072)", async () => {
  const message = "seen: {{ result.error is defined }}";
  await using setup = await workerRealm({
    ...calm,
    jobs: [{ job_id: "j", payload: "true", on_success: [{ action: "log", message }] }],
  });
  await setup.start();

  const run = await setup.run("j");

  expect(infoOf(run, "complete")).toMatchObject({ error: null });
  expect(setup.logs.map((line) => line.message)).toContain("seen: False");
});

test("a job with no iterations is rejected, one with fields that nobody knows runs (WK-045, WK-073, T-79)", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      { job_id: "none", payload: "true", iteration_limit: 0 },
      { job_id: "odd", payload: "true", colour: "red", "X-own": 1, "x-more": {} },
      { job_id: "strict", payload: "true", parameters: { "x-own": 1 } },
    ],
  });
  await setup.start();

  expect(statuses(await setup.run("none"))).toEqual(["starting", "rejected"]);
  expect((await setup.run("odd")).status).toBe("complete");
  // Only names at the top of a record may begin so.
  expect(infoOf(await setup.run("strict"), "failed")).toMatchObject({
    error: "Bad job parameters: Unexpected keys: x-own",
  });
});

test("a parent keeps its own globals whatever its children see (WK-138)", async () => {
  const message =
    "{{ job.job_id }}: {{ globals.lava.parent_job_id }} {{ globals.lava.iteration }} {{ globals.g }}";
  const on_success = [{ action: "log", message }];
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      { job_id: "top", type: "chain", payload: "in", globals: { g: "top" }, on_success },
      { job_id: "in", payload: "true", globals: { g: "in" }, on_success },
    ],
  });
  await setup.start();

  await setup.run("top");

  const told = setup.logs.map((line) => line.message);
  expect(told).toContain("in: top 1 top");
  expect(told).toContain("top: top 1 top");
});

test("a dispatched job sees its parent's counters only until it has its own (WK-139)", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      {
        ...{ job_id: "each", type: "foreach", payload: "send" },
        parameters: { foreach: { type: "range", start: 3, stop: 4 } },
      },
      { job_id: "send", type: "dispatch", payload: "sent" },
      {
        job_id: "sent",
        payload: "echo {{globals.lava.iteration}} {{globals.lava.foreach_index}}",
        event_log: "{{ globals.lava.iteration }}",
      },
    ],
  });
  await setup.start();

  await setup.run("each");
  const sent = await eventually(async () => {
    const { items } = await setup.realm.events.listByJob("sent");
    return items.find(({ status }) => status === "complete");
  });

  // Rendered before its first attempt: what came with the message.
  expect(String(infoOf(sent, "logging"))).toBe("1");
  expect(await output(setup, sent, "stdout")).toBe("1 0\n");
});

test("a chain looks for a child only when its turn has come (JOB-chain-10)", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      { job_id: "chain", type: "chain", payload: "a, none" },
      { job_id: "a", payload: "true" },
    ],
  });
  await setup.start();

  const run = await setup.run("chain");

  expect(run.status).toBe("failed");
  const first = await setup.realm.events.get({ job_id: "a", run_id: run.run_id });
  expect(first?.status).toBe("complete");
});

test("children of a dag have the credentials of their worker (JOB-dag-09)", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      { job_id: "dag", type: "dag", payload: { b: "a" } },
      { job_id: "a", payload: "sh -c 'echo $AWS_ACCESS_KEY_ID'" },
      { job_id: "b", payload: "true", on_success: [{ action: "log", message: "done" }] },
    ],
  });
  await setup.start();

  const { run_id } = await setup.run("dag");

  expect(await output(setup, { job_id: "a", run_id }, "stdout")).toBe(
    `${setup.emulated.environment["AWS_ACCESS_KEY_ID"]}\n`,
  );
});

test("a foreach leaves templates in its names alone where it is told to (JOB-foreach-04)", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      {
        ...{ job_id: "each", type: "foreach", payload: "one" },
        parameters: { jinja: false, foreach: { type: "csv", filename: "{{ none.such }}.csv" } },
      },
      { job_id: "one", payload: "true" },
    ],
  });
  await setup.start();

  expect(infoOf(await setup.run("each"), "failed")).toMatchObject({
    error: expect.stringContaining("{{ none.such }}.csv"),
  });
});

test("events are written before the worker ends, and its directory is gone then (WK-154, OPS-165, CLI-186)", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [{ job_id: "j", payload: "sleep 0.2" }],
  });
  const worker = await setup.start({ batchMs: 60_000 });
  const key = await setup.realm.dispatch({ job_id: "j" });
  await eventually(() => worker.running === 1);

  await worker.stop();

  const run = await setup.realm.events.get(key);
  expect(run && statuses(run)).toEqual(["starting", "running", "complete"]);
  await expect(stat(worker.folder)).rejects.toThrow("ENOENT");
});

test("a boolean of the realm may be a number of DynamoDB (WK-177)", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [{ job_id: "bad", payload: null }],
    record: { config: { DEBUG: new DecimalValue("1") } },
  });
  await setup.start();

  expect(infoOf(await setup.run("bad"), "failed")).toHaveProperty("exception");
});
