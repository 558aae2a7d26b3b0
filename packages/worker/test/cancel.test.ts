import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunKey, RunRecord } from "@lava/realm";
import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { type WorkerRealm, workerRealm } from "./worker-realm.ts";

const statuses = ({ log }: RunRecord): string[] => log.map(({ status }) => status);
const ON_FAIL = [{ action: "log", message: "failed: {{ result.error }}" }];
const STRICT = { config: { FLEET: "typescript", ON_FAIL_DISCARDED: true } };

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

const cancel = (setup: WorkerRealm, run: RunKey, reason?: string) =>
  setup.realm.runs.cancel({
    ...run,
    by: "me",
    hostname: "here",
    ...(reason === undefined ? {} : { reason }),
  });

test("a running run is cancelled: its processes end, then it is failed, and it does not come back; what it printed stays", async () => {
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "long",
        payload: "sh -c 'echo seen; echo $$ > $F; setsid sleep 61 & sleep 60'",
        on_fail: ON_FAIL,
      },
    ],
  });
  const file = join(setup.folder, "pid");
  await setup.start({
    cancelLook: 0.1,
    env: { PATH: process.env["PATH"], ...setup.emulated.environment, F: file },
  });
  const run = await setup.realm.dispatch({ job_id: "long" });
  const pid = Number(await eventually(() => readFile(file, "utf8")));

  const outcome = await cancel(setup, run, "not needed");
  const record = await setup.ended(run);

  expect(outcome).toBe("told");
  expect(isAlive(pid)).toBe(false);
  expect(String(Buffer.from((await setup.realm.temp.getOutput(run, "stdout")) ?? []))).toBe(
    "seen\n",
  );
  expect(statuses(record)).toEqual(["starting", "running", "failed"]);
  expect(record.log.at(-1)?.info).toEqual({
    error_data: null,
    error: "Cancelled by me: not needed",
  });
  expect(record.extra).toMatchObject({ x_state: "cancelled", x_reason: "cancelled" });
  await eventually(async () => (await setup.messages()) === 0);
  expect(setup.logs.map(({ message }) => message)).not.toContain(
    "failed: Cancelled by me: not needed",
  );
  await expect(cancel(setup, run)).rejects.toMatchObject({ code: "RUN_IS_OVER" });
});

test("a queued run that is cancelled never starts; on_fail follows where the realm asks for it", async () => {
  await using setup = await workerRealm({
    jobs: [{ job_id: "j", payload: "true", on_fail: ON_FAIL }],
    record: STRICT,
  });
  const run = await setup.realm.dispatch({ job_id: "j" });

  const outcome = await cancel(setup, run);
  await setup.start();
  const record = await setup.ended(run);

  expect(outcome).toBe("noted");
  expect(statuses(record)).toEqual(["starting", "failed"]);
  expect(record.extra).toMatchObject({ x_state: "cancelled", x_reason: "cancelled" });
  expect(setup.logs.map(({ message }) => message)).toContain("failed: Cancelled by me");
  await eventually(async () => (await setup.messages()) === 0);
});

test("children end with their parent, in their own items too", async () => {
  await using setup = await workerRealm({
    jobs: [
      { job_id: "chain", type: "chain", payload: "first, second" },
      { job_id: "first", payload: "sleep 60" },
      { job_id: "second", payload: "true" },
    ],
  });
  await setup.start({ cancelLook: 0.1 });
  const run = await setup.realm.dispatch({ job_id: "chain" });
  const child = { job_id: "first", run_id: run.run_id };
  await eventually(async () => (await setup.realm.events.get(child))?.status === "running");

  await expect(cancel(setup, child)).rejects.toMatchObject({ code: "RUN_IS_CHILD" });
  await cancel(setup, run);
  const record = await setup.ended(run);

  expect(record.extra).toMatchObject({ x_state: "cancelled" });
  const first = await setup.realm.events.get(child);
  expect(first?.status).toBe("failed");
  expect(first?.extra).toMatchObject({ x_state: "cancelled", x_reason: "cancelled" });
  expect(await setup.realm.events.get({ job_id: "second", run_id: run.run_id })).toBeUndefined();
});

