import { describe, expect, test } from "vitest";
import { runHandler } from "../../test/handler-context.ts";
import { chain } from "./chain.ts";

const jobs = { "p/a": {}, "p/b": {}, "p/c": {}, "p/other": { worker: "w2" } };
const failOn = (id: string) => (job_id: string) => {
  if (job_id === id) throw new Error("boom");
};

describe("a chain", () => {
  test("runs its jobs in order, ids trimmed and prefixed (JOB-chain-01, 09)", async () => {
    const payload = "a, b ,c";

    const { result, trace } = await runHandler(chain, {
      payload,
      parameters: { job_prefix: "p/" },
      jobs,
    });

    expect(trace.children.map(({ job_id }) => job_id)).toEqual(["p/a", "p/b", "p/c"]);
    expect(result).toEqual({ exit_status: 0, jobs: ["p/a", "p/b", "p/c"], failed_jobs: [] });
  });

  test("begins at `start`, which takes the prefix too (JOB-chain-02)", async () => {
    const parameters = { job_prefix: "p/", start: "b" };

    const { trace } = await runHandler(chain, { payload: ["a", "b", "c"], parameters, jobs });

    expect(trace.children.map(({ job_id }) => job_id)).toEqual(["p/b", "p/c"]);
  });

  test("stops at a child's failure with what was done (JOB-chain-07)", async () => {
    const { error, trace } = await runHandler(chain, {
      payload: "p/a,p/b,p/c",
      jobs,
      child: failOn("p/b"),
    });

    expect(error).toMatchObject({
      message: "Job p/b: boom",
      data: { exit_status: 1, jobs: ["p/a"], failed_jobs: ["p/b"], error: "Job p/b: boom" },
    });
    expect(trace.children).toHaveLength(2);
  });

  test.each(["p/b", "*b", ["x", "p/?"]])(
    "goes on after a failure that %o tolerates",
    async (can_fail) => {
      const { result } = await runHandler(chain, {
        payload: "p/a,p/b,p/c",
        parameters: { can_fail },
        jobs,
        child: failOn("p/b"),
      });

      expect(result).toEqual({ exit_status: 0, jobs: ["p/a", "p/c"], failed_jobs: ["p/b"] });
    },
  );

  test("fails for a child that is missing, can_fail or not (JOB-chain-05)", async () => {
    const { error } = await runHandler(chain, {
      payload: "p/a,p/gone",
      parameters: { can_fail: "*" },
      jobs,
    });

    expect(error).toMatchObject({
      message: "p/gone: No such job",
      data: { jobs: ["p/a"], failed_jobs: ["p/gone"], error: "Job p/gone failed: No such job" },
    });
  });

  test("fails for a child of another worker, can_fail or not (JOB-chain-06)", async () => {
    const { error } = await runHandler(chain, {
      payload: "p/other",
      parameters: { can_fail: "*" },
      jobs,
    });

    const message = "Job p/other: Worker mismatch: Expected core but got w2";
    expect(error).toMatchObject({ message, data: { error: message, failed_jobs: ["p/other"] } });
  });

  test.each([
    [{ a: null }, {}, "Bad payload: must be string or list"],
    [5, {}, "Bad payload: must be string or list"],
    [[], {}, "Job chain is empty"],
    ["", {}, "Job chain is empty"],
    [["p/a"], { start: "z" }, "Requested start job z is not present in the chain"],
  ])("refuses the payload %o with %o (JOB-chain-02, 04)", async (payload, parameters, message) => {
    const { error } = await runHandler(chain, { payload, parameters, jobs });

    expect(error).toMatchObject({ message });
  });

  test("passes an abort on, whatever may fail", async () => {
    const controller = new AbortController();

    const { error } = await runHandler(chain, {
      payload: "p/a,p/b",
      parameters: { can_fail: "*" },
      jobs,
      signal: controller.signal,
      child: () => {
        controller.abort(new Error("given back"));
        throw new Error("stopped");
      },
    });

    expect(error).toMatchObject({ message: "given back" });
  });
});
