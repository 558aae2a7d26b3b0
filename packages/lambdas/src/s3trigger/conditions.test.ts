import { DecimalValue } from "@lava/core";
import { expect, test } from "vitest";
import { s3Record } from "../../test/events.ts";
import { checkConditions } from "./conditions.ts";
import { parseS3Event } from "./s3-event.ts";

const event = (key: string, over = {}) => parseS3Event(s3Record(key, over), undefined);
const holds = (
  conditions: Parameters<typeof checkConditions>[0]["conditions"],
  key = "a/b.csv",
  over = {},
) => checkConditions({ conditions }, event(key, over)).map((one) => one.holds);

test.each([
  [{ if_fnmatch: "*.csv" }, true],
  [{ if_fnmatch: "*.CSV" }, false],
  [{ if_fnmatch: ["*.txt", "a/*"] }, true],
  [{ if_fnmatch: "[!x]/?.csv" }, true],
  [{ if_not_fnmatch: "a*" }, false],
  [{ if_not_fnmatch: ["*.txt"] }, true],
  [{ if_size_gt: 1023 }, true],
  [{ if_size_gt: new DecimalValue("1024") }, false],
  [{ if_size_gt: "1K" }, true],
  [{ if_not_size_gt: "1KiB" }, true],
  [{ if_event_type: "ObjectCreated:*" }, true],
  [{ if_not_event_type: "ObjectCreated:Put" }, false],
])("%j is judged as the original does (LAM-209, TRIG-04, TRAP-LAM-10)", (conditions, expected) => {
  expect(holds(conditions)).toEqual([expected]);
});

test.each([
  ["a+b%41.csv", "a+b%41.csv", true],
  ["a+b.csv", "a b.csv", true],
  ["a b.csv", "a+b.csv", false],
])(
  "the key %j is matched by %j as it is named, then as the original has it (LAM-218)",
  (key, glob, expected) => {
    expect(holds({ if_fnmatch: glob }, key)).toEqual([expected]);
  },
);

test("what an event does not tell meets no condition, and every negated one (LAM-217, TRIG-09)", () => {
  const gone = { size: undefined };

  expect(holds({ if_size_gt: 0, if_not_size_gt: 0 }, "a", gone)).toEqual([false, true]);
});

test("each condition says what was expected and what there was", () => {
  expect(
    checkConditions({ conditions: { if_size_gt: "1M", if_fnmatch: "*" } }, event("a")),
  ).toEqual([
    { name: "if_size_gt", expected: "1M", actual: 1024, holds: false },
    { name: "if_fnmatch", expected: "*", actual: "a", holds: true },
  ]);
});

test.each([
  [{ if_fnmatch: 7 }, "Bad trigger spec: glob patterns must be a string or list of strings"],
  [{ if_fnmatch: ["a", 7] }, "Bad trigger spec: glob patterns must be a string or list of strings"],
  [{ if_size_gt: "big" }, "Bad trigger spec: if_size_gt: Invalid size: big"],
  [{ if_size_gt: null }, "Bad trigger spec: a size must be a number or text"],
  [{ if_event_type: ["a"] }, "Bad trigger spec: an event type must be a string"],
])("%j cannot be checked", (conditions, message) => {
  expect(() => holds(conditions)).toThrow(message);
});
