import { constants } from "node:os";
import type { Logger } from "@lava/core";
import type { Worker } from "@lava/worker";

/** Options of {@link handleSignals}. */
export interface SignalOptions {
  readonly worker: Worker;
  readonly logger: Logger;
  /** Seconds that running jobs have after SIGTERM (STOP_WAIT). */
  readonly graceSeconds: number;
  /** For SIGUSR1: what the worker is to log of itself. */
  readonly describe: () => void;
  /** Called at a second signal, when the worker did not stop within moments. */
  readonly exitNow: () => void;
}

/**
 * Signals of a worker (design 5): SIGHUP and SIGINT drain for as long as it takes, SIGTERM with a grace time; a
 * second one of any kind stops at once. SIGUSR1 logs the state.
 *
 * @returns how it went: `isForced` once jobs were stopped; `release` takes the listeners away
 */
export function handleSignals(options: SignalOptions): {
  readonly isForced: () => boolean;
  release(): void;
} {
  const { worker, logger } = options;
  let count = 0;
  let isForced = false;
  worker.events.on("interrupted", ({ reason }) => {
    if (reason === "worker_stopping") isForced = true;
  });
  const onSignal = (signal: NodeJS.Signals): void => {
    const number = constants.signals[signal];
    count += 1;
    if (count > 1) {
      isForced = true;
      logger.warn({ event_type: "worker" }, `Signal ${number} -- forced shutdown`);
      void worker.stop("kill");
      // Giving runs back needs a moment; what hangs is left to the watchdog.
      setTimeout(options.exitNow, 5000).unref();
      return;
    }
    logger.info({ event_type: "worker" }, `Signal ${number} -- preparing for shutdown`);
    void worker.stop("drain", signal === "SIGTERM" ? options.graceSeconds : undefined);
  };
  const stopping = ["SIGHUP", "SIGINT", "SIGTERM"] as const;
  for (const signal of stopping) process.on(signal, onSignal);
  process.on("SIGUSR1", options.describe);
  return {
    isForced: () => isForced,
    release() {
      for (const signal of stopping) process.off(signal, onSignal);
      process.off("SIGUSR1", options.describe);
    },
  };
}
