import { randomUUID } from "node:crypto";
import type { RunRecord } from "@lava/realm";
import { UNROUTABLE_JOB_ID } from "@lava/spec";
import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { type WorkerRealm, workerRealm } from "./worker-realm.ts";

const statuses = ({ log }: RunRecord): string[] => log.map(({ status }) => status);
const TYPESCRIPT = { config: { FLEET: "typescript" } };

/** What became of each message that a worker took. */
async function settledBy(setup: WorkerRealm, more: Parameters<WorkerRealm["start"]>[0] = {}) {
  const settled: { how: string; message_id: string }[] = [];
  const worker = await setup.start(more);
  worker.events.on("settled", ({ how, message_id }) => settled.push({ how, message_id }));
  return settled;
}

test("malformed bodies of every kind are recorded and settled once, and the worker goes on", async () => {
  await using setup = await workerRealm({ jobs: [{ job_id: "fine", payload: "true" }] });
  const good = {
    realm: setup.realm.name,
    worker: "core",
    job_id: "fine",
    run_id: "r",
    ts_dispatch: "2026-11-23T18:47:15+11:00",
  };
  const bodies: [body: string, reason: string][] = [
    ["nothing", "malformed"],
    ["{", "malformed"],
    ["null", "malformed"],
    ["[]", "malformed"],
    ["1", "malformed"],
    ['"text"', "malformed"],
    ["{}", "malformed"],
    ["\u{10ffff} \u0085 {]", "malformed"],
    ["[".repeat(5000), "malformed"],
    ['{"job_id": NaN}', "malformed"],
    [JSON.stringify({ ...good, job_id: "" }), "malformed"],
    [JSON.stringify({ ...good, job_id: 7 }), "malformed"],
    [JSON.stringify({ ...good, run_id: { a: 1 } }), "malformed"],
    [JSON.stringify({ ...good, job_id: "j".repeat(3000) }), "malformed"],
    [JSON.stringify({ ...good, run_id: "é".repeat(600) }), "malformed"],
    [JSON.stringify({ ...good, job_id: "lava/workers/core" }), "reserved_job"],
    [JSON.stringify({ ...good, job_id: UNROUTABLE_JOB_ID }), "reserved_job"],
  ];
  const named: [more: object, reason: string][] = [
    [{ parameters: null }, "malformed"],
    [{ globals: [] }, "malformed"],
    [{ parameters: "x" }, "malformed"],
    [{ more: 1 }, "malformed"],
    [{ ts_dispatch: 5 }, "malformed"],
    [{ ts_dispatch: "" }, "malformed"],
    [{ worker: null }, "malformed"],
    [{ realm: "other" }, "realm_mismatch"],
    [{ job_id: "gone" }, "no_such_job"],
    [{ globals: { lava: { parent_start: "x" } } }, "bad_timestamp"],
  ];
  const settled = await settledBy(setup);
  const queue = setup.realm.queue("core");
  for (const [body] of bodies) await queue.sendBody(body);
  const keys = [];
  for (const [more, reason] of named) {
    const message = { ...good, run_id: randomUUID(), ...more };
    await queue.sendBody(JSON.stringify(message));
    keys.push({ job_id: message.job_id, run_id: message.run_id, reason });
  }

  const last = await setup.run("fine");
  await eventually(() => settled.length === bodies.length + named.length + 1);

  expect(last.status).toBe("complete");
  expect(new Set(settled.map(({ message_id }) => message_id)).size).toBe(settled.length);
  expect(new Set(settled.map(({ how }) => how))).toEqual(new Set(["deleted"]));
  const unroutable = await setup.realm.events.listByJob(UNROUTABLE_JOB_ID, { limit: 100 });
  const found = unroutable.items.map((run) => run.extra["x_reason"]).toSorted();
  expect(found).toEqual(bodies.map(([, reason]) => reason).toSorted());
  for (const { reason, ...key } of keys) {
    const run = await setup.realm.events.get(key);
    expect([key, run?.status, run?.extra["x_reason"]]).toEqual([key, "rejected", reason]);
  }
  expect(await setup.messages()).toBe(0);
});

