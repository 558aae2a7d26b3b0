import { DecimalValue } from "@lava/core";
import { expect, test } from "vitest";
import { checkRunDelay, decideRetry, planRetries } from "./retry.ts";

const limits = { maxLimit: 10, maxDelay: "5m" };

test("a failed attempt is followed by another until the limit", () => {
  const plan = { limit: 2, delay: 3 };

  expect(decideRetry(plan, 1, true)).toEqual({ next: "again", delay: 3 });
  expect(decideRetry(plan, 2, true)).toEqual({ next: "give_up" });
  expect(decideRetry(plan, 1, false)).toEqual({ next: "done" });
});

test("plans are read from what records hold (WK-053)", () => {
  const job = { iteration_limit: new DecimalValue("3"), iteration_delay: "1m" };

  expect(planRetries(job, limits)).toEqual({ limit: 3, delay: 60 });
});

test.each([
  [{ iteration_limit: 11, iteration_delay: 0 }, "iteration_limit must be <= 10"],
  [{ iteration_limit: 0, iteration_delay: 0 }, "iteration_limit must be >= 1"],
  [{ iteration_limit: 1, iteration_delay: "6m" }, "iteration_delay must be <= 5m"],
  [{ iteration_limit: 1, iteration_delay: "x" }, "Bad iteration_delay: Invalid duration: x"],
])("a plan beyond the limits is refused: %j", (job, text) => {
  expect(() => planRetries(job, limits)).toThrow(text);
});

test("a run that waited longer than max_run_delay is refused (WK-052)", () => {
  checkRunDelay("10s", 0, 10_000);
  checkRunDelay(null, 0, 1e9);

  expect(() => {
    checkRunDelay("10s", 0, 10_001);
  }).toThrow("dispatch is more than 10s old");
  expect(() => {
    checkRunDelay("soon", 0, 1);
  }).toThrow("Bad max_run_delay: soon");
});
