import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { workerMain } from "@lava/app-worker";
import { type EmulatedRealm, emulatedRealm } from "@lava/testing";
import type { Worker } from "@lava/worker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkNode, isOlder } from "../src/doctor/host-checks.ts";
import { checkSkew } from "../src/doctor/realm-checks.ts";
import { runCli } from "./cli.ts";

let emulated: EmulatedRealm;
let folder: string;
let env: Record<string, string | undefined>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-ps-"));
  emulated = await emulatedRealm({ jobs: [{ job_id: "app/long", payload: "sleep 60" }] });
  env = { PATH: process.env["PATH"], ...emulated.environment, LAVA_TMPDIR: join(folder, "tmp") };
});
afterAll(async () => {
  await emulated[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let n = 0; n < 500; n += 1) {
    const found = await ask();
    if (found !== undefined) return found;
    await delay(20);
  }
  throw new Error("not in time");
}

describe("lava ps", () => {
  test("shows the workers of a realm and of this host, and their runs", async () => {
    const ready = Promise.withResolvers<Worker>();
    const argv = ["-r", emulated.realm.name, "-w", "core", "--root", "--log", join(folder, "log")];
    const ended = workerMain(argv, { env, onReady: ready.resolve });
    const worker = await ready.promise;
    const run = await emulated.realm.dispatch({ job_id: "app/long" });
    await eventually(async () =>
      (await emulated.realm.events.get(run))?.status === "running" ? true : undefined,
    );
    const runs = [{ job_id: "app/long", run_id: run.run_id, status: "running" }];

    const realm = await runCli(["ps", "--json"], { env });
    expect(JSON.parse(realm.stdout)).toMatchObject({
      realm: emulated.realm.name,
      queues: [{ worker: "core", visible: 0, hidden: 1 }],
      workers: [{ worker: "core", pid: process.pid, state: "live", slots: 5, runs }],
    });
    const table = await runCli(["ps"], { env });
    expect(table.stdout).toMatch(
      /^worker +host +pid +state +slots +runs\ncore .* live +5 +app\/long /,
    );
    expect(table.stdout).toContain("queue of core: 0 waiting, 1 in work, 0 delayed");
    const local = await runCli(["ps", "--local", "--json"], { env });
    expect(JSON.parse(local.stdout)).toMatchObject([
      { realm: emulated.realm.name, worker: "core", pid: process.pid, state: "running", runs },
    ]);
    expect((await runCli(["ps", "--local"], { env })).stdout).toContain("app/long");

    const draining = worker.stop("drain");
    const seen = await eventually(async () => {
      const { stdout } = await runCli(["ps", "--json"], { env });
      const [row] = (JSON.parse(stdout) as { workers: Record<string, unknown>[] }).workers;
      return row?.["state"] === "draining" ? row : undefined;
    });
    expect(seen).toMatchObject({ draining_since: expect.stringMatching(/^20.*Z$/), runs });
    expect((await runCli(["ps"], { env })).stdout).toMatch(/ draining \d+ m?s +5 +app\/long /);
    expect((await runCli(["ps", "--local"], { env })).stdout).toMatch(
      / draining \d+ m?s .*app\/long/,
    );

    await worker.stop("kill");
    await Promise.all([ended, draining]);
    expect((await runCli(["ps"], { env })).stderr).toContain("holds a lease");
    expect((await runCli(["ps", "--all"], { env })).stdout).toContain("ended");
    expect(JSON.parse((await runCli(["ps", "--local", "--json"], { env })).stdout)).toEqual([]);
  });
});

describe("lava doctor", () => {
  const doctor = async (more: Record<string, string> = {}, ...args: string[]) => {
    const { status, stdout } = await runCli(["doctor", "--json", ...args], {
      env: { ...env, ...more },
    });
    const { ok, checks } = JSON.parse(stdout) as {
      ok: boolean;
      checks: { name: string; status: string; text: string }[];
    };
    return { status, ok, checks: new Map(checks.map((check) => [check.name, check])) };
  };

  test("finds a whole realm in order", async () => {
    const { status, ok, checks } = await doctor({}, "--worker", "core");

    expect([status, ok]).toEqual([0, true]);
    const { name } = emulated.realm;
    for (const each of [
      "node",
      "temporary directory",
      "identity",
      "clock",
      "realm",
      `table lava.${name}.jobs`,
      "queue of core",
      "writes to events",
      "writes to the temp area",
      "reads of payloads",
      "visibility of messages",
    ]) {
      expect(checks.get(each)?.status, each).toBe("ok");
    }
  });

  test.each<[string, Record<string, string>, string[], string]>([
    ["identity", { AWS_ENDPOINT_URL: "http://127.0.0.1:1" }, [], "127.0.0.1:1"],
    ["realm", { LAVA_REALM: "nowhere" }, [], "There is no realm nowhere"],
    ["queue of none", {}, ["--worker", "none"], "none"],
    ["temporary directory", { LAVA_TMPDIR: "/dev/null/x" }, [], "/dev/null/x"],
  ])("says what is wrong with the %s, and ends with 1", async (name, more, args, text) => {
    // Without programs on PATH: they take their time.
    const { status, ok, checks } = await doctor({ PATH: folder, ...more }, ...args);

    expect([status, ok]).toEqual([1, false]);
    expect(checks.get(name)).toMatchObject({
      status: "failed",
      text: expect.stringContaining(text),
    });
    expect(checks.get("python")).toMatchObject({ status: "warning", text: "no python3" });
  });

  test("warns of scheduled jobs that nobody dispatches", async () => {
    await using scheduled = await emulatedRealm({
      jobs: [{ job_id: "app/nightly", dispatcher: "main", schedule: "0 3 * * *" }],
    });
    const look = async () => (await doctor({ ...scheduled.environment })).checks.get("scheduler");
    expect((await doctor()).checks.has("scheduler")).toBe(false);
    expect(await look()).toMatchObject({
      status: "warning",
      text: "1 job with a schedule and no dispatcher: no scheduler has ever run",
    });

    const lease = scheduled.realm.schedule.leader("scheduler", "h", "node-1");
    const term = await lease.take(await lease.look());
    if (term === undefined) throw new Error("somebody leads");
    await lease.renew({ ...term, cursor: Date.now() });
    expect(await look()).toMatchObject({ status: "ok", text: "node-1 dispatches 1 job" });

    await lease.renew({ ...term, cursor: Date.now() - 600_000 });
    expect(await look()).toMatchObject({
      status: "warning",
      text: expect.stringMatching(/nothing was dispatched for 10 m/),
    });
  });

  test("without a realm it looks at this host", async () => {
    const { stdout, status } = await runCli(["doctor"], {
      env: { PATH: process.env["PATH"], LAVA_TMPDIR: folder },
      cwd: folder,
    });

    expect(status).toBe(0);
    expect(stdout).toMatch(/^ok: node: /);
    expect(stdout).toContain("skipped: realm: No realm was named");
  });

  test("versions and clocks are judged", () => {
    expect(
      ["22.1.0", "24.10.0", "24.11.0", "25.0.0", "26.0.0"].map((each) => checkNode(each).status),
    ).toEqual(["failed", "failed", "ok", "failed", "ok"]);
    expect(isOlder("1.26.27", [1, 28])).toBe(true);
    expect(isOlder("2.13.0", [2, 13])).toBe(false);
    expect([undefined, 1, -4, 60].map((each) => checkSkew(each).status)).toEqual([
      "skipped",
      "ok",
      "warning",
      "failed",
    ]);
  });
});
