// The fixed set of `npm test`: `npm run test:faults` has the rest.
import { formatViolation } from "@lava/testing";
import { expect, test } from "vitest";
import { runRound } from "../src/rig/round.ts";
import { rows } from "../src/rows/index.ts";

test.each([
  ["kill -9", 11],
  ["second signal", 12],
  ["messages twice", 13],
  ["DynamoDB fails after commit", 14],
])(
  "the guarantee holds for a dozen runs under: %s, seed %i",
  async (name, seed) => {
    const row = rows.find((one) => one.name === name);
    if (row === undefined) throw new Error(`no row ${name}`);

    const result = await runRound(row, seed, 12);

    expect(result.violations.map(formatViolation)).toEqual([]);
    expect(result.wasFelt).toBe(true);
    expect(result.executions).toBeGreaterThan(8);
  },
  120_000,
);
