import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type DataMap, DecimalValue } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { type WorkerRealm, workerRealm } from "./worker-realm.ts";

/** No lease ends in these tests, however busy the machine is. */
const calm = { leaseMs: 30_000 };

const n = (value: number): DecimalValue => new DecimalValue(String(value));
const statuses = ({ log }: RunRecord): string[] => log.map(({ status }) => status);

async function lines(file: string): Promise<string[]> {
  return (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean);
}

async function put({ realm }: WorkerRealm, jobs: readonly DataMap[]): Promise<void> {
  const job = { type: "cmd", worker: "core", enabled: true, payload: null };
  await Promise.all(jobs.map((item) => realm.jobs.put({ ...job, ...item })));
}

/** A cmd job that notes each try in a file and ends with the next of `ends`; the last one for ever. */
function tries(job_id: string, file: string, ends: readonly number[], more: DataMap = {}) {
  const script = `echo x >> ${file}; n=$(wc -l < ${file}); set -- ${ends.join(" ")}; while [ $n -gt 1 -a $# -gt 1 ]; do shift; n=$((n-1)); done; exit $1`;
  return { job_id, payload: "sh", parameters: { args: ["-c", script] }, ...more };
}

test("a run with no data yet is put off, holds no slot meanwhile, and goes on as the same run (SIB-BDRC-12)", async () => {
  await using setup = await workerRealm(calm);
  const file = join(setup.folder, "tries");
  await put(setup, [
    tries("wait", file, [75, 75, 0], {
      "x-lava-defer": { exit_status: [75], delay: "1s", limit: 5 },
      on_retry: [{ action: "log", message: "no data" }],
      on_fail: [{ action: "log", message: "page somebody" }],
    }),
    { job_id: "other", payload: "true" },
  ]);
  await setup.start({ threads: 1 });

  const { run_id } = await setup.realm.dispatch({ job_id: "wait" });
  const key = { job_id: "wait", run_id };
  const waiting = await eventually(async () => {
    const record = await setup.realm.events.get(key);
    return record?.extra["x_state"] === "up_for_retry" ? record : undefined;
  });
  expect(waiting).toMatchObject({
    status: "retrying",
    extra: { x_reason: "deferred", x_deferrals: n(1) },
  });
  const other = await setup.run("other");
  expect(other.status).toBe("complete");
  const run = await setup.ended(key);

  expect(run.status).toBe("complete");
  expect(await lines(file)).toHaveLength(3);
  expect(run.extra).toMatchObject({ x_deferrals: n(2), x_iteration: n(0), x_attempt: n(3) });
  const round = ["starting", "running", "retrying", "retrying"];
  expect(statuses(run)).toEqual([...round, ...round, "starting", "running", "complete"]);
  const said = setup.logs.map(({ message }) => message);
  expect(said.filter((message) => message === "no data")).toHaveLength(2);
  expect(said).not.toContain("page somebody");
});

test("a run that was put off often enough fails, as does one without x-lava-defer", async () => {
  await using setup = await workerRealm(calm);
  const file = join(setup.folder, "tries");
  await put(setup, [
    tries("wait", file, [75], { "x-lava-defer": { delay: 0, limit: 1 } }),
    tries("plain", join(setup.folder, "plain"), [75]),
  ]);
  await setup.start();

  const [wait, plain] = await Promise.all([setup.run("wait"), setup.run("plain")]);

  expect(wait).toMatchObject({ status: "failed", extra: { x_reason: "program_failed" } });
  expect(await lines(file)).toHaveLength(2);
  expect(plain.status).toBe("failed");
});

