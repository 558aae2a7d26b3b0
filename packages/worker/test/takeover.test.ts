import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunKey, RunRecord } from "@lava/realm";
import { expect, test, vi } from "vitest";
import { eventually } from "./eventually.ts";
import { spawnWorker } from "./spawn-worker.ts";
import { type WorkerRealm, workerRealm } from "./worker-realm.ts";

// Processes are started and leases run out: on a machine with other work that takes its time.
vi.setConfig({ testTimeout: 90_000 });

const statuses = ({ log }: RunRecord): string[] => log.map(({ status }) => status);

async function statusOf(setup: WorkerRealm, run: RunKey, status: string): Promise<boolean> {
  return (await setup.realm.events.get(run))?.status === status;
}

/** Zombies count as dead: they wait for whoever adopted them. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** A job that leaves its pid and epoch in a file, and sleeps when it runs for the first time. */
const payload = (file: string): string =>
  `sh -c 'echo $$ $LAVA_EPOCH >> ${file}; test $LAVA_EPOCH -gt 1 || sleep 60'`;

async function lines(file: string): Promise<string[]> {
  return (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean);
}

test("another worker takes a run over from one that was killed; its payload is dead by then (OPS-145)", async () => {
  await using setup = await workerRealm();
  const file = join(setup.folder, "pids");
  await setup.realm.jobs.put({
    job_id: "long",
    type: "cmd",
    worker: "core",
    enabled: true,
    payload: payload(file),
    on_success: [{ action: "log", message: "done once" }],
  });
  await using first = await spawnWorker(setup);
  const { run_id } = await setup.realm.dispatch({ job_id: "long" });
  await eventually(async () => (await lines(file)).length === 1);
  const pid = Number((await lines(file))[0]?.split(" ")[0]);
  await eventually(async () => statusOf(setup, { job_id: "long", run_id }, "running"));
  expect(isAlive(pid)).toBe(true);

  first.kill("SIGKILL");
  await eventually(() => !isAlive(pid));
  const second = await setup.start();
  const run = await setup.ended({ job_id: "long", run_id });

  expect(run.status).toBe("complete");
  expect(statuses(run)).toEqual([
    ...["starting", "running"],
    ...["retrying", "starting", "running", "complete"],
  ]);
  expect(run.log[2]?.info).toMatchObject({
    error: expect.stringMatching(/^Worker core\/.* was lost/),
  });
  // More than two where the machine was too busy for a renewal in time.
  const epochs = (await lines(file)).map((line) => Number(line.split(" ")[1]));
  expect(epochs[0]).toBe(1);
  expect(epochs.length).toBeGreaterThan(1);
  expect(epochs).toEqual([...new Set(epochs)].toSorted((a, b) => a - b));
  await eventually(async () => (await setup.messages()) === 0);
  await second.stop();
  expect(setup.logs.filter(({ message }) => message === "done once")).toHaveLength(1);
});

test("a worker that was stopped for longer than its lease kills its payload and reports nothing (OPS-145)", async () => {
  await using setup = await workerRealm();
  const file = join(setup.folder, "pids");
  const job = { job_id: "long", type: "cmd", worker: "core", enabled: true };
  await setup.realm.jobs.put({ ...job, payload: payload(file) });
  await using first = await spawnWorker(setup);
  const { run_id } = await setup.realm.dispatch({ job_id: "long" });
  await eventually(async () => (await lines(file)).length === 1);
  const pid = Number((await lines(file))[0]?.split(" ")[0]);

  first.kill("SIGSTOP");
  await eventually(() => !isAlive(pid));
  await setup.start();
  const run = await setup.ended({ job_id: "long", run_id });
  first.kill("SIGCONT");
  await eventually(() => first.output().includes("is lost") || first.output().includes("was lost"));
  first.kill("SIGTERM");
  await first.ended;

  const after = await setup.realm.events.get({ job_id: "long", run_id });
  expect(after?.log).toEqual(run.log);
  expect(statuses(run).filter((status) => status === "complete")).toHaveLength(1);
});

