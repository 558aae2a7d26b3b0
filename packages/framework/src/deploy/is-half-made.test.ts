import type { DataMap } from "@lava/core";
import { expect, test } from "vitest";
import { isHalfMade } from "./is-half-made.ts";

const target = (Id: string, Arn = "a"): DataMap => ({ Id, Arn });
const before: DataMap = {
  ...{ rule_id: "r", enabled: true, description: "one", owner: "o" },
  ...{ targets: [target("1"), target("2")], tags: { a: "1", gone: "x" } },
};
const after: DataMap = {
  ...{ rule_id: "r", enabled: false, description: "two", owner: "o" },
  ...{ targets: [target("1", "b"), target("3")], tags: { a: "2" } },
};

test.each<[string, DataMap, DataMap | undefined, DataMap | undefined]>([
  ["new, without its targets yet", { ...after, targets: [] }, undefined, after],
  [
    "changed, with its old targets and tags",
    { ...after, targets: before["targets"] ?? [] },
    before,
    after,
  ],
  [
    "changed, with some targets of each and tags of both",
    { ...after, targets: [target("1", "b"), target("2")], tags: { a: "2", gone: "x" } },
    before,
    after,
  ],
  ["to be deleted, without its targets", { ...before, targets: [] }, before, undefined],
])("a rule that is %s is half made", (_case, now, old, next) => {
  expect(isHalfMade(now, old, next)).toBe(true);
});

test.each<[string, DataMap | undefined]>([
  ["is not there", undefined],
  ["has a target of somebody else's", { ...after, targets: [target("4")] }],
  ["calls something else", { ...after, targets: [target("3", "c")] }],
  ["has another description", { ...after, description: "three" }],
  ["has another tag", { ...after, tags: { a: "2", b: "1" } }],
])("a rule that %s is not", (_case, now) => {
  expect(isHalfMade(now, before, after)).toBe(false);
});
