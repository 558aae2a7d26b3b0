import { expect, test } from "vitest";
import { backlogOf } from "./backlog.ts";

test.each([
  [0, 1, 0],
  [7, 2, 3.5],
  [10, 3, 3.3],
  [20, 3, 6.7],
  [1, 4, 0.2],
  [3, 4, 0.8],
  [1, 20, 0.1],
  [3, 20, 0.1],
  [5, 4, 1.2],
  [7, 4, 1.8],
  [100_001, 4, 25_000.2],
])("%d messages for %d instances are %d, rounded as Python does (LAM-303)", (n, m, expected) => {
  expect(backlogOf(n, m)).toBe(expected);
});

test("without an instance there is no backlog (LAM-303)", () => {
  expect(backlogOf(5, 0)).toBeUndefined();
});
