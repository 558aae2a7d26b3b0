import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DataMap, DecimalValue } from "@lava/core";
import type { ChildRecord, RunRecord } from "@lava/realm";
import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { type WorkerRealm, workerRealm } from "./worker-realm.ts";

/** No lease ends in these tests, however busy the machine is. */
const calm = { leaseMs: 30_000 };

const n = (value: number): DecimalValue => new DecimalValue(String(value));
const statuses = (record?: RunRecord): string[] => (record?.log ?? []).map(({ status }) => status);

async function lines(file: string): Promise<string[]> {
  return (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean);
}

async function put({ realm }: WorkerRealm, jobs: readonly DataMap[]): Promise<void> {
  const job = { type: "cmd", worker: "core", enabled: true, payload: "sh" };
  await Promise.all(jobs.map((item) => realm.jobs.put({ ...job, ...item })));
}

/** Notes its id (and index), then fails while a file `<id>.broken` is there. */
function step(job_id: string, folder: string, more: DataMap = {}): DataMap {
  const script =
    `echo ${job_id}{% if globals.i is defined %}.{{ globals.i }}{% endif %} >> ${folder}/trail; ` +
    `test ! -e ${folder}/${job_id}{% if globals.i is defined %}.{{ globals.i }}{% endif %}.broken`;
  return { job_id, parameters: { args: ["-c", script] }, ...more };
}

const breakStep = (folder: string, id: string) => writeFile(join(folder, `${id}.broken`), "");
const mend = (folder: string, id: string) => rm(join(folder, `${id}.broken`));

const brief = (children: readonly ChildRecord[]): string[] =>
  children.map(({ id, status }) => `${id} ${status}`).toSorted();

test("children of a run are recorded with id, times, duration and log, for graphs and charts of time", async () => {
  await using setup = await workerRealm(calm);
  const { folder } = setup;
  await breakStep(folder, "c");
  await put(setup, [
    { job_id: "top", type: "dag", payload: { inner: "a", c: "a" }, parameters: { can_fail: "c" } },
    { job_id: "inner", type: "chain", payload: "b,off,b" },
    ...["a", "b", "c"].map((id) => step(id, folder)),
    step("off", folder, { enabled: false }),
  ]);
  await setup.start();

  const run = await setup.run("top");

  const children = await setup.realm.children.list(run);
  expect(brief(children)).toEqual(["a#0 complete", "c#0 failed", "inner#0 complete"]);
  const a = children.find(({ id }) => id === "a#0");
  expect(a).toMatchObject({
    job_id: "a",
    pass: "1",
    started: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
    ended: expect.stringMatching(/Z$/),
    seconds: expect.any(Number),
    log: setup.realm.temp.runUri({ job_id: "a", run_id: run.run_id }),
  });
  const c = children.find(({ id }) => id === "c#0");
  expect(c?.reason).toBe("Failed with exit status 1");
  expect((c?.started ?? "") >= (a?.ended ?? "")).toBe(true);
  expect((await setup.realm.events.get({ job_id: "a", run_id: run.run_id }))?.extra).toMatchObject({
    x_child: { parent: "top", id: "a#0", log: a?.log, seconds: expect.anything() },
  });
  const inner = await setup.realm.children.list({ job_id: "inner", run_id: run.run_id });
  expect(brief(inner)).toEqual([
    "inner#0 > b#0 complete",
    "inner#0 > b#1 complete",
    "inner#0 > off#0 skipped",
  ]);
});

