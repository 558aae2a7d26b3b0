import { expect, test } from "vitest";
import { parseAssignments } from "./assignments.ts";

test("words are laid over JSON, a.b=value nests, values are text, the last of a name wins (WF-211, CLI-019)", () => {
  expect(
    parseAssignments(
      ["env.DAY=2026-11-01", "env.X=a=b", "n=1"],
      '{"env": {"DAY": "x", "KEEP": "y"}, "m": 2}',
    ),
  ).toEqual({
    env: { DAY: "2026-11-01", KEEP: "y", X: "a=b" },
    m: 2,
    n: "1",
  });
  expect(parseAssignments(["a=1", "b=2", "a=3"])).toEqual({ a: "3", b: "2" });
  expect(parseAssignments()).toBeUndefined();
});

test("what is no assignment or no object is a usage fault", () => {
  expect(() => parseAssignments(["novalue"])).toThrow("Not of the form name=value: novalue");
  expect(() => parseAssignments([], "[1]")).toThrow("--parameters: not a JSON object: [1]");
  expect(() => parseAssignments([], "{bad", "--globals")).toThrow("--globals: not JSON: ");
});
