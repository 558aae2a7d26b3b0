import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import type { RunRecord } from "@lava/realm";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "./eventually.ts";
import { workerRealm, type WorkerRealm } from "./worker-realm.ts";

const info = ({ log }: RunRecord, status = "complete"): unknown =>
  log.find((entry) => entry.status === status)?.info;

async function output(setup: WorkerRealm, run: RunRecord, name: string): Promise<string> {
  return Buffer.from((await setup.realm.temp.getOutput(run, name)) ?? []).toString();
}

test("exe runs every file of its prefix in order, in the job's directory (JOB-exe-04..08, T-65, T-77)", async () => {
  const script = (text: string): string =>
    `#!/bin/sh\necho ${text} "$@" $(basename "$PWD")\nstat -c %a "$0" >&2\n`;
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "x",
        type: "exe",
        payload: "go/a.sh '{{ vars.v }}'",
        parameters: { args: [3, true], vars: { v: "one two" } },
      },
    ],
    payloads: { "go/a.sh": script("first"), "go/a.sh.bak": script("second"), "go/b.sh": "no" },
  });
  await setup.start();

  const run = await setup.run("x");

  expect(info(run)).toMatchObject({ output: [{ payload: "a.sh" }, { payload: "a.sh.bak" }] });
  expect(await output(setup, run, "a.sh.stdout")).toBe(`first one two 3 True ${run.run_id}\n`);
  expect(await output(setup, run, "a.sh.bak.stdout")).toContain("second");
  // Only its owner may run a file.
  expect(await output(setup, run, "a.sh.stderr")).toMatch(/^7[0246][0246]\n$/);
});

test("children of the first downloader keep their outputs apart, and a realm may want exact names (WK-085, WK-093, WK-097)", async () => {
  const script = "#!/bin/sh\necho $1\n";
  await using setup = await workerRealm({
    jobs: [
      { job_id: "chain", type: "chain", payload: ["one", "two"] },
      { job_id: "one", type: "exe", payload: "go/a.sh 1" },
      { job_id: "two", type: "exe", payload: "go/a.sh 2" },
    ],
    payloads: { "go/a.sh": script, "go/a.sh.bak": "not to be run" },
    env: { LAVA_PAYLOAD_DOWNLOADER: "v1", LAVA_PAYLOAD_EXACT: "true" },
  });
  await setup.start();

  const chain = await setup.run("chain");
  const { run_id } = chain;

  expect(chain.status, JSON.stringify(chain.log)).toBe("complete");
  for (const [job_id, text] of [
    ["one", "1\n"],
    ["two", "2\n"],
  ] as const) {
    // Events of children are written behind the run's back.
    const child = await eventually(async () => {
      const record = await setup.realm.events.get({ job_id, run_id });
      return record?.status === "complete" ? record : undefined;
    });
    expect(info(child)).toMatchObject({ output: [{ payload: "a.sh" }] });
    expect(await output(setup, child, "a.sh.stdout")).toBe(text);
  }
});

test("a payload that is missing or too large is one clear failure (WK-092, WK-094)", async () => {
  await using setup = await workerRealm({
    jobs: [
      { job_id: "gone", type: "exe", payload: "none.sh" },
      { job_id: "large", type: "exe", payload: "large.sh" },
    ],
    payloads: { "large.sh": "x".repeat(2000) },
    env: { LAVA_EXE_MAX_PAYLOAD_SIZE: "1K" },
  });
  await setup.start();

  expect(info(await setup.run("gone"), "failed")).toEqual({
    error: "No payload files downloaded from S3 for payload: none.sh",
    error_data: null,
  });
  expect(info(await setup.run("large"), "failed")).toMatchObject({
    error: expect.stringMatching(/large\.sh: Payload size 2000 exceeds maximum of 1K$/),
  });
});

test("pkg unpacks an archive and runs a command of it in the package (JOB-pkg-05..09)", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lava-pkg-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "bin/main.sh"), '#!/bin/sh\ncat data.txt; echo "$1" >&2\n');
  await writeFile(join(folder, "data.txt"), "inside\n");
  execFileSync("tar", ["-czf", join(folder, "p.tar.gz"), "-C", folder, "bin", "data.txt"]);
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "p",
        type: "pkg",
        payload: "p.tar.gz",
        parameters: { command: "bin/main.sh 'a b'" },
      },
      { job_id: "none", type: "pkg", payload: "p.tar.gz", parameters: { command: "bin/none" } },
      { job_id: "bad", type: "pkg", payload: "bad.zip", parameters: { command: "x" } },
    ],
    payloads: { "p.tar.gz": await readFile(join(folder, "p.tar.gz")), "bad.zip": "no zip" },
  });
  await setup.start();

  const run = await setup.run("p");
  expect(info(run)).toMatchObject({ output: [{ payload: "p.tar.gz" }] });
  expect(await output(setup, run, "p.tar.gz.stdout")).toBe("inside\n");
  expect(await output(setup, run, "p.tar.gz.stderr")).toBe("a b\n");
  expect(info(await setup.run("none"), "failed")).toMatchObject({
    error: expect.stringMatching(
      /^\[Errno 2\] No such file or directory: '.*\/1\.\w{8}\.pkg\/bin\/none'$/,
    ),
  });
  expect(info(await setup.run("bad"), "failed")).toMatchObject({
    error: expect.stringMatching(/^Cannot unpack .*bad\.zip into /),
  });
});

