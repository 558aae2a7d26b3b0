import { readdir } from "node:fs/promises";
import type { Clock, Logger } from "@lava/core";

/** Milliseconds between two looks (WK-153). */
const LOOK_MS = 3000;

/** Looks in a row without any directory of a run after which jobs count as stuck. */
const STRIKES = 4;

/** Options of {@link waitForJobs}. */
export interface ZombieCheckOptions {
  /** Resolves when all jobs have ended. */
  readonly idle: Promise<void>;
  /** The worker's directory, in which each run has one of its own. */
  readonly folder: string;
  /** CHECK_FOR_ZOMBIES. */
  readonly check: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Waits until the jobs of a stopping worker have ended. Jobs of which nothing is left on the disk at four looks in a
 * row are stuck: they are not waited for (WK-153, OPS-161).
 *
 * @returns whether all of them ended
 */
export async function waitForJobs(options: ZombieCheckOptions): Promise<boolean> {
  const { idle, folder, check, clock, logger } = options;
  const done = new AbortController();
  const ended = idle.then(() => {
    done.abort();
    return true;
  });
  const watch = async (): Promise<boolean> => {
    for (let strikes = 0; strikes < STRIKES;) {
      await clock.sleep(LOOK_MS, done.signal);
      logger.info({ event_type: "worker" }, "Still waiting for worker threads to finish");
      const hasRuns = await holdsDirectories(folder);
      strikes = check && !hasRuns ? strikes + 1 : 0;
    }
    logger.warn(
      { event_type: "worker" },
      "No job has a directory any more: what is still waited for is stuck, and left alone",
    );
    return false;
  };
  return Promise.race([ended, watch().catch(() => ended)]);
}

async function holdsDirectories(folder: string): Promise<boolean> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.some((entry) => entry.isDirectory());
  } catch {
    return false;
  }
}
