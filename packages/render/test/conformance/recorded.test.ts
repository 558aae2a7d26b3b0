import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import type { Case, Outcome } from "./oracle.ts";
import { ours, same } from "./ours.ts";

// Recorded by `npm run test:conformance -- --seed 11 --count 5000 --record packages/render/test/conformance/recorded.json`.
const recorded = JSON.parse(
  readFileSync(new URL("./recorded.json", import.meta.url), "utf8"),
) as readonly (Case & Outcome)[];

const zone = process.env["TZ"];
process.env["TZ"] = "Australia/Sydney";
afterAll(() => {
  process.env["TZ"] = zone;
});

test("thousands of random templates give what Jinja gives", () => {
  const different = recorded.flatMap((item) => {
    const mine = ours(item);
    return same(mine, item) ? [] : [{ ...item, mine }];
  });

  expect(different).toEqual([]);
  expect(recorded.length).toBeGreaterThan(2000);
});
