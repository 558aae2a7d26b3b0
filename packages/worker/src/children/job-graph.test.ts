import { describe, expect, test } from "vitest";
import { createJobGraph } from "./job-graph.ts";

describe("the graph of a dag", () => {
  test("has every id of keys and values, with its prefix, and those that depend on nothing first", () => {
    const graph = createJobGraph({ c: ["a", "b"], a: null, d: "c" }, "p/");

    expect(graph.ids).toEqual(["p/c", "p/a", "p/b", "p/d"]);
    expect(graph.first).toEqual(["p/a", "p/b"]);
  });

  test("frees a job when the last of what it depends on is done", () => {
    const graph = createJobGraph({ c: ["a", "b", "a"], d: ["c"] }, "");

    expect(graph.done("a")).toEqual([]);
    expect(graph.done("b")).toEqual(["c"]);
    expect(graph.done("c")).toEqual(["d"]);
    expect(graph.done("d")).toEqual([]);
  });

  test("of an empty map is empty", () => {
    expect(createJobGraph({}, "").first).toEqual([]);
  });

  // The texts are those of Python's graphlib for the same graphs.
  test.each([
    [{ a: ["a"] }, "a, a"],
    [{ a: ["b"], b: ["a"] }, "a, b, a"],
    [{ x: null, a: ["c", "x"], b: ["a"], c: ["b"] }, "a, b, c, a"],
    [{ s: [], a: ["s", "d"], b: ["a"], d: ["b", "c"], c: ["s"] }, "a, b, d, a"],
  ])("refuses %o (JOB-dag-04)", (payload, cycle) => {
    expect(() => createJobGraph(payload, "")).toThrow(`Jobs are in a cycle: ${cycle}`);
  });

  test.each([[[]], ["a,b"], [null], [5]])("refuses the payload %o", (payload) => {
    expect(() => createJobGraph(payload, "")).toThrow("payload must be a map");
  });

  test("refuses a dependency that is no job id", () => {
    expect(() => createJobGraph({ a: [{ b: 1 }] }, "")).toThrow(
      "Job a: dependencies must be job ids",
    );
  });

  test("takes a row of 10,000 jobs", () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `job-${index}`);
    const payload = Object.fromEntries(ids.map((id, index) => [id, ids[index - 1] ?? null]));

    const graph = createJobGraph(payload, "");

    expect(graph.first).toEqual(["job-0"]);
    expect(graph.done("job-0")).toEqual(["job-1"]);
  });
});