test("a dag with a child that has no data yet goes on with what it can, then is put off as a whole; nothing runs twice (SIB-BDRC-12)", async () => {
  await using setup = await workerRealm(calm);
  const { folder } = setup;
  const once = join(folder, "once");
  await put(setup, [
    {
      job_id: "top",
      type: "dag",
      payload: { wait: "a", after: "wait", b: "a" },
      parameters: { workers: 2 },
    },
    ...["a", "b", "after"].map((id) => step(id, folder)),
    {
      job_id: "wait",
      parameters: {
        args: [
          "-c",
          `echo wait >> ${folder}/trail; test -e ${once} || { touch ${once}; exit 75; }`,
        ],
      },
      "x-lava-defer": { delay: "1s" },
    },
  ]);
  await setup.start();

  const run = await setup.run("top");

  expect(run.status).toBe("complete");
  expect((await lines(join(folder, "trail"))).toSorted()).toEqual([
    ...["a", "after", "b"],
    ...["wait", "wait"],
  ]);
  expect(run.extra).toMatchObject({ x_attempt: n(2) });
  expect(run.log.filter(({ status }) => status === "retrying")).toHaveLength(1);
  const wait = await setup.realm.events.get({ job_id: "wait", run_id: run.run_id });
  expect(wait).toMatchObject({ status: "complete", extra: { x_deferrals: n(1) } });
  expect(brief(await setup.realm.children.list(run))).toEqual([
    ...["a#0 complete", "after#0 complete", "b#0 complete", "wait#0 complete"],
  ]);
});

test("a dag that fails leaves no child waiting for a time that never comes", async () => {
  await using setup = await workerRealm(calm);
  const { folder } = setup;
  await breakStep(folder, "b");
  await put(setup, [
    { job_id: "top", type: "dag", payload: { wait: null, b: "a" }, parameters: { workers: 2 } },
    ...["a", "b"].map((id) => step(id, folder)),
    { job_id: "wait", parameters: { args: ["-c", "exit 75"] }, "x-lava-defer": { delay: "6h" } },
  ]);
  await setup.start();

  const run = await setup.run("top");

  expect(run.status).toBe("failed");
  const wait = await setup.realm.events.get({ job_id: "wait", run_id: run.run_id });
  expect(wait).toMatchObject({ status: "failed", extra: { x_reason: "abandoned" } });
  expect(brief(await setup.realm.children.list(run))).toEqual([
    ...["a#0 complete", "b#0 failed", "wait#0 failed"],
  ]);
});

test("a chain that a stopping worker gave back goes on with the child that was under way", async () => {
  await using setup = await workerRealm(calm);
  const { folder } = setup;
  const gate = join(folder, "gate");
  await put(setup, [
    { job_id: "top", type: "chain", payload: "a,slow,b" },
    ...["a", "b"].map((id) => step(id, folder)),
    {
      job_id: "slow",
      parameters: { args: ["-c", `echo slow >> ${folder}/trail; test -e ${gate} || sleep 60`] },
    },
  ]);
  const first = await setup.start();
  const sent = await setup.realm.dispatch({ job_id: "top" });
  await eventually(async () => (await lines(join(folder, "trail"))).length === 2);
  await first.stop("kill");
  const slow = { job_id: "slow", run_id: sent.run_id };
  expect(await setup.realm.events.get(slow)).toMatchObject({
    status: "retrying",
    extra: { x_state: "released", x_reason: "worker_stopping" },
  });
  await writeFile(gate, "");

  await setup.start();
  const run = await setup.ended(sent);

  expect(run.status).toBe("complete");
  expect(await lines(join(folder, "trail"))).toEqual(["a", "slow", "slow", "b"]);
});

test("a chain whose children hand on files begins again in its new folder, unless it says that they do not", async () => {
  await using setup = await workerRealm(calm);
  const { folder } = setup;
  const gate = join(folder, "gate");
  const slow = `echo slow >> ${folder}/trail; test -e ${gate} || sleep 60`;
  const chain = { type: "chain", payload: "make,slow" };
  await put(setup, [
    { job_id: "files", ...chain },
    { job_id: "none", ...chain, "x-lava-checkpoint": true },
    { job_id: "make", parameters: { args: ["-c", `echo make >> ${folder}/trail; touch made`] } },
    { job_id: "slow", parameters: { args: ["-c", slow] } },
  ]);
  const twice = async (job_id: string): Promise<string[]> => {
    await rm(gate, { force: true });
    await rm(join(folder, "trail"), { force: true });
    const first = await setup.start();
    const sent = await setup.realm.dispatch({ job_id });
    await eventually(async () => (await lines(join(folder, "trail"))).length === 2);
    await first.stop("kill");
    await writeFile(gate, "");
    const second = await setup.start();
    await setup.ended(sent);
    await second.stop();
    return lines(join(folder, "trail"));
  };

  expect(await twice("files")).toEqual(["make", "slow", "make", "slow"]);
  expect(await twice("none")).toEqual(["make", "slow", "slow"]);
});

