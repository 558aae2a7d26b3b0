import { expect, test } from "vitest";
import { dataSize, trimInfo } from "./trim-info.ts";

test("what fits is left as it is", () => {
  const value = { a: [1, "two", null], b: true };

  expect(trimInfo(value, 1_000)).toBe(value);
});

test("a list of many small items keeps its head and its tail", () => {
  const list = Array.from({ length: 10_000 }, (_, index) => `item-${index}`);

  const trimmed = trimInfo({ jobs: list }, 2_000);

  const text = JSON.stringify(trimmed);
  expect(dataSize(trimmed)).toBeLessThanOrEqual(2_000);
  expect(text).toMatch(/"item-0","item-1"/);
  expect(text).toMatch(/"\.\.\. \d+ items left out \.\.\."/);
  expect(text).toMatch(/"item-9998","item-9999"/);
});

test("small members of a map stay whole beside a large one", () => {
  const trimmed = trimInfo({ exit_status: 1, error: "no", stdout: "z".repeat(50_000) }, 4_000);

  expect(trimmed).toMatchObject({ exit_status: 1, error: "no" });
  expect(dataSize(trimmed)).toBeLessThanOrEqual(4_000);
});

test("characters are not cut in two", () => {
  const trimmed = trimInfo("é".repeat(1_000), 501);

  expect(trimmed).not.toMatch(/\uFFFD/);
});

test("a map of very many names becomes text", () => {
  const map = Object.fromEntries(
    Array.from({ length: 5_000 }, (_, index) => [`name-${index}`, "v"]),
  );

  const trimmed = trimInfo(map, 1_000);

  expect(typeof trimmed).toBe("string");
  expect(dataSize(trimmed)).toBeLessThanOrEqual(1_000);
});
