import { describe, expect, test } from "vitest";
import { runHandler } from "../../test/handler-context.ts";
import { dag } from "./dag.ts";

const jobs = { a: {}, b: {}, c: {}, d: {}, e: {}, "p/a": {}, "p/b": {}, other: { worker: "w2" } };

/** Children that end when they are told to, and a way to wait until some are running. */
function controlledChildren() {
  const ends = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  const started: string[] = [];
  let changed = Promise.withResolvers<void>();
  return {
    started,
    child(job_id: string): Promise<void> {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      ends.set(job_id, { resolve, reject });
      started.push(job_id);
      changed.resolve();
      changed = Promise.withResolvers();
      return promise;
    },
    async untilStarted(...ids: string[]): Promise<void> {
      while (!ids.every((id) => ends.has(id))) await changed.promise;
    },
    end: (id: string) => ends.get(id)?.resolve(),
    fail: (id: string) => ends.get(id)?.reject(new Error("boom")),
  };
}

describe("a dag", () => {
  test("starts a job the moment its own inputs are done, not a wave later (JOB-dag-05)", async () => {
    const children = controlledChildren();

    const running = runHandler(dag, {
      payload: { c: "a", d: ["b", "c"] },
      jobs,
      child: (id) => children.child(id),
      config: { DAG_WORKERS: 4 },
    });
    await children.untilStarted("a", "b");
    children.end("a");
    await children.untilStarted("c");
    expect(children.started).toEqual(["a", "b", "c"]);
    children.end("b");
    children.end("c");
    await children.untilStarted("d");
    children.end("d");

    const { result } = await running;
    expect(result).toEqual({ exit_status: 0, jobs: ["a", "b", "c", "d"], failed_jobs: [] });
  });

  test("runs no more at a time than `workers` says, each in a lane of its own (JOB-dag-02)", async () => {
    let alive = 0;
    let most = 0;

    const { result, trace } = await runHandler(dag, {
      payload: { a: null, b: null, c: null, d: null, e: null },
      parameters: { workers: 2 },
      jobs,
      async child() {
        alive += 1;
        most = Math.max(most, alive);
        await Promise.resolve();
        alive -= 1;
      },
    });

    expect(most).toBe(2);
    expect(result).toMatchObject({ jobs: expect.arrayContaining(["a", "b", "c", "d", "e"]) });
    expect(new Set(trace.children.map(({ options }) => options.lane))).toEqual(new Set([0, 1]));
  });

  test("limits too many workers with a warning (JOB-dag-02)", async () => {
    const { trace } = await runHandler(dag, {
      payload: { a: null },
      parameters: { workers: 9 },
      config: { DAG_MAX_WORKERS: 3 },
      jobs,
    });

    expect(trace.logs).toContainEqual({
      level: "warn",
      message: "Too many DAG workers (9): limiting to 3",
    });
  });

  test("logs what is ready, what starts and what is done (JOB-dag-10)", async () => {
    const { trace } = await runHandler(dag, {
      payload: { b: "a" },
      parameters: { job_prefix: "p/" },
      jobs,
    });

    expect(trace.logs.map(({ message }) => message)).toEqual([
      "Ready to run: p/a",
      "Submitting child job p/a to executor",
      "Job p/a done",
      "Ready to run: p/b",
      "Submitting child job p/b to executor",
      "Job p/b done",
    ]);
  });

  test("fails with its first failure when what runs has ended, and starts nothing more (JOB-dag-06)", async () => {
    const children = controlledChildren();
    let settled = false;

    const running = runHandler(dag, {
      payload: { c: "a", d: "b" },
      jobs,
      child: (id) => children.child(id),
      config: { DAG_WORKERS: 4 },
    }).finally(() => {
      settled = true;
    });
    await children.untilStarted("a", "b");
    children.fail("a");
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBe(false);
    children.end("b");

    const { error } = await running;
    expect(children.started).toEqual(["a", "b"]);
    expect(error).toMatchObject({
      message: "Job a: boom",
      data: { exit_status: 1, jobs: [], failed_jobs: ["a"], error: "Job a: boom" },
    });
  });

  test("runs what depends on a failure that is tolerated (JOB-dag-03)", async () => {
    const { result } = await runHandler(dag, {
      payload: { b: "a" },
      parameters: { can_fail: ["a"] },
      jobs,
      child(id) {
        if (id === "a") throw new Error("boom");
      },
    });

    expect(result).toEqual({ exit_status: 0, jobs: ["b"], failed_jobs: ["a"] });
  });

  test.each([
    ["gone", "gone: No such job", "Job gone failed: No such job"],
    [
      "other",
      "other: Worker mismatch: Expected core but got w2",
      "Job other failed: Worker mismatch: Expected core but got w2",
    ],
  ])("fails for the child %s with its partial result (JOB-dag-07)", async (id, message, text) => {
    const { error } = await runHandler(dag, {
      payload: { [id]: "a" },
      parameters: { can_fail: "*" },
      jobs,
    });

    expect(error).toMatchObject({
      message,
      data: { exit_status: 1, jobs: ["a"], failed_jobs: [id], error: text },
    });
  });

  test("of nothing succeeds (JOB-dag-08)", async () => {
    const { result } = await runHandler(dag, { payload: {} });

    expect(result).toEqual({ exit_status: 0, jobs: [], failed_jobs: [] });
  });

  test("in a cycle runs nothing (JOB-dag-04)", async () => {
    const { error, trace } = await runHandler(dag, { payload: { a: "b", b: "a", c: null }, jobs });

    expect(error).toMatchObject({
      code: "DAG_CYCLE",
      message: "Jobs are in a cycle: a, b, a",
      retry: "never",
    });
    expect(trace.children).toEqual([]);
  });

  test("passes an abort on, whatever may fail", async () => {
    const controller = new AbortController();

    const { error } = await runHandler(dag, {
      payload: { a: null, b: "a" },
      parameters: { can_fail: "*" },
      jobs,
      signal: controller.signal,
      child() {
        controller.abort(new Error("given back"));
        throw new Error("stopped");
      },
    });

    expect(error).toMatchObject({ message: "given back" });
  });

  test("of 10,000 jobs gets through", async () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `job-${index}`);

    const { result } = await runHandler(dag, {
      payload: Object.fromEntries(ids.map((id) => [id, null])),
      jobs: Object.fromEntries(ids.map((id) => [id, {}])),
    });

    expect(result).toMatchObject({ exit_status: 0, failed_jobs: [] });
  });
});
