import type { Clock } from "@lava/core";

/** A clock that stands until it is moved; sleepers wake when their time has come. */
export interface FakeClock extends Clock {
  /** Moves on and lets what was waiting run. */
  advance(ms: number): Promise<void>;
}

/** Starts at `start`, milliseconds since the epoch. */
export function createFakeClock(start: number): FakeClock {
  let now = start;
  const sleepers = new Set<{ readonly at: number; wake(): void }>();
  return {
    now: () => now,
    sleep(ms, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { at: now + ms, wake: resolve };
      sleepers.add(sleeper);
      signal?.addEventListener("abort", () => {
        sleepers.delete(sleeper);
        reject(signal.reason);
      });
      return promise;
    },
    async advance(ms) {
      now += ms;
      for (const sleeper of sleepers) {
        if (sleeper.at > now) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      setImmediate(resolve);
      await promise;
    },
  };
}
