import { type Clock, errorText, type Logger } from "@lava/core";

/** Work that engines do on their own: expiry, retention, sweeping. */
export interface Background {
  run(name: string, intervalMs: number, task: () => void | Promise<void>): void;
  /** Ends all tasks and waits for those that are at work. */
  stop(): Promise<void>;
}

/** Runs tasks at intervals until it is stopped; a failing task is logged and runs again. */
export function createBackground(clock: Clock, logger: Logger): Background {
  const stopping = new AbortController();
  const loops: Promise<void>[] = [];

  async function loop(name: string, intervalMs: number, task: () => void | Promise<void>) {
    for (;;) {
      try {
        await clock.sleep(intervalMs, stopping.signal);
      } catch {
        return;
      }
      try {
        await task();
      } catch (error) {
        logger.error({ task: name, error: errorText(error) }, "background task failed");
      }
    }
  }

  return {
    run(name, intervalMs, task) {
      loops.push(loop(name, intervalMs, task));
    },
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}
