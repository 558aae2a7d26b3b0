import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type DataMap, DecimalValue } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { type WorkerRealm, workerRealm } from "./worker-realm.ts";

const n = (value: number): DecimalValue => new DecimalValue(String(value));
const last = ({ log }: RunRecord): unknown => log.at(-1)?.info;

/** A cmd job that appends a line to `trail` in the run's directory, which children share. */
const note = (job_id: string, text: string, more: DataMap = {}): DataMap => ({
  job_id,
  payload: "sh",
  parameters: { args: ["-c", `echo '${text}'; echo '${text}' >> trail`] },
  ...more,
});

async function outputOf(setup: WorkerRealm, run: { job_id: string; run_id: string }, name: string) {
  const bytes = await setup.realm.temp.getOutput(run, name);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

test("a chain runs its children under its run id, with its globals, each with an item of its own (JOB-all-05, 06)", async () => {
  await using setup = await workerRealm({
    jobs: [
      { job_id: "chain", type: "chain", payload: "a,b", globals: { g: "parent" } },
      note("a", "a {{ globals.g }} {{ globals.lava.parent_job_id }}", { globals: { g: "own" } }),
      note("b", "b {{ globals.h }}", { globals: { h: "own" } }),
    ],
  });
  await setup.start();

  const run = await setup.run("chain");

  expect(last(run)).toEqual({
    exit_status: n(0),
    jobs: ["a", "b"],
    failed_jobs: [],
    error: null,
  });
  const child = { job_id: "a", run_id: run.run_id };
  expect(await setup.realm.events.get(child)).toMatchObject({ status: "complete" });
  expect(await outputOf(setup, child, "stdout")).toBe("a parent chain\n");
  expect(await outputOf(setup, { ...child, job_id: "b" }, "stdout")).toBe("b own\n");
});

test("a chain counts a disabled child as a success and fails with the text of a failed one (T-72)", async () => {
  await using setup = await workerRealm({
    jobs: [
      { job_id: "chain", type: "chain", payload: ["off", "bad", "never"] },
      note("off", "off", { enabled: false }),
      { job_id: "bad", payload: "sh -c 'exit 3'" },
      note("never", "never"),
    ],
  });
  await setup.start();

  const run = await setup.run("chain");

  const error = "Job bad: Failed with exit status 3";
  expect(last(run)).toEqual({
    error,
    error_data: { exit_status: n(1), jobs: ["off"], failed_jobs: ["bad"], error },
  });
  const off = await setup.realm.events.get({ job_id: "off", run_id: run.run_id });
  expect(off).toMatchObject({ status: "skipped" });
  expect(await setup.realm.events.get({ job_id: "never", run_id: run.run_id })).toBeUndefined();
});

test("a job that contains itself is refused, at any depth (JOB-all-08)", async () => {
  await using setup = await workerRealm({
    jobs: [
      { job_id: "outer", type: "chain", payload: "inner" },
      { job_id: "inner", type: "dag", payload: { outer: null } },
    ],
  });
  await setup.start();

  const run = await setup.run("outer");

  expect(last(run)).toMatchObject({ error: expect.stringContaining("outer > inner > outer") });
});

test("a dag runs what it can side by side and joins (JOB-dag-05)", async () => {
  // Each of the two waits for the other: they only end when they run together.
  const meet = (own: string, other: string) =>
    `touch ${own}; until [ -e ${other} ]; do sleep 0.01; done`;
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "dag",
        type: "dag",
        payload: { join: ["left", "right"] },
        parameters: { workers: 2 },
      },
      { job_id: "left", payload: "sh", parameters: { args: ["-c", meet("l", "r")] } },
      { job_id: "right", payload: "sh", parameters: { args: ["-c", meet("r", "l")] } },
      note("join", "joined"),
    ],
  });
  await setup.start();

  const run = await setup.run("dag");

  expect(last(run)).toMatchObject({ exit_status: n(0), failed_jobs: [] });
  expect(await outputOf(setup, { job_id: "join", run_id: run.run_id }, "stdout")).toBe("joined\n");
});

test("a dag in a cycle fails at once and is not tried again (JOB-dag-04)", async () => {
  await using setup = await workerRealm({
    jobs: [{ job_id: "dag", type: "dag", payload: { a: "b", b: "a" }, iteration_limit: 3 }],
  });
  await setup.start();

  const run = await setup.run("dag");

  expect(last(run)).toEqual({ error: "Jobs are in a cycle: a, b, a", error_data: null });
});

