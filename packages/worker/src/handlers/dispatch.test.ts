import { describe, expect, test } from "vitest";
import { runHandler } from "../../test/handler-context.ts";
import { dispatch } from "./dispatch.ts";

describe("a dispatch job", () => {
  test("queues each of its jobs and tells their run ids (JOB-dispatch-03, 09)", async () => {
    const { result, trace } = await runHandler(dispatch, {
      payload: "a, b",
      parameters: { job_prefix: "p/", delay: "2.9s" },
    });

    expect(trace.dispatched).toEqual([
      { job_id: "p/a", parameters: undefined, delay: 2, key: "dispatch-1-0" },
      { job_id: "p/b", parameters: undefined, delay: 2, key: "dispatch-1-1" },
    ]);
    expect(result).toEqual({ exit_status: 0, jobs: ["p/a", "p/b"], run_ids: ["run-1", "run-2"] });
  });

  test("renders its parameters through JSON, unless `jinja` is false (JOB-dispatch-01, 04)", async () => {
    const parameters = { args: ["{{ job.job_id }}"] };

    const rendered = await runHandler(dispatch, { payload: ["a"], parameters: { parameters } });
    const plain = await runHandler(dispatch, {
      payload: ["a"],
      parameters: { parameters, jinja: false },
    });

    expect(rendered.trace.dispatched[0]?.parameters).toEqual({ args: ["test/job"] });
    expect(plain.trace.dispatched[0]?.parameters).toEqual(parameters);
  });

  test("says when parameters cannot be rendered", async () => {
    const { error } = await runHandler(dispatch, {
      payload: ["a"],
      parameters: { parameters: { x: "{{ nope.x }}" } },
    });

    expect(error).toMatchObject({
      message: "Cannot render parameters - 'nope.x' is undefined",
    });
  });

  test.each([
    ["16m", "Bad delay: 960: must be between 0 and 15 minutes"],
    [-1, "Bad delay: -1: must be between 0 and 15 minutes"],
  ])("refuses the delay %o (JOB-dispatch-02)", async (delay, message) => {
    const { error, trace } = await runHandler(dispatch, { payload: "a", parameters: { delay } });

    expect(error).toMatchObject({ message });
    expect(trace.dispatched).toEqual([]);
  });

  test("refuses itself, after those before it were sent (JOB-dispatch-06)", async () => {
    const { error, trace } = await runHandler(dispatch, { job_id: "me", payload: "a,me,b" });

    expect(error).toMatchObject({
      message: "me: Circular dispatch not permitted",
      data: {
        exit_status: 1,
        jobs: ["a", "me"],
        run_ids: ["run-1"],
        error: "me: Circular dispatch not permitted",
      },
    });
    expect(trace.dispatched).toHaveLength(1);
  });

  test("names a target that does not exist once (JOB-dispatch-07)", async () => {
    const { error } = await runHandler(dispatch, {
      payload: "gone",
      dispatch({ job_id }) {
        throw new Error(`${job_id}: No such job`);
      },
    });

    expect(error).toMatchObject({ message: "gone: No such job", data: { jobs: ["gone"] } });
  });

  test.each([[{ a: 1 }], [5], [null], [["a", 1]]])("refuses the payload %o", async (payload) => {
    const { error } = await runHandler(dispatch, { payload });

    expect(error).toMatchObject({
      message: "Payload must be comma separated list or real list of job IDs",
    });
  });
});
