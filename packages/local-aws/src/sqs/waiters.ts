import type { Clock } from "@lava/core";

/** Long polls that wait for messages. */
export interface Waiters {
  /** Resolves when woken, after `ms`, when the signal aborts, or when everything closes. */
  wait(queue: number, ms: number, signal: AbortSignal): Promise<void>;
  /** Wakes the `count` polls that have waited longest; all of them by default. */
  wake(queue: number, count?: number): void;
  /** Wakes all polls of all queues. */
  close(): void;
}

/** Keeps the long polls of all queues. */
export function createWaiters(clock: Clock): Waiters {
  const waiting = new Map<number, Set<() => void>>();

  function wake(queue: number, count = Number.POSITIVE_INFINITY): void {
    let left = count;
    for (const done of waiting.get(queue) ?? []) {
      if (left <= 0) return;
      left -= 1;
      done();
    }
  }

  return {
    wake,
    async wait(queue, ms, signal) {
      if (signal.aborted || ms <= 0) return;
      const { promise, resolve } = Promise.withResolvers<"woken" | "late">();
      const timer = new AbortController();
      const polls = waiting.get(queue) ?? new Set();
      waiting.set(queue, polls);
      const woken = (): void => {
        // At once, so that the next wake reaches the next poll.
        polls.delete(woken);
        resolve("woken");
      };
      const late = (): void => resolve("late");
      polls.add(woken);
      signal.addEventListener("abort", late, { once: true });
      clock.sleep(ms, timer.signal).then(late, late);
      const reason = await promise;
      timer.abort();
      signal.removeEventListener("abort", late);
      polls.delete(woken);
      if (polls.size === 0 && waiting.get(queue) === polls) waiting.delete(queue);
      // A client that has gone must not swallow the wake of another.
      if (reason === "woken" && signal.aborted) wake(queue, 1);
    },
    close() {
      for (const queue of waiting.keys()) wake(queue);
    },
  };
}
