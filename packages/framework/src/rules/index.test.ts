import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { findCycle } from "./dag-graphs.ts";
import { projectRules } from "./index.ts";

test("each rule has one file, named in the index", () => {
  const shared = ["index", "job-graph", "rule"];
  const files = readdirSync(import.meta.dirname)
    .filter((name) => !name.endsWith(".test.ts"))
    .map((name) => name.replace(".ts", ""))
    .filter((name) => !shared.includes(name));

  expect(Object.keys(projectRules).sort()).toEqual(files.sort());
  for (const [name, rule] of Object.entries(projectRules)) expect(rule.name).toBe(name);
});

test("a cycle is found whatever else there is, and a large graph without one is quick", () => {
  expect(
    findCycle(
      new Map([
        ["a", ["b"]],
        ["b", ["c", "a"]],
        ["c", []],
      ]),
    ),
  ).toEqual(["a", "b", "a"]);
  expect(findCycle(new Map([["a", ["a"]]]))).toEqual(["a", "a"]);
  const chain = new Map(Array.from({ length: 20_000 }, (_, i) => [`n${i}`, [`n${i + 1}`]]));
  expect(findCycle(chain)).toBeUndefined();
});