test("a foreach gives each iteration its values and index, and keeps the outputs of all (JOB-foreach-12, 15)", async () => {
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "each",
        type: "foreach",
        payload: "child",
        parameters: { foreach: { type: "csv", filename: "{{ globals.filename }}" } },
      },
      note("child", "{{ globals.lava.foreach_index }} {{ globals.year }}"),
    ],
  });
  await setup.realm.temp.put("years.csv", "year\r\n2012\r\n2013\r\n");
  const filename = setup.realm.temp.uri("years.csv");
  await setup.start();

  const run = await setup.run("each", { job_id: "each", globals: { filename } });

  expect(last(run)).toEqual({
    exit_status: n(0),
    limit: n(10),
    foreach_len: n(2),
    jobs_completed: n(2),
    failed_indexes: [],
    error: null,
  });
  const child = { job_id: "child", run_id: run.run_id };
  expect(await outputOf(setup, child, "stdout")).toBe("0 2012\n");
  expect(await outputOf(setup, child, "stdout.1")).toBe("1 2013\n");
});

test("a dispatched job gets the sender's globals, with the sender as its parent (JOB-dispatch-08, WF-087)", async () => {
  await using setup = await workerRealm({
    workers: ["core", "other"],
    jobs: [
      {
        job_id: "sender",
        type: "dispatch",
        payload: "target",
        globals: { g: 1 },
        parameters: { parameters: { args: ["-c", "echo {{ job.job_id }} sent"] } },
      },
      { job_id: "target", worker: "other", payload: "sh" },
    ],
  });
  await setup.start();
  await setup.start({ worker: "other" });

  const sender = await setup.run("sender");

  const result = last(sender);
  expect(result).toEqual({
    exit_status: n(0),
    jobs: ["target"],
    run_ids: [expect.stringMatching(/^[0-9a-f-]{36}$/)],
    error: null,
  });
  const [run_id] = (result as { run_ids: string[] }).run_ids;
  const target = await setup.ended({ job_id: "target", run_id: run_id ?? "" });
  expect(target).toMatchObject({ status: "complete", worker: "other" });
  expect(await outputOf(setup, target, "stdout")).toBe("sender sent\n");
});

test("on_success dispatches, logs and stores state; a later job reads it (ACT-dispatch-01, ACT-state-01)", async () => {
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "first",
        payload: "true",
        on_success: [
          { action: "log", message: "{{ job.job_id }} ended with {{ result.exit_status }}" },
          { action: "state", state_id: "s/{{ job.job_id }}", value: { n: 5 } },
          { action: "dispatch", job_id: "next" },
        ],
      },
      note("next", "{{ state['s/first'].n }}", { state: { "s/first": { n: 0 } } }),
    ],
  });
  await setup.start();

  await setup.run("first");

  const next = await eventually(async () => {
    const { items } = await setup.realm.events.listByJob("next");
    return items.find(({ status }) => status === "complete");
  });
  expect(await outputOf(setup, next, "stdout")).toBe("5\n");
  expect(setup.logs.map(({ message }) => message)).toContain("first ended with 0");
  expect(await setup.realm.state.get("s/first")).toMatchObject({ publisher: "first" });
});

test("sqli loads a database and writes its results to S3 (JOB-sql-10..12)", async () => {
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "sql",
        type: "sqli",
        payload: [
          "create table t (a integer, b text); insert into t values (1, 'x'), (2, null)",
          "select a, b from t where a > {{ vars.least }} order by a",
        ],
        parameters: { conn_id: "db", transaction: true, header: true, vars: { least: 0 } },
      },
    ],
  });
  const file = join(setup.folder, "a.db");
  await setup.realm.connections.put({
    conn_id: "db",
    type: "sqlite3",
    enabled: true,
    host: file,
    port: 1,
  });
  await setup.start();

  const run = await setup.run("sql");

  expect(last(run)).toEqual({
    exit_status: n(0),
    output: { "0": [], "1": [`${setup.realm.temp.runUri(run)}/1.0.out`] },
    error: null,
  });
  expect(await outputOf(setup, run, "1.0.out")).toBe("a|b\r\n1|x\r\n2|\r\n");
  using database = new DatabaseSync(file);
  expect(database.prepare("select count(*) as n from t").get()).toEqual({ n: 2 });
});

