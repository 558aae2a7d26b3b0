import { nullLogger } from "@lava/core";
import type { WorkerQueue } from "@lava/realm";
import { expect, test } from "vitest";
import { eventually } from "../test/eventually.ts";
import type { RenewalOrder } from "./renewal/renewer.ts";
import { createVisibilityKeeper } from "./visibility-keeper.ts";

function setup(extend: (receipt: string) => Promise<boolean>, seconds = 1) {
  const extended: string[] = [];
  const orders: RenewalOrder[] = [];
  const queue = {
    extend: (receipt: string) => {
      if (!receipt.startsWith("lava-")) extended.push(receipt);
      return extend(receipt);
    },
  } as unknown as WorkerQueue;
  const renewals = { order: (order: RenewalOrder) => void orders.push(order) };
  const keeper = createVisibilityKeeper({ queue, renewals, seconds, logger: nullLogger });
  return { keeper, extended, orders };
}

test("a message is hidden until its run is over, at once where its time is not known (WK-025, OPS-141)", async () => {
  const { keeper, extended, orders } = setup(() => Promise.resolve(true), 60);
  await Promise.resolve();

  keeper.hold("short", true)();
  keeper.hold("long", false);

  expect(extended).toEqual(["long"]);
  expect(orders).toEqual([
    { order: "hold", receipt: "short", seconds: 60, atOnce: false },
    { order: "release", receipt: "short" },
    { order: "hold", receipt: "long", seconds: 60, atOnce: false },
  ]);
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
