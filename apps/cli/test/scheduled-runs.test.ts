import { type EmulatedRealm, emulatedRealm } from "@lava/testing";
import { startWorker } from "@lava/worker";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "./cli.ts";

let emulated: EmulatedRealm;
beforeAll(async () => {
  emulated = await emulatedRealm({
    workers: ["core", "other"],
    jobs: [
      { job_id: "app/later", payload: "true" },
      { job_id: "app/none", payload: "true" },
    ],
  });
});
afterAll(() => emulated[Symbol.asyncDispose]());

async function lava(...args: string[]) {
  return runCli(args, { env: { ...emulated.environment, LAVA_REALM: emulated.realm.name } });
}

async function json(...args: string[]): Promise<Record<string, unknown>[]> {
  return JSON.parse((await lava(...args, "--json")).stdout) as Record<string, unknown>[];
}

test("a run that waits for its time is listed as scheduled, is looked at by the beginning of its id, and is over once it is cancelled (CLI-090)", async () => {
  const sent = await lava("dispatch", "app/later", "-d", "1h", "--json");
  const [{ run_id, due }] = JSON.parse(sent.stdout) as [{ run_id: string; due: string }];
  const short = run_id.slice(0, 8);

  expect(await json("runs", "app/later")).toMatchObject([
    { run_id, status: "scheduled", state: "queued", due, started: null },
  ]);
  expect(await json("runs", "--status", "scheduled")).toMatchObject([{ run_id }]);
  expect(await json("runs", "--status", "failed")).toEqual([]);
  expect((await lava("runs")).stdout).toMatch(
    new RegExp(`DUE .*\\napp/later +${run_id} +scheduled .*${due.slice(11, 19)}`),
  );
  expect((await lava("events", "app/later", short)).stderr).toContain(`it is scheduled for ${due}`);
  expect((await lava("logs", "app/later", short)).stderr).toContain("NO_SUCH_OUTPUT");
  expect((await lava("rerun", "app/later", short)).stderr).toContain("RUN_NOT_OVER");

  const cancelled = await lava("cancel", "app/later", short, "--reason", "wrong day");

  expect(cancelled.stdout).toBe(`app/later ${run_id}: it was waiting for its time, and is over\n`);
  expect(await json("runs", "app/later")).toMatchObject([
    { status: "failed", state: "cancelled", due: null, error: expect.stringMatching(/wrong day$/) },
  ]);
  expect(await emulated.realm.due.waiting("core")).toEqual([]);
  expect((await lava("cancel", "app/later", short)).stderr).toContain("RUN_IS_OVER");
});

test("one that only its due item names, of another worker than its job's, is found as well", async () => {
  const run = { job_id: "app/none", run_id: "5107aaaa-0000-4000-8000-000000000000" };
  const due = Date.now() + 3_600_000;
  await emulated.realm.due.put({ ...run, worker: "other", body: "{}", due });

  expect(await json("runs", "app/none")).toMatchObject([{ ...run, status: "scheduled" }]);
  expect((await lava("cancel", "app/none", "5107", "--json")).stdout).toContain("ended");
  expect(await emulated.realm.due.waiting("other")).toEqual([]);
});

test("where realms have actions for cancelled runs, a run that waits is sent to its worker at once", async () => {
  await using typescript = await emulatedRealm({
    record: { config: { FLEET: "typescript", ON_FAIL_DISCARDED: true } },
    jobs: [{ job_id: "j", payload: "true", on_fail: [{ type: "log" }] }],
  });
  const env = { ...typescript.environment, LAVA_REALM: typescript.realm.name };
  const sent = await typescript.realm.send({ job_id: "j", delay: "1h" });

  const { stdout } = await runCli(["cancel", "j", sent.run_id.slice(0, 6), "--json"], { env });
  await using worker = await startWorker({
    realm: typescript.realm,
    worker: "core",
    env: {},
    batch: true,
    wait: 1,
  });
  await worker.done;

  expect(stdout).toContain("noted");
  const record = await typescript.realm.events.get({ job_id: "j", run_id: sent.run_id });
  expect(record).toMatchObject({ status: "failed", extra: { x_state: "cancelled" } });
});

test("an ambiguous beginning names the runs that it could mean, with their status", async () => {
  const origin = { worker: "core", hostname: "h" };
  const ids = ["abc1", "abc2", "xyz"];
  for (const run_id of ids) {
    await emulated.realm.events.append(
      { job_id: "many", run_id },
      { status: "complete" },
      { origin },
    );
  }

  for (const command of ["logs", "cancel", "rerun", "events"]) {
    const { status, stderr } = await lava(command, "many", "abc");
    expect(status).toBe(2);
    expect(stderr).toMatch(/2 runs of many begin with abc: abc. \(complete\), abc. \(complete\)/);
  }
  expect((await lava("logs", "many", "")).stderr).toContain("NO_SUCH_RUN");
  expect((await lava("events", "many", "xy")).stdout).toContain("many xyz");
});
