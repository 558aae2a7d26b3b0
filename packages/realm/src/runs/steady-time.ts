import type { Clock } from "@lava/core";

/** For how long a time of day from before a jump of the clock still counts, in milliseconds. */
const KEEP_MS = 600_000;
/** Differences below this are drift, not jumps. */
const DRIFT_MS = 100;

/**
 * The time of day as two bounds, which differ while the clock has jumped lately: a lease is written with the later
 * one and judged by the earlier one, so that a jump never makes a live lease look expired.
 */
export interface SteadyTime {
  /** Milliseconds since the epoch, at least. */
  earliest(): number;
  /** Milliseconds since the epoch, at most. */
  latest(): number;
}

/** Bounds from the offsets between the time of day and the monotonic time that were seen in the last ten minutes. */
export function createSteadyTime(clock: Clock): SteadyTime {
  let offsets: { offset: number; replaced: number }[] = [];
  const look = (): { at: number; known: readonly number[] } => {
    const at = clock.monotonic?.() ?? clock.now();
    const offset = clock.now() - at;
    const last = offsets.at(-1);
    if (last !== undefined && Math.abs(last.offset - offset) < DRIFT_MS) last.offset = offset;
    else {
      if (last !== undefined) last.replaced = at;
      offsets.push({ offset, replaced: Infinity });
    }
    offsets = offsets.filter(({ replaced }) => replaced > at - KEEP_MS);
    return { at, known: offsets.map((one) => one.offset) };
  };
  return {
    earliest() {
      const { at, known } = look();
      return at + Math.min(...known);
    },
    latest() {
      const { at, known } = look();
      return at + Math.max(...known);
    },
  };
}
