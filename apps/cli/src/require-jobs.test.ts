import { expect, test } from "vitest";
import { nearestJob } from "./require-jobs.ts";

test("a job is known by a near miss, or by its last part where there is one only", () => {
  const known = ["app/a/hello", "app/b/load", "app/c/load"];

  expect(nearestJob("app/a/helo", known)).toBe("app/a/hello");
  expect(nearestJob("hello", known)).toBe("app/a/hello");
  expect(nearestJob("load", known)).toBeUndefined();
  expect(nearestJob("something-else", known)).toBeUndefined();
});
