import { expect, it } from "vitest";
import {
  addNumbers,
  compareNumbers,
  normalizeNumber,
  numberSortKey,
  subtractNumbers,
} from "./decimal.ts";

it.each([
  ["0", "0"],
  ["-0", "0"],
  ["007", "7"],
  ["+5", "5"],
  ["1.0", "1"],
  [".5", "0.5"],
  ["5.", "5"],
  ["-1.2300e2", "-123"],
  ["1E-3", "0.001"],
  ["123456789012345678901234567890", "123456789012345678901234567890"],
])("writes %s as %s", (given, expected) => {
  expect(normalizeNumber(given)).toBe(expected);
});

it("adds and subtracts without a loss", () => {
  expect(addNumbers("0.1", "0.2")).toBe("0.3");
  expect(addNumbers("99999999999999999999", "1")).toBe("100000000000000000000");
  expect(subtractNumbers("1", "1.0")).toBe("0");
  expect(subtractNumbers("1", "0.00000000000000000001")).toBe("0.99999999999999999999");
  expect(() => addNumbers("1e37", "0.01")).toThrow("more than 38 significant digits");
});

it("sorts stored keys as it compares numbers", () => {
  const ordered = [
    "-1e125",
    "-100",
    "-99.5",
    "-99",
    "-10",
    "-9",
    "-1.5",
    "-1",
    "-0.1",
    "-0.01",
    "-1e-130",
    "0",
    "1e-130",
    "0.01",
    "0.1",
    "0.11",
    "1",
    "1.5",
    "9",
    "10",
    "99",
    "99.5",
    "100",
    "1e125",
  ];
  for (const [index, value] of ordered.entries()) {
    const next = ordered[index + 1] ?? "9e125";
    expect(compareNumbers(value, next)).toBeLessThan(0);
    expect(Buffer.compare(numberSortKey(value), numberSortKey(next))).toBe(-1);
  }
});
