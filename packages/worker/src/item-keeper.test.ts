import { nullLogger } from "@lava/core";
import type { RunEvent } from "@lava/realm";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepItem } from "./item-keeper.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function aRun(fault?: Error) {
  const writes: (readonly RunEvent[])[] = [];
  return {
    writes,
    run: {
      job_id: "j",
      run_id: "r",
      append: (events: RunEvent | readonly RunEvent[]) => {
        writes.push([events].flat());
        return fault === undefined ? Promise.resolve() : Promise.reject(fault);
      },
    },
  };
}

test("the item of a run that lasts is written at half of its time, until the run is over (WK-166)", async () => {
  const { run, writes } = aRun();

  const end = keepItem(run, 100, nullLogger);
  await vi.advanceTimersByTimeAsync(149_000);
  end();
  await vi.advanceTimersByTimeAsync(149_000);

  expect(writes).toEqual([[], []]);
});

test("a write that fails is made again; what is kept for ever is left alone, what is kept for long is written daily", async () => {
  const [failing, forEver, long] = [aRun(new Error("away")), aRun(), aRun()];

  const ends = [
    keepItem(failing.run, 86_400, nullLogger),
    keepItem(forEver.run, 0, nullLogger),
    keepItem(long.run, 365 * 86_400, nullLogger),
  ];
  await vi.advanceTimersByTimeAsync(86_400_000);
  for (const end of ends) end();

  expect([failing, forEver, long].map(({ writes }) => writes.length)).toEqual([2, 0, 1]);
});