test("a chain runs all its children in each of its own attempts, as the original", async () => {
  await using setup = await workerRealm(calm);
  const { folder } = setup;
  await breakStep(folder, "b");
  await put(setup, [
    { job_id: "top", type: "chain", payload: "a,b", iteration_limit: 2 },
    ...["a", "b"].map((id) => step(id, folder)),
  ]);
  await setup.start();

  const run = await setup.run("top");

  expect(run.status).toBe("failed");
  expect(await lines(join(folder, "trail"))).toEqual(["a", "b", "a", "b"]);
});

test("a rerun from what failed leaves out what was complete, after the spec was edited too", async () => {
  await using setup = await workerRealm(calm);
  const { folder } = setup;
  const dag = { job_id: "top", type: "dag", payload: { b: "a", c: "b" } };
  await breakStep(folder, "b");
  await put(setup, [dag, ...["a", "b", "c", "d"].map((id) => step(id, folder))]);
  await setup.start();
  const old = await setup.run("top", { job_id: "top", globals: { day: "mon" } });
  expect(old.status).toBe("failed");

  await mend(folder, "b");
  await put(setup, [{ ...dag, payload: { b: ["a", "d"], c: "b" } }]);
  const again = await setup.realm.rerun({ ...old, fromFailed: true });
  const run = await setup.ended(again);

  expect(run.status).toBe("complete");
  expect(run.run_id).not.toBe(old.run_id);
  expect(await lines(join(folder, "trail"))).toEqual(["a", "b", "d", "b", "c"]);
  const a = await setup.realm.events.get({ job_id: "a", run_id: run.run_id });
  expect(a?.log).toMatchObject([
    { status: "skipped", info: `Complete in run ${old.run_id}: not run again` },
  ]);
  expect(run.extra["x_sent"]).toEqual({ globals: { day: "mon" } });
  const children = await setup.realm.children.list(run);
  expect(brief(children)).toEqual([
    ...["a#0 complete", "b#0 complete", "c#0 complete", "d#0 complete"],
  ]);
  expect(children.find(({ id }) => id === "a#0")).toMatchObject({
    from: old.run_id,
    log: setup.realm.temp.runUri({ job_id: "a", run_id: old.run_id }),
  });
});

test("a rerun of a rerun, through a nested chain, still knows what the first run completed", async () => {
  await using setup = await workerRealm(calm);
  const { folder } = setup;
  await put(setup, [
    { job_id: "top", type: "chain", payload: "a,inner" },
    { job_id: "inner", type: "chain", payload: "b,c,d" },
    ...["a", "b", "c", "d"].map((id) => step(id, folder)),
  ]);
  await setup.start();
  await breakStep(folder, "c");
  const first = await setup.run("top");
  await mend(folder, "c");
  await breakStep(folder, "d");
  const second = await setup.ended(await setup.realm.rerun({ ...first, fromFailed: true }));
  await mend(folder, "d");

  const third = await setup.ended(await setup.realm.rerun({ ...second, fromFailed: true }));

  expect([first, second, third].map(({ status }) => status)).toEqual([
    ...["failed", "failed", "complete"],
  ]);
  expect(await lines(join(folder, "trail"))).toEqual(["a", "b", "c", "c", "d", "d"]);
});

