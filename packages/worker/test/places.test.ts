import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DataMap } from "@lava/core";
import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { spawnWorker } from "./spawn-worker.ts";
import { type WorkerRealm, workerRealm } from "./worker-realm.ts";

/** No lease ends in these tests, however busy the machine is. */
const calm = { leaseMs: 30_000 };

async function lines(file: string): Promise<string[]> {
  return (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean);
}

async function put({ realm }: WorkerRealm, jobs: readonly DataMap[]): Promise<void> {
  const job = { type: "cmd", worker: "core", enabled: true, payload: "sh" };
  await Promise.all(jobs.map((item) => realm.jobs.put({ ...job, ...item })));
}

/** Notes its begin and its end in a file. */
function noting(job_id: string, file: string, more: DataMap = {}): DataMap {
  const args = ["-c", `echo + >> ${file}; sleep 0.15; echo - >> ${file}`];
  return { job_id, parameters: { args }, ...more };
}

/** The most that ran at the same time. */
function most(marks: readonly string[]): number {
  let running = 0;
  return Math.max(...marks.map((mark) => (running += mark === "+" ? 1 : -1)));
}

test("never more runs of a job at a time than x-lava-max-concurrent, over all workers, and all are done (SIB-BDRC-09)", async () => {
  await using setup = await workerRealm(calm);
  const file = join(setup.folder, "marks");
  await put(setup, [noting("limited", file, { "x-lava-max-concurrent": 2 })]);
  const workers = [await setup.start({ threads: 3 }), await setup.start({ threads: 3 })];
  const started = workers.map((worker) => {
    let count = 0;
    worker.events.on("claimed", ({ attempt }) => (count += attempt));
    return () => count;
  });

  const runs = await Promise.all(
    Array.from({ length: 6 }, () => setup.realm.dispatch({ job_id: "limited" })),
  );
  const records = await Promise.all(runs.map((run) => setup.ended(run)));

  expect(records.map(({ status }) => status)).toEqual(Array(6).fill("complete"));
  expect(most(await lines(file))).toBe(2);
  // Waiting counts no attempt.
  expect(started[0]!() + started[1]!()).toBe(6);
  await eventually(async () => (await setup.realm.pools.get("job/limited")).used === 0);
}, 40_000);

test("jobs share the slots of a pool, also as children, and one that is inside another takes none anew", async () => {
  await using setup = await workerRealm({ ...calm, record: { "x-lava-pools": { db: 2 } } });
  const file = join(setup.folder, "marks");
  const pool = { "x-lava-pool": { name: "db", slots: 2 } };
  await put(setup, [
    noting("a", file, { "x-lava-pool": "db" }),
    noting("b", file, pool),
    { job_id: "all", type: "dag", payload: { a: null, b: null, c: null } },
    noting("c", file, pool),
    { job_id: "outer", type: "chain", payload: "a,b", ...pool },
  ]);
  await setup.start({ threads: 4 });

  const runs = await Promise.all([
    setup.realm.dispatch({ job_id: "all" }),
    setup.realm.dispatch({ job_id: "outer" }),
  ]);
  const [all, outer] = await Promise.all(runs.map((run) => setup.ended(run)));

  expect(all?.status).toBe("complete");
  expect(outer?.status).toBe("complete");
  expect(most(await lines(file))).toBe(1);
  expect(await lines(file)).toHaveLength(10);
  await eventually(async () => (await setup.realm.pools.get("db")).used === 0);
}, 40_000);

test("the place of a worker that was killed is free again after its lease", async () => {
  await using setup = await workerRealm();
  const file = join(setup.folder, "marks");
  await put(setup, [
    {
      job_id: "limited",
      parameters: { args: ["-c", `echo + >> ${file}; test $LAVA_EPOCH -gt 1 || sleep 60`] },
      "x-lava-max-concurrent": 1,
    },
  ]);
  await using first = await spawnWorker(setup);
  const run = await setup.realm.dispatch({ job_id: "limited" });
  await eventually(async () => (await lines(file)).length === 1);

  first.kill("SIGKILL");
  await setup.start();
  const record = await setup.ended(run);

  expect(record).toMatchObject({ status: "complete" });
  await eventually(async () => (await setup.realm.pools.get("job/limited")).used === 0);
}, 40_000);
