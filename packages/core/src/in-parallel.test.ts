import { expect, test } from "vitest";
import { inParallel } from "./in-parallel.ts";

test("results are in the list's order, and no more calls than the limit are under way", async () => {
  let open = 0;
  let most = 0;
  const results = await inParallel([30, 5, 20, 1], 2, async (ms, index) => {
    open += 1;
    most = Math.max(most, open);
    await new Promise((resolve) => setTimeout(resolve, ms));
    open -= 1;
    return `${index}:${ms}`;
  });

  expect(results).toEqual(["0:30", "1:5", "2:20", "3:1"]);
  expect(most).toBe(2);
});

test("the first failure ends it", async () => {
  const seen: number[] = [];
  const work = inParallel([1, 2, 3], 1, async (item) => {
    seen.push(item);
    if (item === 2) throw new Error("two");
    await Promise.resolve();
  });

  await expect(work).rejects.toThrow("two");
  expect(seen).toEqual([1, 2]);
});
