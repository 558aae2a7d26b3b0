import { type Clock, LavaError, nullLogger } from "@lava/core";
import type { ReceivedMessage, WorkerQueue } from "@lava/realm";
import { expect, test } from "vitest";
import { poll } from "./poll.ts";
import { createSlots } from "./slots.ts";
import { createWorkerEvents } from "./worker-events.ts";

const message = (n: number): ReceivedMessage => ({
  message_id: `m${n}`,
  receipt: `r${n}`,
  body: "",
  receives: 1,
  sent: 0,
});

function setup(receive: WorkerQueue["receive"], size = 1) {
  const pauses: number[] = [];
  const clock: Clock = {
    now: () => 0,
    sleep: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
  };
  const stop = new AbortController();
  const options = {
    queue: { name: "q", receive } as WorkerQueue,
    slots: createSlots(size),
    visibility: {
      seconds: 60,
      ready: Promise.resolve(),
      hold: () => () => undefined,
      hide: () => Promise.resolve(),
    },
    signal: stop.signal,
    wait: 10,
    batch: true,
    clock,
    logger: nullLogger,
    events: createWorkerEvents(),
    random: () => 1,
  };
  return { options, pauses, stop };
}

test("nothing is received before it is known how long a message may stay hidden", async () => {
  let received = 0;
  const { options } = setup(() => {
    received += 1;
    return Promise.resolve(undefined);
  });
  const known = Promise.withResolvers<void>();
  const visibility = { ...options.visibility, ready: known.promise };
  const polling = poll({ ...options, visibility, handle: () => Promise.resolve() });
  await new Promise(setImmediate);
  const before = received;
  known.resolve();
  await polling;

  expect([before, received]).toEqual([0, 1]);
});

test("nothing is received while all slots are busy (WK-021, OPS-140, OPS-141, CLI-187)", async () => {
  let received = 0;
  const gate = Promise.withResolvers<void>();
  const { options } = setup(() => {
    received += 1;
    return Promise.resolve(received <= 2 ? message(received) : undefined);
  });
  const handled: string[] = [];
  const polling = poll({
    ...options,
    async handle({ message_id }) {
      await gate.promise;
      handled.push(message_id);
    },
  });
  await new Promise(setImmediate);

  expect(received).toBe(1);
  gate.resolve();
  await polling;
  await options.slots.idle();

  expect(handled).toEqual(["m1", "m2"]);
});

test("faults are waited out, longer and longer, and forgotten after a success (WK-022, CLI-187)", async () => {
  let calls = 0;
  const { options, pauses } = setup(() => {
    calls += 1;
    if (calls <= 3 || calls === 5) return Promise.reject(new Error("away"));
    return Promise.resolve(calls === 4 ? message(1) : undefined);
  }, 2);

  await poll({ ...options, handle: () => Promise.resolve() });

  expect(pauses).toEqual([500, 1000, 2000, 500]);
});

test("a queue that is gone ends the worker with one clear text", async () => {
  const { options } = setup(() => Promise.reject(new LavaError("NO_SUCH_QUEUE", "no queue q")));

  const polling = poll({ ...options, handle: () => Promise.resolve() });

  await expect(polling).rejects.toMatchObject({
    code: "CANNOT_POLL",
    message: "sqs_queue.receive_messages: no queue q",
  });
});

test("a stop ends the loop", async () => {
  const { options, stop } = setup(
    (more) =>
      new Promise((resolve) => {
        more?.signal?.addEventListener("abort", () => {
          resolve(undefined);
        });
      }),
  );
  const polling = poll({ ...options, batch: false, handle: () => Promise.resolve() });

  stop.abort();

  await polling;
});
