import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, type Logger, nullLogger } from "@lava/core";
import type { WorkerQueue } from "@lava/realm";
import { expect, onTestFinished, test } from "vitest";
import { startHeartbeat } from "./heartbeat.ts";

test("beats come on a fixed grid, touch a file, and stop when the directory is gone (WK-081, WF-190, OPS-220, OPS-221, OPS-223, CFG-002, CLI-191)", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lava-heart-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const messages: string[] = [];
  const records: unknown[] = [];
  const logger: Logger = {
    ...nullLogger,
    info: (fields, message) => {
      messages.push(message);
      records.push(fields);
    },
    error: (_fields, message) => void messages.push(message),
  };
  let now = 1000;
  const naps: number[] = [];
  const clock: Clock = {
    now: () => (now += 100),
    async sleep(ms) {
      naps.push(ms);
      now += ms;
      if (naps.length === 2) await rm(folder, { recursive: true });
    },
  };

  await startHeartbeat({
    realm: "r",
    worker: "w",
    queue: { depth: () => Promise.reject(new Error("away")) } as unknown as WorkerQueue,
    period: 60,
    slots: 2,
    folder,
    file: ".heartbeat",
    deferredTasks: () => 1,
    clock,
    logger,
    signal: new AbortController().signal,
  });

  expect(messages).toEqual([
    "heartbeat realm=r worker=w",
    "heartbeat realm=r worker=w",
    `Temp directory ${folder} is gone - heartbeat stops`,
  ]);
  expect(naps.every((ms) => ms < 60_000)).toBe(true);
  expect(records[0]).toMatchObject({
    event_type: "heartbeat",
    sqs: { messages: -1, notvisible: -1 },
    internal: { qlen: 0 },
    threads: { event: "OK", "worker-00": "OK", "worker-01": "OK", heartbeat: "OK" },
    deferred_tasks: 2,
    loop_lag_ms: expect.any(Number),
  });
  await expect(stat(folder)).rejects.toThrow("ENOENT");
});
