import { DecimalValue } from "@lava/core";
import { expect, test } from "vitest";
import { checkRunDelay, decideRetry, planRetries } from "./retry.ts";

const limits = { maxLimit: 10, maxDelay: "5m", maxDeferrals: 100, maxDeferDelay: "7d" };
const middle = (): number => 0.5;

test("a failed attempt is followed by another until the limit", () => {
  const plan = { limit: 2, delay: 3, factor: 1, maxDelay: 3, jitter: 0, givesBack: false };

  expect(decideRetry(plan, 1, true, middle)).toEqual({ next: "again", delay: 3 });
  expect(decideRetry(plan, 2, true, middle)).toEqual({ next: "give_up" });
  expect(decideRetry(plan, 1, false, middle)).toEqual({ next: "done" });
});

test("x-lava-retry wins: its waits grow, up to a cap, with a part that is random", () => {
  const job = { iteration_limit: 1, iteration_delay: 0 };
  const retry = { limit: 6, delay: "10s", factor: 3, max_delay: "4m", jitter: 0 };
  const plan = planRetries(job, limits, retry);
  const delays = [1, 2, 3, 4, 5, 6].map((iteration) => {
    const next = decideRetry(plan, iteration, true, middle);
    return next.next === "again" ? next.delay : next.next;
  });
  expect(delays).toEqual([10, 30, 90, 240, 240, "give_up"]);

  const spread = planRetries(job, limits, { ...retry, jitter: 0.5 });
  const with_ = (random: number) => decideRetry(spread, 1, true, () => random);
  expect(with_(0)).toEqual({ next: "again", delay: 5 });
  expect(with_(1)).toEqual({ next: "again", delay: 10 });
});

test("x-lava-retry takes what it does not say from iteration_limit and iteration_delay", () => {
  const job = { iteration_limit: 3, iteration_delay: "1m" };

  expect(planRetries(job, limits, { factor: 2, jitter: 0.1 })).toEqual({
    ...{ limit: 3, delay: 60, factor: 2, jitter: 0.1 },
    ...{ maxDelay: 604_800, givesBack: true },
  });
  expect(() => planRetries(job, limits, { factor: 2, jitter: 0.1, limit: 101 })).toThrow(
    "x-lava-retry.limit must be <= 100",
  );
  expect(() => planRetries(job, limits, { factor: 2, jitter: 0.1, delay: "8d" })).toThrow(
    "x-lava-retry.delay must be <= 7d",
  );
});

test("plans are read from what records hold (WK-053)", () => {
  const job = { iteration_limit: new DecimalValue("3"), iteration_delay: "1m" };

  expect(planRetries(job, limits)).toMatchObject({ limit: 3, delay: 60, givesBack: false });
});

test.each([
  [{ iteration_limit: 11, iteration_delay: 0 }, "iteration_limit must be <= 10"],
  [{ iteration_limit: 0, iteration_delay: 0 }, "iteration_limit must be >= 1"],
  [{ iteration_limit: 1, iteration_delay: "6m" }, "iteration_delay must be <= 5m"],
  [{ iteration_limit: 1, iteration_delay: "x" }, "Bad iteration_delay: Invalid duration: x"],
])("a plan beyond the limits is refused: %j (WK-073, CFG-014, CFG-015)", (job, text) => {
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
