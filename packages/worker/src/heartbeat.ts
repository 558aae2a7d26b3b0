import { stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Logger } from "@lava/core";
import type { WorkerQueue } from "@lava/realm";
import { type LoopLag, watchLoop } from "./loop-lag.ts";

/** Options of {@link startHeartbeat}. */
export interface HeartbeatOptions {
  readonly realm: string;
  readonly worker: string;
  readonly queue: WorkerQueue;
  /** Seconds between beats. */
  readonly period: number;
  /** Number of slots; each counts as a thread (WF-192). */
  readonly slots: number;
  /** Whether the worker sends metrics: one more thread. */
  readonly metrics?: boolean;
  /** The worker's temp directory; when it is gone the heart stops, which raises the alarm (WK-081). */
  readonly folder: string;
  /** HEARTBEAT_FILE, touched in `folder` at each beat; empty for none. */
  readonly file: string;
  /** Number of process groups to be killed at an exit. */
  readonly deferredTasks: () => number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Logs a heartbeat record at once and then on a fixed grid, until the signal aborts (WF-190). */
export async function startHeartbeat(options: HeartbeatOptions): Promise<void> {
  const { clock, signal, period } = options;
  using loop = watchLoop();
  const start = clock.now();
  for (let beats = 1; !signal.aborted; beats += 1) {
    if (!(await beat(options, loop))) return;
    const next = start + beats * period * 1000;
    await clock.sleep(Math.max(0, next - clock.now()), signal).catch(() => undefined);
  }
}

async function beat(options: HeartbeatOptions, loop: LoopLag): Promise<boolean> {
  const { realm, worker, folder, file, logger, slots } = options;
  try {
    await stat(folder);
    if (file !== "") await touch(join(folder, file), options.clock.now());
  } catch {
    logger.error(
      { event_type: "worker", thread: "heartbeat" },
      `Temp directory ${folder} is gone - heartbeat stops`,
    );
    return false;
  }
  const sqs = await options.queue.depth().then(
    ({ visible, hidden }) => ({ messages: visible, notvisible: hidden }),
    () => ({ messages: -1, notvisible: -1 }),
  );
  const threads: Record<string, string> = { event: "OK" };
  for (let n = 0; n < slots; n += 1) threads[`worker-${String(n).padStart(2, "0")}`] = "OK";
  threads["heartbeat"] = "OK";
  if (options.metrics === true) threads["metrics"] = "OK";
  logger.info(
    {
      thread: "heartbeat",
      event_type: "heartbeat",
      sqs,
      internal: { qlen: 0 },
      threads,
      deferred_tasks: options.deferredTasks() + 1,
      loop_lag_ms: loop.longest(),
    },
    `heartbeat realm=${realm} worker=${worker}`,
  );
  return true;
}

async function touch(file: string, now: number): Promise<void> {
  try {
    await utimes(file, now / 1000, now / 1000);
  } catch {
    await writeFile(file, "");
  }
}