test("a run that is put off for more than 15 minutes is kept by a due item, with its message", async () => {
  await using setup = await workerRealm(calm);
  await put(setup, [
    tries("wait", join(setup.folder, "tries"), [75], { "x-lava-defer": { delay: "6h" } }),
  ]);
  await setup.start();
  const { run_id } = await setup.realm.dispatch({ job_id: "wait", globals: { day: "mon" } });

  const next = await eventually(async () => (await setup.realm.due.list("core")).next);
  await eventually(async () => (await setup.messages()) === 0);

  const hours = (next - Date.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(5.9);
  expect(hours).toBeLessThan(6.1);
  const run = await setup.realm.events.get({ job_id: "wait", run_id });
  expect(run?.extra).toMatchObject({ x_state: "up_for_retry" });
  expect(run?.extra["x_holder"]).toBeUndefined();
});

test("a message that comes before its run is due is put back and counts for nothing", async () => {
  await using setup = await workerRealm(calm);
  const file = join(setup.folder, "tries");
  await put(setup, [tries("wait", file, [75], { "x-lava-defer": { delay: "6h" } })]);
  await setup.start();
  const { run_id } = await setup.realm.dispatch({ job_id: "wait" });
  await eventually(async () => (await setup.realm.due.list("core")).next);
  await eventually(async () => (await setup.messages()) === 0);

  await setup.realm.dispatch({ job_id: "wait", run_id });
  const run = await eventually(async () => {
    const record = await setup.realm.events.get({ job_id: "wait", run_id });
    return record?.extra["x_reason"] === "not_due" ? record : undefined;
  });

  expect(await lines(file)).toHaveLength(1);
  expect(run.extra).toMatchObject({ x_deferrals: n(1), x_state: "up_for_retry" });
});

test("x-lava-retry with long waits gives the run back and goes on with the next attempt", async () => {
  await using setup = await workerRealm(calm);
  const file = join(setup.folder, "tries");
  await put(setup, [
    tries("flaky", file, [1, 1, 0], {
      "x-lava-retry": { limit: 3, delay: "1s", factor: 1, jitter: 0 },
    }),
  ]);
  await setup.start({ longWait: 0.5 });

  const run = await setup.run("flaky");

  expect(run.status).toBe("complete");
  expect(await lines(file)).toHaveLength(3);
  expect(run.log.filter(({ status }) => status === "running").map(({ info }) => info)).toEqual([
    "Iteration 1",
    "Iteration 2",
    "Iteration 3",
  ]);
  expect(run.extra).toMatchObject({ x_attempt: n(3), x_iteration: n(2) });
});

test("an attempt can begin in an empty folder (WK-074)", async () => {
  await using setup = await workerRealm(calm);
  const args = ["-c", "ls; test -e $LAVA_TRIED && exit 0; touch $LAVA_TRIED left; exit 1"];
  const env = { LAVA_TRIED: join(setup.folder, "tried") };
  const job = { payload: "sh", parameters: { args, env }, iteration_limit: 2 };
  await put(setup, [
    { job_id: "clean", ...job, "x-lava-clean-dir": true },
    { job_id: "shared", ...job, parameters: { args, env: { LAVA_TRIED: `${env.LAVA_TRIED}2` } } },
  ]);
  await setup.start();

  const output = async (job_id: string): Promise<string> => {
    const run = await setup.run(job_id);
    return Buffer.from((await setup.realm.temp.getOutput(run, "stdout")) ?? []).toString();
  };

  expect(await output("clean")).not.toContain("left");
  expect(await output("shared")).toContain("left");
});

test.each([
  ["cmd", { payload: "sleep 60" }],
  ["chain", { type: "chain", payload: "slow" }],
  ["dag", { type: "dag", payload: { slow: null } }],
])("x-lava-timeout ends a %s job with all that it runs", async (_, job) => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      { job_id: "limited", ...job, "x-lava-timeout": "1s" },
      { job_id: "slow", payload: "sleep 60" },
    ],
  });
  const worker = await setup.start();

  const run = await setup.run("limited");

  expect(run).toMatchObject({ status: "failed", extra: { x_reason: "timeout" } });
  expect(run.log.at(-1)?.info).toMatchObject({ error: "Timed out after 1.0 seconds" });
  expect(worker.deferredTasks).toBe(0);
  if ("type" in job) {
    const child = await setup.realm.events.get({ job_id: "slow", run_id: run.run_id });
    expect(child).toMatchObject({ status: "failed", extra: { x_reason: "stopped" } });
  }
});

test("a timeout counts for one attempt, and the parameter `timeout` has its reason too", async () => {
  await using setup = await workerRealm(calm);
  const once = join(setup.folder, "once");
  const args = ["-c", `test -e ${once} || { touch ${once}; echo one; sleep 60; }`];
  await put(setup, [
    {
      job_id: "twice",
      payload: "sh",
      parameters: { args },
      iteration_limit: 2,
      "x-lava-timeout": "1s",
    },
    { job_id: "own", payload: "sleep 60", parameters: { timeout: "0.2s" } },
  ]);
  await setup.start();

  const [twice, own] = await Promise.all([setup.run("twice"), setup.run("own")]);
  const printed = await setup.realm.temp.getOutput(twice, "stdout");

  expect(statuses(twice)).toEqual(["starting", "running", "retrying", "running", "complete"]);
  expect(String(Buffer.from(printed ?? []))).toBe("one\n");
  expect(own).toMatchObject({ status: "failed", extra: { x_reason: "timeout" } });
});

test("a job whose fields beyond the original are wrong is rejected with what is wrong", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [
      { job_id: "bad", payload: "true", "x-lava-retry": { limit: "many" } },
      { job_id: "lost", payload: "true", "x-lava-pool": "nowhere" },
    ],
  });
  await setup.start();

  const [bad, lost] = await Promise.all([setup.run("bad"), setup.run("lost")]);

  expect(bad).toMatchObject({ status: "rejected", extra: { x_reason: "bad_job_extension" } });
  expect(bad.log.at(-1)?.info).toBe("Bad x-lava-retry: limit: must be a number");
  expect(lost).toMatchObject({ status: "rejected", extra: { x_reason: "no_such_pool" } });
});

test("children that wait for their next attempt hold no slot of the worker", async () => {
  await using setup = await workerRealm(calm);
  const gate = join(setup.folder, "gate");
  // They are tried until the other job has run, for which the only slot must be free.
  const child = {
    payload: "test",
    parameters: { args: ["-e", gate] },
    iteration_limit: 10,
    iteration_delay: "1s",
  };
  await put(setup, [
    { job_id: "top", type: "dag", payload: { x: null, y: null }, parameters: { workers: 2 } },
    { job_id: "x", ...child },
    { job_id: "y", ...child },
    { job_id: "other", payload: "touch", parameters: { args: [gate] } },
  ]);
  await setup.start({ threads: 1 });
  const top = await setup.realm.dispatch({ job_id: "top" });
  await eventually(async () => {
    const run = await setup.realm.events.get({ job_id: "x", run_id: top.run_id });
    return run?.status === "retrying";
  });

  const other = await setup.run("other");
  const run = await setup.ended(top);

  expect([other.status, run.status]).toEqual(["complete", "complete"]);
});
