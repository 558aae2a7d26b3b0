import type { RunRecord } from "@lava/realm";
import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { workerRealm } from "./worker-realm.ts";

const statuses = ({ log }: RunRecord): string[] => log.map(({ status }) => status);

test("a drain takes no more work and lets what runs end (WK-028, WK-150, OPS-160, OPS-164)", async () => {
  await using setup = await workerRealm({ jobs: [{ job_id: "j", payload: "sleep 0.4" }] });
  const worker = await setup.start();
  const first = await setup.realm.dispatch({ job_id: "j" });
  await eventually(() => worker.running === 1);

  const stopped = worker.stop();
  const second = await setup.realm.dispatch({ job_id: "j" });
  await stopped;

  expect(worker.state).toBe("stopped");
  expect((await setup.realm.events.get(first))?.status).toBe("complete");
  expect(await setup.realm.events.get(second)).toBeUndefined();
});

test("after the grace time a run is stopped and given back, not failed; the next worker ends it (WK-151, WK-156, OPS-164, design 5 over OPS-160)", async () => {
  await using setup = await workerRealm({
    jobs: [{ job_id: "j", payload: "sh -c 'test $LAVA_EPOCH -gt 1 || sleep 60'" }],
    record: { on_fail: [{ action: "log", message: "failed" }] },
  });
  const worker = await setup.start();
  const key = await setup.realm.dispatch({ job_id: "j" });
  await eventually(() => worker.deferredTasks === 1);

  await worker.stop("drain", 0.05);
  const given = await setup.realm.events.get(key);
  await setup.start();
  const run = await setup.ended(key);

  expect(given?.status).toBe("retrying");
  expect(given?.extra).toMatchObject({ x_state: "released", x_reason: "worker_stopping" });
  expect(run.status).toBe("complete");
  expect(setup.logs.map(({ message }) => message)).not.toContain("failed");
  await eventually(async () => (await setup.messages()) === 0);
});

test("a wait between attempts ends at once with a drain, and holds no slot meanwhile", async () => {
  await using setup = await workerRealm({
    jobs: [
      { job_id: "waits", payload: "false", iteration_limit: 2, iteration_delay: 60 },
      { job_id: "other", payload: "true" },
    ],
  });
  const worker = await setup.start({ threads: 1 });
  const key = await setup.realm.dispatch({ job_id: "waits" });
  await eventually(async () => (await setup.realm.events.get(key))?.status === "retrying");

  const other = await setup.run("other");
  await worker.stop();

  expect(other.status).toBe("complete");
  const run = await setup.realm.events.get(key);
  expect(statuses(run as RunRecord)).toEqual(["starting", "running", "retrying", "retrying"]);
  expect(run?.extra["x_reason"]).toBe("worker_stopping");
  const { delayed } = await setup.realm.queue("core").depth();
  expect(delayed).toBe(1);
});

test("a batch worker ends when its queue is empty, and says so as the original does (WK-007, OPS-127, WF-187)", async () => {
  await using setup = await workerRealm({ jobs: [{ job_id: "j", payload: "true" }] });
  const key = await setup.realm.dispatch({ job_id: "j" });

  const worker = await setup.start({ batch: true });
  await worker.done;

  expect((await setup.realm.events.get(key))?.status).toBe("complete");
  const told = setup.logs.filter(({ fields }) => fields["event_type"] === "worker");
  expect(told.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      `Worker ready - realm: ${setup.realm.name}  worker: core`,
      "No more messages in batch -- finishing",
      "Waiting for worker threads to complete their work before finishing",
      "Worker threads completed normally",
      "Finishing",
    ]),
  );
});

test("a worker whose queue does not exist ends with one clear text (WK-013)", async () => {
  await using setup = await workerRealm();

  const worker = await setup.start({ worker: "nobody" });

  await expect(worker.done).rejects.toThrow(/no queue/);
});
