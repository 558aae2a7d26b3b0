import { expect, test } from "vitest";
import { formatSize, parseSize } from "./size.ts";

test.each([
  ["100", 100],
  ["100K", 100_000],
  ["1.5KB", 1500],
  ["2 MiB", 2_097_152],
  ["1G", 1e9],
  ["7B", 7],
  [12.9, 12],
])("the size %j is %d bytes (WK-176, CLI-018)", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(["1k", "1.5", "K", "", "3 XB"])("the size %j is refused (CLI-018)", (text) => {
  expect(() => parseSize(text)).toThrow(`Invalid size: ${text}`);
});

test("sizes print in powers of 1000", () => {
  expect([999, 1200, 3_400_000].map(formatSize)).toEqual(["999 B", "1.2 KB", "3.4 MB"]);
});
