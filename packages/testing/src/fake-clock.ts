import type { Clock } from "@lava/core";

/** A clock that stands still until it is told to move; sleeping on it moves it at once. */
export interface FakeClock extends Clock {
  /** Moves it by milliseconds. */
  advance(ms: number): void;
}

/** A fake clock; it begins at `start`, milliseconds, or somewhere in 2026. */
export function fakeClock(start = Date.UTC(2026, 10, 23, 7, 47, 15)): FakeClock {
  let time = start;
  return {
    now: () => time,
    advance(ms) {
      time += ms;
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      time += ms;
      await Promise.resolve();
    },
  };
}
