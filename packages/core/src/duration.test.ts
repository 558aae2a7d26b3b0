import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

describe("parseDuration (WK-175, CLI-017)", () => {
  test.each([
    ["10m", 600],
    ["1e2", 100],
    [".5h", 1800],
    ["-3m", -180],
    ["2 d", 172_800],
    [" 1w ", 604_800],
    ["90", 90],
    [1.5, 1.5],
  ])("%j is %d seconds", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  test.each(["10M", "ten", "", "5 m s", "1h30m"])("%j is refused by name", (text) => {
    expect(() => parseDuration(text)).toThrow(`Invalid duration: ${text}`);
  });
});

test.each([
  [0.25, "250 ms"],
  [12.34, "12.3 s"],
  [245, "4 m 05 s"],
  [12_000, "3 h 20 m"],
  [187_200, "2 d 04 h"],
  [-2, "-2.0 s"],
])("%d seconds read as %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});
