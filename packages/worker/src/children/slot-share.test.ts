import { expect, test } from "vitest";
import { createSlots } from "../slots.ts";
import { createSlotShare } from "./slot-share.ts";

test("the slot goes to others while all wait, and is back when one goes on", async () => {
  const slots = createSlots(1);
  await slots.run(async (slot) => {
    const share = createSlotShare((pause) => slot.pause(pause));
    await share.wait(() => slots.run(() => Promise.resolve()));
    expect(slots.free).toBe(0);
  });
  expect(slots.free).toBe(1);
});

test("the slot is kept while one of the children works", async () => {
  const slots = createSlots(1);
  await slots.run(async (slot) => {
    const share = createSlotShare((pause) => slot.pause(pause));
    await share.enter(); // a second child
    const gate = Promise.withResolvers<void>();
    const waits = share.wait(() => gate.promise);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(slots.free).toBe(0);

    share.leave(); // now all wait
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(slots.free).toBe(1);

    const entered = share.enter();
    await entered;
    expect(slots.free).toBe(0);
    gate.resolve();
    await waits;
    expect(slots.free).toBe(0);
  });
  expect(slots.free).toBe(1);
});

test("what a wait throws is thrown once the slot is back", async () => {
  const slots = createSlots(1);
  await slots.run(async (slot) => {
    const share = createSlotShare((pause) => slot.pause(pause));
    const gate = Promise.withResolvers<void>();
    const waits = share.wait(() => gate.promise);
    await new Promise((resolve) => setTimeout(resolve, 20));
    gate.reject(new Error("over"));
    await expect(waits).rejects.toThrow("over");
    expect(slots.free).toBe(0);
  });
});
