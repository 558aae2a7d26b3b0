import { uptime } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

/** The only source of time; tests hand in their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Milliseconds that only ever go forward at their own pace, also while the machine sleeps, whatever is done to the
   * time of day; the same in every process of a machine. Clocks of tests may do without: `now` then counts.
   */
  monotonic?(): number;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => uptime() * 1000,
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal ? { signal } : undefined);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};
