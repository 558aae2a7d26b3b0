import { DecimalValue } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { workerRealm } from "./worker-realm.ts";

const statuses = ({ log }: RunRecord): string[] => log.map(({ status }) => status);
const info = ({ log }: RunRecord, status: string): unknown =>
  log.find((entry) => entry.status === status)?.info;

test("a run ends with its events, its outputs and no message (WK-050 to WK-067)", async () => {
  const job = { job_id: "t/cmd", payload: "sh -c 'echo $LAVA_JOB_ID $X; echo oops >&2'" };
  await using setup = await workerRealm({
    jobs: [{ ...job, parameters: { env: { X: "{{ globals.g }}" } }, globals: { g: "own" } }],
  });
  await setup.start();

  const run = await setup.run("t/cmd", { job_id: "t/cmd", globals: { g: "sent" } });

  expect(statuses(run)).toEqual(["starting", "running", "complete"]);
  expect(run.log.map(({ info }) => info).slice(0, 2)).toEqual([null, "Iteration 1"]);
  const uri = setup.realm.temp.runUri(run);
  expect(info(run, "complete")).toEqual({
    exit_status: new DecimalValue("0"),
    error: null,
    output: [
      {
        payload: job.payload,
        exit_status: new DecimalValue("0"),
        stdout: `${uri}/stdout`,
        stderr: `${uri}/stderr`,
      },
    ],
  });
  const stdout = await setup.realm.temp.getOutput(run, "stdout");
  expect(Buffer.from(stdout ?? []).toString()).toBe("t/cmd sent\n");
  expect(run).toMatchObject({ worker: "core", status: "complete" });
  expect(Object.keys(run.log[0] ?? {}).sort()).toEqual(["info", "status", "ts_event", "tu_event"]);
  await eventually(async () => (await setup.messages()) === 0);
});

test("a failure carries error_data with the partial result (WK-063, JOB-cmd-07)", async () => {
  const payload = "sh -c 'echo no >&2; exit 3'";
  await using setup = await workerRealm({ jobs: [{ job_id: "bad", payload }] });
  await setup.start();

  const run = await setup.run("bad");

  expect(statuses(run)).toEqual(["starting", "running", "failed"]);
  const three = new DecimalValue("3");
  expect(info(run, "failed")).toEqual({
    error: "Failed with exit status 3",
    error_data: {
      exit_status: three,
      error: "no",
      output: [{ payload, exit_status: three, stderr: `${setup.realm.temp.runUri(run)}/stderr` }],
    },
  });
});

test("a job is tried as often as it says, in the same directory (WK-061, WK-074)", async () => {
  const payload = `sh -c 'echo x >> tries; test $(wc -l < tries) -ge 3'`;
  await using setup = await workerRealm({
    jobs: [{ job_id: "again", payload, iteration_limit: 3, iteration_delay: 0.05 }],
  });
  await setup.start();

  const run = await setup.run("again");

  expect(statuses(run)).toEqual([
    "starting",
    ...["running", "retrying", "running", "retrying"],
    ...["running", "complete"],
  ]);
  expect(run.log.filter(({ status }) => status === "running").map(({ info }) => info)).toEqual([
    "Iteration 1",
    "Iteration 2",
    "Iteration 3",
  ]);
  expect(setup.logs.map(({ message }) => message)).toContain(
    `Job again (${run.run_id}): Will retry in 0.05 seconds`,
  );
});

test("actions follow the end of a run; the realm's where the job has none (ACT-all-01..03)", async () => {
  const log = (message: string) => [{ action: "log", message }];
  await using setup = await workerRealm({
    jobs: [
      { job_id: "good", payload: "true", on_success: log("won {{ result.exit_status }}") },
      { job_id: "bad", payload: "false" },
      { job_id: "silent", payload: "false", on_fail: [] },
      { job_id: "odd", payload: "true", on_success: [{ action: "nope" }] },
    ],
    record: { on_fail: log("lost {{ job.job_id }}: {{ result.error }}") },
  });
  await setup.start();

  await setup.run("good");
  await setup.run("bad");
  await setup.run("silent");
  const odd = await setup.run("odd");

  const messages = setup.logs.map(({ message }) => message);
  expect(messages).toContain("won 0");
  expect(messages).toContain("lost bad: Failed with exit status 1");
  expect(messages.filter((text) => text.includes("lost"))).toHaveLength(1);
  expect(odd.status).toBe("action_failed");
  expect(statuses(odd)).toEqual(["starting", "running", "complete", "action_failed"]);
  expect(info(odd, "action_failed")).toBe("on_success action: nope: unknown action");
});

test("what is disabled, too late, too often or of no type has its own end", async () => {
  await using setup = await workerRealm({
    jobs: [
      { job_id: "off", enabled: false },
      { job_id: "dynamic", payload: "true", enabled: "{{ globals.on }}" },
      { job_id: "odd", payload: "true", enabled: 1 },
      { job_id: "late", payload: "true", max_run_delay: 0.001 },
      { job_id: "often", payload: "true", iteration_limit: 11 },
      { job_id: "alien", payload: "true", type: "no_such_type" },
      { job_id: "keys", payload: "true", parameters: { what: 1 } },
      { job_id: "logged", payload: "true", event_log: { n: 1, who: "{{ job.job_id }}" } },
    ],
  });
  await setup.start();

  expect(statuses(await setup.run("off"))).toEqual(["skipped"]);
  const dynamic = await setup.run("dynamic", { job_id: "dynamic", globals: { on: "no" } });
  expect(statuses(dynamic)).toEqual(["starting", "skipped"]);
  expect(info(dynamic, "skipped")).toBe('Job not enabled (enabled="no")');
  const on = await setup.run("dynamic", { job_id: "dynamic", globals: { on: " TRUE " } });
  expect(on.status).toBe("complete");
  expect(statuses(await setup.run("odd"))).toEqual(["starting", "rejected"]);
  const often = await setup.run("often");
  expect(info(often, "rejected")).toBe("iteration_limit must be <= 10");
  const alien = await setup.run("alien");
  expect(info(alien, "failed")).toBe("no_such_type: Unknown job type");
  const keys = await setup.run("keys");
  expect(info(keys, "failed")).toEqual({
    error: "Bad job parameters: Unexpected keys: what",
    error_data: null,
  });
  const logged = await setup.run("logged");
  expect(statuses(logged)).toEqual(["starting", "logging", "running", "complete"]);
  expect(info(logged, "logging")).toEqual({ n: new DecimalValue("1"), who: "logged" });
});

test("a stored state replaces the default of the job (WK-055)", async () => {
  await using setup = await workerRealm({
    jobs: [{ job_id: "s", payload: "echo '{{ state.a }}' '{{ state.b }}'", state: { a: 1, b: 2 } }],
    state: { b: "stored" },
  });
  await setup.start();

  const run = await setup.run("s");

  const stdout = await setup.realm.temp.getOutput(run, "stdout");
  expect(Buffer.from(stdout ?? []).toString()).toBe("1 stored\n");
});

test("a timeout kills grandchildren (WK-104)", async () => {
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "slow",
        payload: "sh -c 'sleep 60 & echo $!; wait'",
        parameters: { timeout: 0.3 },
      },
    ],
  });
  await setup.start();

  const run = await setup.run("slow");

  expect(info(run, "failed")).toMatchObject({
    error: "Timed out after 0.3 seconds",
    error_data: { exit_status: new DecimalValue("28") },
  });
});
