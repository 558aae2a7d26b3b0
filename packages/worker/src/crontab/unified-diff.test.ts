import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { unifiedDiff } from "./unified-diff.ts";

const PYTHON = `
import difflib, json, sys
for a, b in json.load(sys.stdin):
    print(json.dumps(list(difflib.unified_diff(a, b, fromfile='Old', tofile='New', n=1))))
`;

/** Pairs of texts that share lines, from a fixed row of numbers. */
function pairs(): [string[], string[]][] {
  let seed = 7;
  const next = (limit: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % limit;
  };
  return Array.from({ length: 300 }, (_, index) => {
    const length = index % 10 === 9 ? 260 : 14;
    const words = index % 3 === 0 ? 4 : 30;
    const a = Array.from({ length: next(length) }, () => `l${next(words)}`);
    const b = a.flatMap(
      (line) => [[line], [line], [line], [], [`n${next(words)}`, line]][next(5)] ?? [],
    );
    return [a, b];
  });
}

test("gives what Python's difflib gives", () => {
  const texts = pairs();
  const said = execFileSync("python3", ["-c", PYTHON], { input: JSON.stringify(texts) });
  const expected = said
    .toString()
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));

  expect(texts.map(([a, b]) => unifiedDiff(a, b, ["Old", "New"]))).toEqual(expected);
});
