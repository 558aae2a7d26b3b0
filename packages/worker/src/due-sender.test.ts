import { type Clock, nullLogger } from "@lava/core";
import type { DueItem, DueStore } from "@lava/realm";
import { expect, test } from "vitest";
import { eventually } from "../test/eventually.ts";
import { startDueSender } from "./due-sender.ts";

/** A clock that moves on when all sleep, to the earliest time that somebody waits for. */
function steppingClock(): Clock & { step(): number } {
  let now = 1_000_000_000;
  const sleepers = new Map<() => void, number>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const wake = (): void => {
          sleepers.delete(wake);
          resolve();
        };
        sleepers.set(wake, now + ms);
        signal?.addEventListener("abort", () => {
          sleepers.delete(wake);
          reject(signal.reason as Error);
        });
      }),
    step() {
      const [first] = [...sleepers].toSorted((a, b) => a[1] - b[1]);
      if (first === undefined) return 0;
      now = Math.max(now, first[1]);
      first[0]();
      return sleepers.size + 1;
    },
  };
}

function memoryDue(clock: Clock): DueStore & { readonly looks: number[] } {
  const items = new Map<string, DueItem>();
  const looks: number[] = [];
  return {
    looks,
    put(message) {
      const key = `${message.due}/${message.run_id}`;
      items.set(key, { ...message, key });
      return Promise.resolve();
    },
    list(_worker, from = 0) {
      looks.push(clock.now());
      const all = [...items.values()]
        .filter(({ due }) => due >= from)
        .toSorted((a, b) => a.due - b.due);
      const due = all.filter((item) => item.due <= clock.now());
      return Promise.resolve({ due, next: all[due.length]?.due });
    },
    waiting: () => Promise.resolve([...items.values()]),
    take: () => Promise.resolve(true),
    sent(item) {
      items.delete(item.key);
      return Promise.resolve();
    },
  };
}

test("what is due is sent when it is due, what others left behind as well, and nothing is asked in between", async () => {
  const clock = steppingClock();
  const start = clock.now();
  const due = memoryDue(clock);
  const stop = new AbortController();
  const sent: { body: string; at: number }[] = [];
  const message = { worker: "core", job_id: "j" };
  await due.put({ ...message, run_id: "left", body: "left", due: start - 5000 });
  await due.put({ ...message, run_id: "late", body: "late", due: start + 3_600_000 });
  const sender = startDueSender({
    realm: { due },
    worker: "core",
    queue: {
      sendBody(body) {
        sent.push({ body, at: clock.now() - start });
        return Promise.resolve({ message_id: "" });
      },
    },
    clock,
    logger: nullLogger,
    signal: stop.signal,
  });

  await eventually(() => clock.step() > 0 && sent.length === 1);
  await due.put({ ...message, run_id: "own", body: "own", due: start + 1_000_000 });
  sender.expect(start + 1_000_000);
  await eventually(() => {
    clock.step();
    return sent.length === 3;
  });
  stop.abort(new Error("stop"));
  await sender.done;

  expect(sent).toEqual([
    { body: "left", at: 5000 },
    { body: "own", at: 1_000_000 },
    { body: "late", at: 3_600_000 },
  ]);
  expect(due.looks.length).toBeLessThan(12);
});

test("a fault is no end: it is tried again", async () => {
  const clock = steppingClock();
  const due = memoryDue(clock);
  const stop = new AbortController();
  let faults = 2;
  let sent = 0;
  await due.put({ worker: "core", job_id: "j", run_id: "r", body: "b", due: clock.now() });
  const sender = startDueSender({
    realm: { due },
    worker: "core",
    queue: {
      sendBody() {
        faults -= 1;
        if (faults >= 0) return Promise.reject(new Error("away"));
        sent += 1;
        return Promise.resolve({ message_id: "" });
      },
    },
    clock,
    logger: nullLogger,
    signal: stop.signal,
  });

  await eventually(() => {
    clock.step();
    return sent === 1;
  });
  stop.abort(new Error("stop"));
  await sender.done;
  expect(faults).toBe(-1);
});
