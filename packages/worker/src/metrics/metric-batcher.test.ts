import { type Clock, systemClock } from "@lava/core";
import { expect, test, vi } from "vitest";
import { createMetricBatcher, type Metric } from "./metric-batcher.ts";

const metric = (value: number, time = 1e12): Metric => ({
  ...{ name: "m", dimensions: [], unit: "Count" as const, value, time },
});
const clock: Clock = { ...systemClock, now: () => 1e12 };

test("values wait for company and go in batches of a thousand at most", async () => {
  const sizes: number[] = [];
  const batcher = createMetricBatcher({
    send: async (metrics) => void sizes.push(metrics.length),
    onFailure: () => undefined,
    clock,
    waitMs: 5,
  });
  for (let n = 0; n < 1500; n += 1) batcher.add(metric(n));

  await vi.waitFor(() => {
    expect(sizes).toEqual([1000, 500]);
  });
  batcher.add(metric(1));
  await batcher.close(1000);
  expect(sizes).toEqual([1000, 500, 1]);
});

test("a failed batch is told and tried again; nothing is thrown", async () => {
  const failures: unknown[] = [];
  let isAway = true;
  const sent: number[] = [];
  const batcher = createMetricBatcher({
    send: async (metrics) => {
      if (isAway) throw new Error("away");
      sent.push(...metrics.map(({ value }) => value));
    },
    onFailure: (error) => {
      failures.push(error);
      isAway = false;
    },
    clock,
    waitMs: 1,
  });
  batcher.add(metric(7));

  await vi.waitFor(() => {
    expect(sent).toEqual([7]);
  });
  expect(failures).toHaveLength(1);
});

test("the oldest are given up while CloudWatch is away, and a stop does not wait for it", async () => {
  let dropped = 0;
  const batcher = createMetricBatcher({
    send: () => Promise.reject(new Error("away")),
    onFailure: (_error, count) => {
      dropped = count;
    },
    clock,
    waitMs: 60_000,
  });
  for (let n = 0; n < 10_100; n += 1) batcher.add(metric(n));
  await batcher.close(1000);
  expect(dropped).toBe(100);

  const hanging = createMetricBatcher({
    send: () => new Promise(() => undefined),
    onFailure: () => undefined,
    clock,
  });
  hanging.add(metric(1));
  await hanging.close(10);
});

test("a time that CloudWatch would refuse is moved to the oldest it takes", async () => {
  const times: number[] = [];
  const batcher = createMetricBatcher({
    send: async (metrics) => void times.push(...metrics.map(({ time }) => time)),
    onFailure: () => undefined,
    clock,
  });
  batcher.add(metric(1, 0));
  batcher.add(metric(2));
  await batcher.close(1000);

  expect(times).toEqual([1e12 - 13.9 * 86_400_000, 1e12]);
});