test("a run between two attempts is cancelled at once", async () => {
  await using setup = await workerRealm({
    jobs: [{ job_id: "j", payload: "false", iteration_limit: 2, iteration_delay: 50 }],
  });
  await setup.start({ cancelLook: 0.1, longWait: 600 });
  const run = await setup.realm.dispatch({ job_id: "j" });
  await eventually(async () => (await setup.realm.events.get(run))?.status === "retrying");

  await cancel(setup, run);

  expect((await setup.ended(run)).extra).toMatchObject({ x_state: "cancelled" });
});

test("a run that was given back is over at once, and its message finds it so", async () => {
  await using setup = await workerRealm({
    jobs: [{ job_id: "j", payload: "sh -c 'exit 75'", "x-lava-defer": { delay: "2s" } }],
  });
  await setup.start();
  const run = await setup.realm.dispatch({ job_id: "j" });
  await eventually(async () => {
    const { status, extra } = (await setup.realm.events.get(run)) ?? {};
    return status === "retrying" && extra?.["x_holder"] === undefined;
  });

  expect(await cancel(setup, run)).toBe("ended");
  await eventually(async () => (await setup.messages()) === 0);

  const record = await setup.realm.events.get(run);
  expect(statuses(record as RunRecord).at(-1)).toBe("failed");
});

test("a run that waits for hours is ended by a worker at once where its on_fail is to follow", async () => {
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "j",
        payload: "sh -c 'exit 75'",
        "x-lava-defer": { delay: "6h" },
        on_fail: [{ action: "log", message: "{{ job.globals.day }}: {{ result.error }}" }],
      },
    ],
    record: STRICT,
  });
  await setup.start();
  const run = await setup.realm.dispatch({ job_id: "j", globals: { day: "mon" } });
  await eventually(async () => {
    const { extra } = (await setup.realm.events.get(run)) ?? {};
    return extra?.["x_state"] === "up_for_retry" && extra["x_holder"] === undefined;
  });
  await eventually(async () => (await setup.messages()) === 0);

  expect(await cancel(setup, run)).toBe("noted");
  const record = await setup.ended(run);

  expect(record).toMatchObject({ status: "failed", extra: { x_state: "cancelled" } });
  expect(setup.logs.map(({ message }) => message)).toContain("mon: Cancelled by me");
  await eventually(async () => (await setup.messages()) === 0);
});

test("a deadline stops what goes on and rejects what has not begun", async () => {
  await using setup = await workerRealm({
    jobs: [
      { job_id: "long", payload: "sleep 60" },
      { job_id: "late", payload: "true", on_fail: ON_FAIL },
    ],
    record: STRICT,
  });
  const { realm } = setup;
  const late = await realm.dispatch({ job_id: "late", deadline: Date.now() + 50 });
  await eventually(() => Date.now() > Date.parse(late.ts_dispatch) + 1100);
  const long = await realm.dispatch({ job_id: "long", deadline: Date.now() + 1500 });
  await setup.start();

  const [rejected, stopped] = await Promise.all([setup.ended(late), setup.ended(long)]);

  expect(statuses(rejected)).toEqual(["starting", "rejected"]);
  expect(rejected.extra).toMatchObject({ x_state: "late", x_reason: "deadline" });
  expect(setup.logs.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/^failed: Its deadline .* has passed$/),
  );
  expect(statuses(stopped)).toEqual(["starting", "running", "failed"]);
  expect(stopped.extra).toMatchObject({ x_state: "cancelled", x_reason: "deadline" });
  await expect(realm.dispatch({ job_id: "late", deadline: 1 })).rejects.toMatchObject({
    code: "BAD_DEADLINE",
  });
});
