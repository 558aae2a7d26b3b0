import { expect, test } from "vitest";
import { createSlots } from "./slots.ts";

test("no more runs go on than there are slots", async () => {
  const slots = createSlots(2);
  const gate = Promise.withResolvers<void>();
  const threads: string[] = [];
  const runs = [0, 1].map(() =>
    slots.run(async (slot) => {
      threads.push(slot.thread);
      await gate.promise;
    }),
  );
  await Promise.resolve();

  expect(slots.free).toBe(0);
  let isFree = false;
  const waiting = slots.whenFree(new AbortController().signal).then(() => (isFree = true));
  await Promise.resolve();
  expect(isFree).toBe(false);
  gate.resolve();
  await Promise.all([...runs, waiting, slots.idle()]);

  expect(threads).toEqual(["worker-00", "worker-01"]);
  expect(slots.free).toBe(2);
});

test("a pause lends the slot to others, and the one that comes back goes first", async () => {
  const slots = createSlots(1);
  const pause = Promise.withResolvers<void>();
  const other = Promise.withResolvers<void>();
  const order: string[] = [];

  const first = slots.run(async (slot) => {
    await slot.pause(() => pause.promise);
    order.push("first again");
  });
  const second = slots.run(async () => {
    order.push("second");
    pause.resolve();
    await other.promise;
  });
  await pause.promise;
  const third = slots.run(async () => {
    order.push("third");
  });
  other.resolve();
  await Promise.all([first, second, third]);

  expect(order).toEqual(["second", "first again", "third"]);
});

test("waiting for a slot ends with the signal", async () => {
  const slots = createSlots(1);
  const gate = Promise.withResolvers<void>();
  const run = slots.run(() => gate.promise);
  const stop = new AbortController();
  const waiting = slots.whenFree(stop.signal);

  stop.abort(new Error("stop"));

  await expect(waiting).rejects.toThrow("stop");
  gate.resolve();
  await run;
});

test("a place that was released is free while the work goes on, and is given back once", async () => {
  const slots = createSlots(1);
  const gate = Promise.withResolvers<void>();
  const run = slots.run(async (slot) => {
    slot.release();
    await gate.promise;
  });
  let idle = false;

  expect(await slots.run(({ thread }) => Promise.resolve(thread))).toBe("worker-00");

  const ended = slots.idle().then(() => (idle = true));
  expect([slots.free, idle]).toEqual([1, false]);
  gate.resolve();
  await Promise.all([run, ended]);
  expect(slots.free).toBe(1);
});

test("a place is given back early only while no more work lingers than there are places", async () => {
  const slots = createSlots(1);
  const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const runs = ends.map(({ promise }) =>
    slots.run(async (slot) => {
      slot.release();
      await promise;
    }),
  );
  await Promise.resolve();

  expect(slots.free).toBe(0);
  ends[0]?.resolve();
  await runs[0];
  expect(slots.free).toBe(0);
  ends[1]?.resolve();
  await Promise.all([...runs, slots.idle()]);
  expect(slots.free).toBe(1);
});