test("what a watchdog killed while its worker was stopped did not fail: the worker that goes on runs it again", async () => {
  await using setup = await workerRealm();
  const file = join(setup.folder, "pids");
  const job = { job_id: "long", type: "cmd", worker: "core", enabled: true };
  await setup.realm.jobs.put({ ...job, payload: payload(file) });
  await using worker = await spawnWorker(setup);
  const { run_id } = await setup.realm.dispatch({ job_id: "long" });
  await eventually(async () => (await lines(file)).length === 1);
  const pid = Number((await lines(file))[0]?.split(" ")[0]);

  worker.kill("SIGSTOP");
  await eventually(() => !isAlive(pid));
  worker.kill("SIGCONT");
  const run = await setup.ended({ job_id: "long", run_id });

  expect(run.status).toBe("complete");
  expect(statuses(run)).not.toContain("failed");
  const epochs = (await lines(file)).map((line) => Number(line.split(" ")[1]));
  expect(epochs[0]).toBe(1);
  expect(epochs.length).toBeGreaterThan(1);
  expect(epochs).toEqual([...new Set(epochs)].toSorted((a, b) => a - b));
});

test("a run whose actions were not done is not run again: only they are (design 5)", async () => {
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "acts",
        payload: "true",
        on_success: [
          { action: "log", message: "first" },
          { action: "log", message: "second" },
        ],
      },
    ],
  });
  const origin = { worker: "core", hostname: "gone" };
  const lease = setup.realm.runs.lease({ origin, process: "gone" });
  await lease.start();
  const { run_id } = await setup.realm.dispatch({ job_id: "acts" });
  const key = { job_id: "acts", run_id };
  const claim = await setup.realm.runs.claim(key, { holder: lease.holder, origin });
  if (claim.outcome !== "claimed") throw new Error(claim.outcome);
  await claim.run.finish({ status: "complete", info: { exit_status: 0 } }, { actions: true });
  await claim.run.noteAction("on_success-0", "done");
  await lease.end();

  await setup.start();
  const run = await setup.ended(key);

  expect(run.status).toBe("complete");
  expect(statuses(run)).not.toContain("running");
  const messages = setup.logs.map(({ message }) => message);
  expect(messages).toContain("second");
  expect(messages).not.toContain("first");
});

test.each([
  ["whose job was switched off since is skipped", false, "skipped"],
  ["that is over has its actions, though its job was switched off since", true, "complete"],
])("a run of a lost worker %s", async (_what, isOver, status) => {
  await using setup = await workerRealm({
    jobs: [{ job_id: "off", payload: "true", on_success: [{ action: "log", message: "said" }] }],
  });
  const { realm } = setup;
  const origin = { worker: "core", hostname: "gone" };
  const lease = realm.runs.lease({ origin, process: "gone" });
  await lease.start();
  const key = await realm.dispatch({ job_id: "off" });
  const events = [{ status: "starting" }] as const;
  const claim = await realm.runs.claim(key, { holder: lease.holder, origin, events });
  if (claim.outcome !== "claimed") throw new Error(claim.outcome);
  if (isOver) {
    await claim.run.finish({ status: "complete", info: { exit_status: 0 } }, { actions: true });
  }
  await lease.end();
  const job = await realm.jobs.get("off");
  await realm.jobs.put({ ...job?.raw, job_id: "off", enabled: false });

  await setup.start();
  const run = await setup.ended(key);

  expect(run.status).toBe(status);
  expect(statuses(run)).not.toContain("running");
  const messages = setup.logs.map(({ message }) => message);
  expect(messages.includes("said")).toBe(isOver);
  await eventually(async () => (await setup.messages()) === 0);
});

test("a run that another worker holds is left to it, and its duplicate is deleted when it is over (OPS-144)", async () => {
  await using setup = await workerRealm({ jobs: [{ job_id: "held", payload: "sleep 0.6" }] });
  const one = await setup.start();
  const { run_id } = await setup.realm.dispatch({ job_id: "held" });
  await eventually(async () => statusOf(setup, { job_id: "held", run_id }, "running"));
  const two = await setup.start();
  const settled: string[] = [];
  for (const worker of [one, two]) worker.events.on("settled", ({ how }) => settled.push(how));

  await setup.realm.dispatch({ job_id: "held", run_id });
  const run = await setup.ended({ job_id: "held", run_id });
  await eventually(() => settled.length >= 2);

  expect(statuses(run)).toEqual(["starting", "running", "complete"]);
  // Left by the other worker; the holder itself has no use for a second message.
  expect(settled).toContain("deleted");
  expect(settled).not.toContain("given_back");
});

