import { describe, expect, it } from "vitest";
import { parseFilterPolicy } from "./filter-policy.ts";

const passes = (policy: object, values: Record<string, unknown>): boolean =>
  parseFilterPolicy(JSON.stringify(policy))((path) => values[path.join(".")]);

describe("filter policies", () => {
  it.each([
    [{ a: ["x", "y"] }, { a: "y" }, true],
    [{ a: ["x"] }, { a: ["w", "x"] }, true],
    [{ a: ["x"] }, {}, false],
    [{ a: ["1"] }, { a: 1 }, false],
    [{ a: [{ exists: false }] }, {}, true],
    [{ a: [{ exists: true }] }, {}, false],
    [{ a: [{ suffix: ".csv" }] }, { a: "b.csv" }, true],
    [{ a: [{ "equals-ignore-case": "ABC" }] }, { a: "abc" }, true],
    [{ a: [{ "anything-but": ["x", { prefix: "no" }] }] }, { a: "none" }, false],
    [{ a: [{ "anything-but": "x" }] }, { a: "y" }, true],
    [{ a: [{ "anything-but": "x" }] }, {}, false],
    [{ a: [{ numeric: [">=", 1, "<", 5] }] }, { a: 5 }, false],
    [{ a: [{ numeric: ["=", 2.5] }] }, { a: 2.5 }, true],
    [{ a: { b: ["x"] }, c: [null] }, { "a.b": "x", c: null }, true],
    [{ a: ["x"], b: ["y"] }, { a: "x", b: "z" }, false],
  ])("%j on %j: %s", (policy, values, expected) => {
    expect(passes(policy, values)).toBe(expected);
  });

  it.each(["no JSON", "[]", '{"a":"x"}', '{"a":[{"between":1}]}', '{"a":[{"numeric":["?",1]}]}'])(
    "refuses %s",
    (policy) => {
      expect(() => parseFilterPolicy(policy)).toThrow("FilterPolicy");
    },
  );
});
