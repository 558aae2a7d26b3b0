import { expect, it } from "vitest";
import { parseFilterPattern } from "./filter-pattern.ts";

const record = JSON.stringify({ event_source: "lava-worker", n: 3, sqs: { messages: 0 } });

it.each([
  ["", true],
  ["lava", true],
  ["lava -other", true],
  ["lava -worker", false],
  ['"lava-worker"', true],
  ['{$.event_source="lava-worker" && $.n=3}', true],
  ['{ ($.event_source = "lava-*") && ($.n > 2) }', true],
  ["{ $.sqs.messages >= 1 }", false],
  ["{ $.none != 1 }", false],
])("%s gives %s", (pattern, passes) => {
  expect(parseFilterPattern(pattern)(record)).toBe(passes);
});

it("says so when a pattern is of a kind that is not known", () => {
  for (const pattern of ["[a, b]", "{ $.a = 1 || $.b = 2 }", "?x ?y", "{ $.a IS NULL }"]) {
    expect(() => parseFilterPattern(pattern)).toThrow("Invalid filter pattern");
  }
});
