import type { DataMap } from "@lava/core";
import { describe, expect, test } from "vitest";
import { runHandler } from "../../test/handler-context.ts";
import { foreach } from "./foreach.ts";

const jobs = { child: {}, other: { worker: "w2" } };
const twice: DataMap = { foreach: { type: "inline", values: [{ x: 1 }, { x: 2, y: "b" }] } };

describe("a foreach", () => {
  test("runs its job once for each value, with the value's globals and its index (JOB-foreach-12)", async () => {
    const { result, trace } = await runHandler(foreach, {
      payload: "child",
      parameters: twice,
      jobs,
    });

    expect(trace.children).toEqual([
      { job_id: "child", options: { globals: { x: 1 }, index: 0 } },
      { job_id: "child", options: { globals: { x: 2, y: "b" }, index: 1 } },
    ]);
    expect(result).toEqual({
      exit_status: 0,
      limit: 10,
      foreach_len: 2,
      jobs_completed: 2,
      failed_indexes: [],
    });
  });

  test("stops at the first failure (JOB-foreach-13, 14)", async () => {
    const { error, trace } = await runHandler(foreach, {
      payload: "child",
      parameters: twice,
      jobs,
      child() {
        throw new Error("boom");
      },
    });

    const message = "Job child: Index 0: boom";
    expect(trace.children).toHaveLength(1);
    expect(error).toMatchObject({
      message,
      data: {
        exit_status: 1,
        limit: 10,
        foreach_len: 2,
        jobs_completed: 0,
        failed_indexes: [0],
        error: message,
      },
    });
  });

  test("only lists failures when they are allowed (JOB-foreach-03)", async () => {
    const { result } = await runHandler(foreach, {
      payload: "child",
      parameters: { ...twice, can_fail: true },
      jobs,
      child(_id, { index }) {
        if (index === 0) throw new Error("boom");
      },
    });

    expect(result).toMatchObject({ exit_status: 0, jobs_completed: 1, failed_indexes: [0] });
  });

  test("runs nothing when there are more values than the limit (JOB-foreach-02)", async () => {
    const { error, trace } = await runHandler(foreach, {
      payload: "child",
      parameters: { foreach: { type: "range", stop: 1e9 }, limit: 3 },
      jobs,
    });

    const message = "foreach value list exceeds limit of 3";
    expect(error).toMatchObject({ message, data: { exit_status: 1, error: message } });
    expect(trace.children).toEqual([]);
  });

  test("takes as many values as the limit says", async () => {
    const { result } = await runHandler(foreach, {
      payload: "child",
      parameters: { foreach: { type: "range", stop: 3 }, limit: 3 },
      jobs,
    });

    expect(result).toMatchObject({ foreach_len: 3, jobs_completed: 3 });
  });

  test("refuses a limit above that of the realm (JOB-foreach-02)", async () => {
    const { error } = await runHandler(foreach, {
      payload: "child",
      parameters: { ...twice, limit: 26 },
      jobs,
    });

    expect(error).toMatchObject({ message: "foreach limit of 26 exceeds realm limit of 25" });
  });

  test.each([
    ["gone", "Job gone: No such job"],
    ["other", "Job other: Worker mismatch: Expected core but got w2"],
  ])("refuses the child %s before any run (JOB-foreach-13)", async (payload, message) => {
    const { error, trace } = await runHandler(foreach, { payload, parameters: twice, jobs });

    expect(error).toMatchObject({ message });
    expect(trace.children).toEqual([]);
  });

  test("refuses a payload that is no text", async () => {
    const { error } = await runHandler(foreach, { payload: ["child"], parameters: twice, jobs });

    expect(error).toMatchObject({ message: "Bad payload: must be string" });
  });

  test("refuses a kind of source that does not exist (JOB-foreach-01)", async () => {
    const { error } = await runHandler(foreach, {
      payload: "child",
      parameters: { foreach: { type: "magic" } },
      jobs,
    });

    expect(error).toMatchObject({ message: expect.stringContaining("magic") });
  });

  test("passes an abort on, whatever may fail", async () => {
    const controller = new AbortController();

    const { error } = await runHandler(foreach, {
      payload: "child",
      parameters: { ...twice, can_fail: true },
      jobs,
      signal: controller.signal,
      child() {
        controller.abort(new Error("given back"));
        throw new Error("stopped");
      },
    });

    expect(error).toMatchObject({ message: "given back" });
  });
});