test("an exe uses a connection through its wrapper (CON-all-10, WK-126)", async () => {
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "exe",
        type: "exe",
        payload: "attr.sh",
        parameters: { connections: { values: "attrs" } },
      },
    ],
    connections: [{ conn_id: "attrs", type: "generic", attributes: { colour: "blue" } }],
    payloads: { "attr.sh": '#!/bin/sh\n"$LAVA_CONN_VALUES" colour\n' },
  });
  await setup.start();

  const run = await setup.run("exe");

  expect(await outputOf(setup, run, "attr.sh.stdout")).toBe("blue");
});

test("a foreach reads a file that another job of the run left (JOB-foreach-07)", async () => {
  await using setup = await workerRealm({
    jobs: [
      { job_id: "both", type: "chain", payload: "make,each" },
      {
        job_id: "make",
        payload: "sh",
        parameters: { args: ["-c", "echo '{\"x\": 1}' > v.jsonl"] },
      },
      {
        job_id: "each",
        type: "foreach",
        payload: "child",
        parameters: { foreach: { type: "jsonl", filename: "v.jsonl" } },
      },
      note("child", "x={{ globals.x }}"),
    ],
  });
  await setup.start();

  const run = await setup.run("both");

  expect(last(run)).toMatchObject({ exit_status: n(0) });
  const child = { job_id: "child", run_id: run.run_id };
  expect(await outputOf(setup, child, "stdout")).toBe("x=1\n");
});

test("a dag of many nodes has its graph in S3, and its item stays small (design 5)", async () => {
  const graph = Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [`n${i}`, i === 0 ? null : `n${Math.floor(i / 2)}`]),
  );
  await using setup = await workerRealm({
    leaseMs: 30_000,
    jobs: [
      ...Object.keys(graph).map((job_id) => ({ job_id, type: "log", payload: "" })),
      { job_id: "bad", type: "dag", payload: {}, "x-lava-graph": "s3://nowhere/graph.json" },
    ],
  });
  await setup.realm.temp.put("graph.json", JSON.stringify(graph));
  await setup.realm.jobs.put({
    ...{ job_id: "dag", type: "dag", worker: "core", enabled: true, payload: {} },
    "x-lava-graph": setup.realm.temp.uri("graph.json"),
  });
  await setup.start();

  const run = await setup.run("dag");

  expect(last(run)).toMatchObject({ exit_status: n(0), failed_jobs: [] });
  expect(await setup.realm.children.list(run)).toHaveLength(300);
  expect(JSON.stringify(run.raw).length).toBeLessThan(20_000);
  expect(await setup.run("bad")).toMatchObject({ status: "failed" });
});

test("a child has the same LAVA_IDEMPOTENCY_KEY when its parent is tried again, and no two children have the same", async () => {
  await using setup = await workerRealm();
  const keys = join(setup.folder, "keys");
  const job = (job_id: string, more: DataMap) => ({
    ...{ job_id, worker: "core", enabled: true, type: "cmd", payload: "sh" },
    ...more,
  });
  const script = `echo "{{ globals.n }} $LAVA_IDEMPOTENCY_KEY" >> ${keys}`;
  const rows = [{ n: 1 }, { n: 2 }];
  await Promise.all(
    [
      job("top", { type: "chain", payload: "turns,twice,twice,bad", iteration_limit: 2 }),
      job("turns", {
        ...{ type: "foreach", payload: "turn" },
        parameters: { foreach: { type: "inline", values: rows } },
      }),
      job("turn", { parameters: { args: ["-c", script] } }),
      job("twice", { parameters: { args: ["-c", script] }, globals: { n: "twice" } }),
      job("bad", { payload: "false" }),
    ].map((item) => setup.realm.jobs.put(item)),
  );
  await setup.start();

  const run = await setup.run("top");

  const lines = (await readFile(keys, "utf8")).trim().split("\n");
  expect(run.status).toBe("failed");
  expect(lines).toHaveLength(8);
  expect(lines.slice(0, 4)).toEqual(lines.slice(4));
  expect(new Set(lines).size).toBe(4);
});
