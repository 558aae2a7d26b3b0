import { LavaError } from "@lava/core";
import { expect, test } from "vitest";
import { decideDeferral, nothingYet } from "./deferral.ts";

const config = { DEFER_EXIT_STATUS: 75, DEFER_MAX_DELAY: "7d", DEFER_MAX_LIMIT: 3 };
const failed = (exit_status: number) =>
  new LavaError("PROGRAM_FAILED", "Failed", { data: { exit_status } });

test("a status that means no data yet puts the run off, until the limit", () => {
  const defer = { exit_status: [75, 76], delay: "6h", limit: 2 };

  expect(decideDeferral(defer, failed(76), 0, config)).toEqual({
    count: 1,
    limit: 2,
    delay: 21_600,
  });
  expect(decideDeferral(defer, failed(75), 1, config)?.count).toBe(2);
  expect(decideDeferral(defer, failed(75), 2, config)).toBeUndefined();
  expect(decideDeferral(defer, failed(1), 0, config)).toBeUndefined();
});

test("only jobs with x-lava-defer may defer", () => {
  expect(decideDeferral(undefined, failed(75), 0, config)).toBeUndefined();
  expect(decideDeferral(undefined, nothingYet("nothing"), 0, config)).toBeUndefined();
});

test("a handler in TypeScript defers by its error, without a status", () => {
  const defer = { exit_status: 9, delay: 1, limit: 1 };

  expect(decideDeferral(defer, nothingYet("nothing"), 0, config)).toMatchObject({ delay: 1 });
});

test("the realm has the usual status, and caps for limit and delay (CFG-157, CFG-158)", () => {
  const defer = { delay: "30d", limit: 100 };

  expect(decideDeferral(defer, failed(75), 2, config)).toEqual({
    count: 3,
    limit: 3,
    delay: 604_800,
  });
  expect(decideDeferral(defer, failed(75), 3, config)).toBeUndefined();
});