test("a rerun can run some children only; iterations of a foreach go by their number and values", async () => {
  await using setup = await workerRealm(calm);
  const { folder } = setup;
  const each = (values: readonly number[]): DataMap => ({
    job_id: "each",
    type: "foreach",
    payload: "child",
    parameters: {
      can_fail: true,
      foreach: { type: "inline", values: values.map((i) => ({ i })) },
    },
  });
  await breakStep(folder, "child.1");
  await put(setup, [each([0, 1, 2]), step("child", folder)]);
  await setup.start();
  const old = await setup.run("each");
  await mend(folder, "child.1");

  const failed = await setup.ended(await setup.realm.rerun({ ...old, fromFailed: true }));
  expect(failed.log.at(-1)?.info).toMatchObject({ jobs_completed: n(3), failed_indexes: [] });
  await setup.ended(await setup.realm.rerun({ ...old, only: ["2"] }));
  await put(setup, [each([0, 7, 2])]);
  await setup.ended(await setup.realm.rerun({ ...failed, fromFailed: true }));

  expect(await lines(join(folder, "trail"))).toEqual([
    ...["child.0", "child.1", "child.2"],
    ...["child.1", "child.2", "child.7"],
  ]);
});

test("a plain job is run again with the parameters of its old run and what is laid over them", async () => {
  await using setup = await workerRealm({
    ...calm,
    jobs: [{ job_id: "say", payload: "sh", parameters: { args: ["-c", "echo $WHAT $WHO"] } }],
  });
  await setup.start();
  const parameters = { args: ["-c", "echo $WHAT $WHO"], env: { WHAT: "hello", WHO: "you" } };
  const old = await setup.run("say", { job_id: "say", parameters });

  const again = await setup.realm.rerun({ ...old, parameters: { env: { WHO: "world" } } });
  const run = await setup.ended(again);

  const output = await setup.realm.temp.getOutput(run, "stdout");
  expect(Buffer.from(output ?? []).toString()).toBe("hello world\n");
  expect(run.extra["x_plan"]).toMatchObject({ of: old.run_id });
  expect(statuses(run)).toEqual(["starting", "running", "complete"]);
});

test("a lost worker's children are run again from the first, unless the job says that they can be left out", async () => {
  await using setup = await workerRealm(calm);
  const origin = { worker: "core", hostname: "gone" };
  const { folder } = setup;
  const lost = async (job_id: string): Promise<RunRecord> => {
    const lease = setup.realm.runs.lease({ origin, process: `gone-${job_id}` });
    await lease.start();
    const sent = await setup.realm.dispatch({ job_id });
    const claim = await setup.realm.runs.claim(sent, {
      holder: lease.holder,
      origin,
      events: [{ status: "starting" }],
    });
    expect(claim.outcome).toBe("claimed");
    const child = { id: "a#0", job_id: "a", pass: "1", status: "complete" } as const;
    await setup.realm.children.write(sent, "000001-000001", [child], origin);
    await lease.end();
    return setup.ended(sent);
  };
  const chain = { type: "chain", payload: "a,b" };
  await put(setup, [
    { job_id: "again", ...chain },
    { job_id: "on", ...chain, "x-lava-checkpoint": true },
    ...["a", "b"].map((id) => step(id, folder)),
  ]);
  await setup.start();

  await lost("again");
  expect(await lines(join(folder, "trail"))).toEqual(["a", "b"]);
  await lost("on");
  expect(await lines(join(folder, "trail"))).toEqual(["a", "b", "b"]);
});

test("what a template does to a child's globals is not seen by its siblings (T-40)", async () => {
  await using setup = await workerRealm(calm);
  const { folder } = setup;
  const args = (name: string): DataMap => ({
    args: [
      "-c",
      `echo '{{ globals.list.append("${name}") }}{{ globals.list|join(",") }}' >> ${folder}/trail`,
    ],
  });
  await put(setup, [
    { job_id: "top", type: "chain", payload: "a,b", globals: { list: ["x"] } },
    { job_id: "a", parameters: args("a") },
    { job_id: "b", parameters: args("b") },
  ]);
  await setup.start();

  await setup.run("top");

  const seen = await lines(join(folder, "trail"));
  expect(seen[1]).not.toContain("a");
});
