import { type Clock, errorText, type Logger } from "@lava/core";
import { type DueItem, type DueStore, isAccessDenied, type WorkerQueue } from "@lava/realm";

/** Sends what is due for a worker's queue. */
export interface DueSender {
  /** A message was put that is due then, in milliseconds. */
  expect(due: number): void;
  /** Resolves once the signal has aborted and nothing is under way. */
  readonly done: Promise<void>;
}

/** Options of {@link startDueSender}. */
export interface DueSenderOptions {
  readonly realm: { readonly due: DueStore };
  readonly worker: string;
  readonly queue: Pick<WorkerQueue, "sendBody">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** The first look comes when the worker has long begun to poll, in ms. */
const FIRST_MS = 5000;

/** So often a worker that knows of nothing looks for what others left, in ms: one query. */
const LOOK_MS = 600_000;

/** After a fault. */
const FAULT_MS = 30_000;

/** A clock of another host may be behind: what is due is looked for from this long ago, in ms. */
const BEHIND_MS = 600_000;

/**
 * Sends messages that were put off for longer than a queue can hold them back. It sleeps until the next one is due;
 * any worker of the queue sends what another one left behind.
 */
export function startDueSender(options: DueSenderOptions): DueSender {
  const { realm, worker, clock, logger, signal } = options;
  let wake = new AbortController();
  let expected = Number.POSITIVE_INFINITY;
  let from = 0;

  /** When to look again. */
  async function look(): Promise<number> {
    const now = clock.now();
    const { due, next } = await realm.due.list(worker, from);
    let earliest = now - BEHIND_MS;
    for (const item of due) {
      if (signal.aborted) return now;
      if (!(await send(item, options))) earliest = Math.min(earliest, item.due);
    }
    from = Math.max(from, earliest);
    return Math.min(next ?? Number.POSITIVE_INFINITY, now + LOOK_MS);
  }

  async function run(): Promise<void> {
    let at = clock.now() + FIRST_MS;
    while (!signal.aborted) {
      try {
        const ms = Math.max(0, Math.min(at, expected) - clock.now());
        await clock.sleep(ms, AbortSignal.any([signal, wake.signal]));
        expected = Number.POSITIVE_INFINITY;
        at = await look();
      } catch (error) {
        if (signal.aborted) return;
        if (wake.signal.aborted) {
          wake = new AbortController(); // something is due earlier
          continue;
        }
        const fields = { event_type: "worker", error: errorText(error) };
        logger.warn(fields, `Due messages cannot be sent: ${errorText(error)}`);
        if (isAccessDenied(error)) return;
        at = clock.now() + FAULT_MS;
      }
    }
  }

  return {
    expect(due) {
      if (due >= expected) return;
      expected = due;
      wake.abort();
    },
    done: run(),
  };
}

/** Whether a message needs no more care. */
async function send(item: DueItem, { realm, queue, logger }: DueSenderOptions): Promise<boolean> {
  if (!(await realm.due.take(item))) return false;
  await queue.sendBody(item.body);
  await realm.due.sent(item);
  const { job_id, run_id } = item;
  const fields = { event_type: "worker", job_id, run_id };
  logger.info(fields, `Job ${job_id} (${run_id}): due, sent to its queue`);
  return true;
}
