import { nullLogger } from "@lava/core";
import type { WorkerQueue } from "@lava/realm";
import { expect, test } from "vitest";
import { eventually } from "../test/eventually.ts";
import { createVisibilityKeeper } from "./visibility-keeper.ts";

function setup(extend: (receipt: string) => Promise<boolean>, seconds = 1) {
  const extended: string[] = [];
  const queue = {
    extend: (receipt: string) => {
      if (!receipt.startsWith("lava-")) extended.push(receipt);
      return extend(receipt);
    },
  } as unknown as WorkerQueue;
  const keeper = createVisibilityKeeper({ queue, seconds, logger: nullLogger });
  return { keeper, extended };
}

test("a message is hidden again and again until its run is over (WK-025)", async () => {
  const { keeper, extended } = setup(
    (receipt) =>
      receipt.startsWith("lava-")
        ? Promise.reject(new Error("bad receipt"))
        : Promise.resolve(true),
    0.06,
  );
  await Promise.resolve();

  const release = keeper.hold("r", true);
  await eventually(() => extended.length >= 2);
  release();
  const count = extended.length;
  await new Promise((resolve) => {
    setTimeout(resolve, 60);
  });

  expect(extended).toHaveLength(count);
});

test("where it may be extended, messages are asked for with a short time", async () => {
  const { keeper } = setup(() => Promise.reject(new Error("bad receipt")), 60);
  expect(keeper.seconds).toBeUndefined();

  await eventually(() => keeper.seconds === 60);

  expect(keeper.seconds).toBe(60);
});

test("without the right the queue's own time stays and nothing more is asked", async () => {
  const { keeper, extended } = setup(() => Promise.resolve(false));
  await Promise.resolve();
  await Promise.resolve();

  keeper.hold("r", false)();
  await keeper.hide("r", 5);

  expect(keeper.seconds).toBeUndefined();
  expect(extended).toEqual([]);
});
