import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { watchLoop } from "./loop-lag.ts";

test("a blocked loop is told once, in milliseconds (OPS-223)", async () => {
  using lag = watchLoop();
  await delay(60);
  lag.longest();
  await delay(60);

  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  await delay(60);

  expect(lag.longest()).toBeGreaterThan(900);
  expect(lag.longest()).toBe(0);
});