test("the message of a long run goes on as a fresh copy, which its holder takes for its own", async () => {
  await using setup = await workerRealm({
    jobs: [{ job_id: "long", payload: "sleep 2.5" }],
    record: TYPESCRIPT,
  });
  const settled = await settledBy(setup, { messageLimit: 0.5, copyDelay: 0 });
  const { run_id } = await setup.realm.dispatch({ job_id: "long" });

  const run = await setup.ended({ job_id: "long", run_id });
  await eventually(async () => (await setup.messages()) === 0);

  expect(statuses(run)).toEqual(["starting", "running", "complete"]);
  expect(run.extra["x_epoch"]).toMatchObject({ text: "1" });
  expect(settled.length).toBeGreaterThan(2);
  expect(new Set(settled.map(({ message_id }) => message_id)).size).toBe(settled.length);
});

test("a copy that another worker gets goes round until the run is over", async () => {
  await using setup = await workerRealm({
    jobs: [{ job_id: "long", payload: "sleep 1.5" }],
    record: TYPESCRIPT,
  });
  const one = await setup.start({ threads: 1, messageLimit: 0.3, copyDelay: 0 });
  const { run_id } = await setup.realm.dispatch({ job_id: "long" });
  await eventually(() => one.running === 1);
  const settled = await settledBy(setup);

  const run = await setup.ended({ job_id: "long", run_id });

  expect(statuses(run)).toEqual(["starting", "running", "complete"]);
  await eventually(() => settled.some(({ how }) => how === "given_back"));
  const { delayed, visible, hidden } = await setup.realm.queue("core").depth();
  expect(delayed + visible + hidden).toBeLessThanOrEqual(1);
});

test("in a mixed fleet the message of a long run is deleted, since a Python worker would run it too", async () => {
  await using setup = await workerRealm({ jobs: [{ job_id: "long", payload: "sleep 1.5" }] });
  const settled = await settledBy(setup, { messageLimit: 0.3, copyDelay: 0 });
  const { run_id } = await setup.realm.dispatch({ job_id: "long" });

  await eventually(async () => (await setup.messages()) === 0);
  const during = await setup.realm.events.get({ job_id: "long", run_id });
  const run = await setup.ended({ job_id: "long", run_id });

  expect(during?.status).toMatch(/starting|running/);
  expect(run.status).toBe("complete");
  await eventually(() => settled.length === 1);
});

test("runs that were discarded have their actions where the realm asks for them", async () => {
  await using setup = await workerRealm({
    jobs: [
      { job_id: "late", payload: "true", max_run_delay: 0.001 },
      { job_id: "tries", payload: "true", max_tries: 1 },
    ],
    record: {
      config: { FLEET: "typescript", ON_FAIL_DISCARDED: true },
      on_fail: [{ action: "log", message: "lost {{ job.job_id }}: {{ result.error }}" }],
    },
  });
  const { realm } = setup;
  const tries = await realm.dispatch({ job_id: "tries" });
  await eventually(() => realm.queue("core").receive({ visibility: 0, wait: 1 }));
  const gone = await realm.dispatch({ job_id: "gone", worker: "core" });
  const late = await realm.dispatch({ job_id: "late" });
  await eventually(() => Date.now() > Date.parse(late.ts_dispatch) + 1100);
  const settled = await settledBy(setup);

  const ends = await Promise.all([tries, gone, late].map((run) => setup.ended(run)));
  await eventually(() => settled.length === 3);

  expect(ends.map(({ status, extra }) => [status, extra["x_state"], extra["x_reason"]])).toEqual([
    ["rejected", "over_tried", "max_tries"],
    ["rejected", "done", "no_such_job"],
    ["rejected", "late", "max_run_delay"],
  ]);
  const messages = setup.logs.map(({ message }) => message);
  expect(messages).toContain("lost tries: max_tries exceeded");
  expect(messages).toContain("lost gone: No such job");
  expect(messages).toContain("lost late: dispatch is more than 0.001 old");
  expect(await setup.messages()).toBe(0);
});