test("log writes the augmented spec, secrets hidden (JOB-log-01, JOB-log-02)", async () => {
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "l",
        type: "log",
        parameters: { any: 1, password: "hidden!" },
        globals: { g: "x" },
      },
    ],
  });
  await setup.start();

  const run = await setup.run("l");

  const text = setup.logs.find(({ message }) => message.startsWith("{\n    "))?.message ?? "";
  expect(text).not.toContain("hidden!");
  expect(JSON.parse(text)).toMatchObject({
    job_id: "l",
    run_id: run.run_id,
    realm: setup.realm.name,
    parameters: { any: 1, password: "****" },
    globals: { g: "x", lava: { master_job_id: "l", parent_job_id: "l", iteration: 1 } },
  });
});

test("jobs have the environment of WK-120 to WK-126 and of the endpoint", async () => {
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "e/nv",
        payload: "env",
        owner: "me",
        parameters: { env: { LAVA_JOB_ID: "mine", OWN: "{{ job.owner }}" } },
      },
    ],
    record: { s3_key: "alias/own" },
  });
  await setup.start();

  const run = await setup.run("e/nv");

  const env = Object.fromEntries(
    (await output(setup, run, "stdout")).split("\n").map((line) => line.split("=", 2)),
  ) as Record<string, string>;
  expect(env).toMatchObject({
    LAVA_REALM: setup.realm.name,
    LAVA_WORKER: "core",
    LAVA_OWNER: "me",
    LAVA_JOB_ID: "e/nv",
    LAVA_RUN_ID: run.run_id,
    LAVA_S3_KEY: "alias/own",
    LAVA_S3_TMP: setup.realm.temp.runUri(run),
    LAVA_EPOCH: "1",
    LAVA_IDEMPOTENCY_KEY: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[-0-9a-f]{21}$/),
    LAVA_PROCESS: expect.stringMatching(/^[-0-9a-f]{36}\.\d+$/),
    OWN: "me",
    AWS_ENDPOINT_URL: setup.emulated.environment["AWS_ENDPOINT_URL"],
  });
  expect(env["TMPDIR"]).toMatch(/\/lava\/\w+\/core\.\d+(-\d+)?\/[-\w]+\/\.lava\.\w{8}\.tmp$/);
});

test("outputs are encrypted as the realm says (WF-160)", async () => {
  await using setup = await workerRealm({ jobs: [{ job_id: "o", payload: "echo x" }] });
  await setup.start();

  const run = await setup.run("o");

  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(setup.realm.temp.runUri(run)) ?? [];
  const s3 = await setup.realm.clients.s3();
  const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: `${key}/stdout` }));
  expect(head.ServerSideEncryption).toBe("AES256");
});

test("children have items of their own under the parent's run id (JOB-all-05, JOB-all-06)", async () => {
  const echo =
    "echo '{{ globals.g }} {{ globals.lava.parent_job_id }} {{ globals.lava.master_job_id }}'";
  await using setup = await workerRealm({
    jobs: [
      { job_id: "chain", type: "chain", payload: ["a", "off", "b"], globals: { g: "parent" } },
      { job_id: "a", payload: echo, globals: { g: "own" } },
      { job_id: "off", payload: "false", enabled: false },
      {
        job_id: "b",
        payload: "true",
        on_success: [{ action: "log", message: "b of {{ globals.lava.parent_job_id }}" }],
      },
      { job_id: "ring", type: "chain", payload: "ring" },
    ],
  });
  await setup.start();

  const run = await setup.run("chain");
  const child = (job_id: string) => setup.realm.events.get({ job_id, run_id: run.run_id });

  expect(info(run)).toMatchObject({ jobs: ["a", "off", "b"], failed_jobs: [] });
  const a = await child("a");
  expect(a?.log.map(({ status }) => status)).toEqual(["starting", "running", "complete"]);
  expect(a?.ts_dispatch).toBe(run.ts_dispatch);
  expect(await output(setup, a as RunRecord, "stdout")).toBe("parent chain chain\n");
  expect((await child("off"))?.log.map(({ status }) => status)).toEqual(["skipped"]);
  expect(setup.logs.map(({ message }) => message)).toContain("b of chain");
  expect(info(await setup.run("ring"), "failed")).toMatchObject({
    error: "Job ring: Job ring: contains itself: ring > ring",
  });
});

test("a dispatch action sends a run that knows its parent, and gives it the same id every time", async () => {
  const on_success = [
    { action: "dispatch", job_id: "next", parameters: { vars: { from: "{{ job.job_id }}" } } },
  ];
  await using setup = await workerRealm({
    jobs: [
      { job_id: "first", payload: "true", on_success, globals: { g: 1 } },
      {
        job_id: "next",
        payload: "echo '{{ vars.from }} {{ globals.g }} {{ globals.lava.parent_job_id }}'",
      },
    ],
  });
  await setup.start();

  await setup.run("first");
  const next = await eventually(async () => {
    const { items } = await setup.realm.events.listByJob("next");
    return items.find(({ status }) => status === "complete");
  });

  expect(await output(setup, next, "stdout")).toBe("first 1 first\n");
  expect(next.run_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
});
