import { monitorEventLoopDelay } from "node:perf_hooks";

/** How long the main loop of this process was blocked. */
export interface LoopLag extends Disposable {
  /** The longest block, in whole milliseconds, since it was last asked. */
  readonly longest: () => number;
}

/** Milliseconds between two looks: what is shorter is not seen, and is taken off the result. */
const RESOLUTION = 20;

/** Begins to watch the loop (OPS-223). */
export function watchLoop(): LoopLag {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  histogram.enable();
  return {
    longest() {
      const ms = histogram.max / 1e6 - RESOLUTION;
      histogram.reset();
      return Math.max(0, Math.round(ms));
    },
    [Symbol.dispose]() {
      histogram.disable();
    },
  };
}