test("a message that comes while the lease of a lost holder goes on comes again when it has ended", async () => {
  await using setup = await workerRealm({ jobs: [{ job_id: "early", payload: "true" }] });
  const origin = { worker: "core", hostname: "gone" };
  const lease = setup.realm.runs.lease({ origin, process: "gone", pid: 1 });
  await lease.start();
  const run = { job_id: "early", run_id: "b1c8f2a4-6f57-4b0e-9d3e-2f6a7c9e0d11" };
  await setup.realm.runs.claim(run, {
    holder: lease.holder,
    origin,
    ts_dispatch: "2026-11-23T18:47:15+11:00",
    events: [{ status: "starting" }],
  });
  await setup.realm.dispatch(run);

  await setup.start();
  const record = await setup.ended(run);

  expect(record.status).toBe("complete");
  expect(record.extra).toMatchObject({ x_lost: "core/gone" });
  expect(String(record.extra["x_epoch"])).toBe("2");
});

test("a retry goes on after a takeover at the attempt that was lost (WK-075)", async () => {
  await using setup = await workerRealm();
  const file = join(setup.folder, "pids");
  await setup.realm.jobs.put({
    job_id: "tries",
    type: "cmd",
    worker: "core",
    enabled: true,
    iteration_limit: 2,
    iteration_delay: 0,
    payload: `sh -c 'echo $LAVA_EPOCH >> ${file}; test $(wc -l < ${file}) -ge 2 || exit 1; test $LAVA_EPOCH -gt 1 || sleep 60'`,
  });
  await using first = await spawnWorker(setup);
  const { run_id } = await setup.realm.dispatch({ job_id: "tries" });
  await eventually(async () => (await lines(file)).length === 2);
  await eventually(async () => statusOf(setup, { job_id: "tries", run_id }, "running"));

  first.kill("SIGKILL");
  await setup.start();
  const run = await setup.ended({ job_id: "tries", run_id });

  expect(run.log.filter(({ status }) => status === "running").map(({ info }) => info)).toEqual([
    "Iteration 1",
    "Iteration 2",
    "Iteration 2",
  ]);
  expect(run.status).toBe("complete");
});

test("a run that took several workers down is rejected in the end, not left running (WK-005)", async () => {
  await using setup = await workerRealm({ jobs: [{ job_id: "killer", payload: "true" }] });
  const origin = { worker: "core", hostname: "gone" };
  const lease = setup.realm.runs.lease({ origin, process: "gone" });
  await lease.start();
  const key = await setup.realm.dispatch({ job_id: "killer" });
  const events = [{ status: "starting" }] as const;
  await setup.realm.runs.claim(key, { holder: lease.holder, origin, events });
  await lease.end();
  await eventually(() => setup.realm.queue("core").receive({ visibility: 0, wait: 1 }));

  await setup.start({ retries: 0 });
  const run = await setup.ended(key);

  expect(run.status).toBe("rejected");
  expect(run.extra["x_reason"]).toBe("retry_limit");
  expect(run.log.at(-1)?.info).toBe("Retry limit exceeded - deleted on cycle 2");
});

test("a blocked event loop costs no run, not even the first one of a worker (design 5)", async () => {
  // Shorter than the block, and long enough for renewals that come late on a busy machine.
  const leaseMs = 4000;
  await using setup = await workerRealm({ leaseMs });
  const job = { job_id: "blocks", type: "block", worker: "core", enabled: true, payload: "5000" };
  await setup.realm.jobs.put(job);
  const env = { LEASE_MS: String(leaseMs) };
  await using first = await spawnWorker(setup, { visibility: 10 }, env);
  const key = await setup.realm.dispatch({ job_id: "blocks" });
  await eventually(async () => (await setup.realm.events.get(key))?.status === "starting");
  const second = await setup.start();
  const received: string[] = [];
  second.events.on("message", ({ message_id }) => received.push(message_id));

  const run = await setup.ended(key);

  expect(statuses(run)).toEqual(["starting", "running", "complete"]);
  expect(run.extra["x_epoch"]).toMatchObject({ text: "1" });
  expect(received).toEqual([]);
  expect(first.output()).not.toContain("lost");
  await eventually(async () => (await setup.messages()) === 0);
});
