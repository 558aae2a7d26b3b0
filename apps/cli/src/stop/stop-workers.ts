import { type Clock, errorText, type Logger } from "@lava/core";
import { processStart } from "../dev/process-identity.ts";
import type { HostWorker } from "./host-workers.ts";

/** Between two looks whether workers have finished (CLI-174). */
const POLL_MS = 10_000;
/** From SIGTERM to the first look, and from there to SIGKILL. */
const SIGNS_OF_LIFE_MS = 3000;
const COUP_DE_GRACE_MS = 10_000;

/** What became of a worker process. */
export type Stopped = "signalled" | "gone" | "refused" | "finished" | "terminated" | "killed";

/** How workers are stopped. */
export interface StopOptions {
  /** Number of the signal; 0 only asks whether they are there. */
  readonly signal: number;
  /** Milliseconds that they have to finish, before they are ended. */
  readonly wait: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly abort: AbortSignal;
}

/**
 * Signals workers; with `wait`, those that are there after it get SIGTERM, and SIGKILL 13 seconds later (CLI-174).
 *
 * @returns What became of each, in their order
 */
export async function stopWorkers(
  workers: readonly HostWorker[],
  options: StopOptions,
): Promise<Stopped[]> {
  const { wait, logger } = options;
  const outcome = new Map<HostWorker, Stopped>();
  for (const worker of workers) outcome.set(worker, await send(worker, options.signal, logger));
  if (wait !== undefined) {
    logger.info({}, `Workers have ${wait / 1000} seconds to terminate`);
    let left = workers.filter((worker) => outcome.get(worker) === "signalled");
    /** Those of them that are still there at the end of the time. */
    const leave = async (ms: number, poll: number, as: Stopped): Promise<void> => {
      left = await whileAlive(left, ms, poll, options, (worker) => {
        outcome.set(worker, as);
        logger.info({}, `${nameOf(worker)}: ${as}`);
      });
    };
    await leave(wait, POLL_MS, "finished");
    for (const worker of left) await end(worker, "SIGTERM", "terminating", logger);
    await leave(SIGNS_OF_LIFE_MS, SIGNS_OF_LIFE_MS, "terminated");
    await leave(COUP_DE_GRACE_MS, 1000, "terminated");
    for (const worker of left) {
      await end(worker, "SIGKILL", "killing", logger);
      outcome.set(worker, "killed");
    }
    logger.info({}, "Workers shutdown complete");
  }
  return workers.map((worker) => outcome.get(worker) ?? "gone");
}

async function send(worker: HostWorker, signal: number, logger: Logger): Promise<Stopped> {
  try {
    if (!(await isGone(worker))) {
      process.kill(worker.pid, signal);
      logger.info({}, `${nameOf(worker)} sent signal ${signal}`);
      return "signalled";
    }
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "ESRCH") {
      logger.error({}, `PID ${worker.pid}: ${errorText(error)}`);
      return "refused";
    }
  }
  logger.info({}, `PID ${worker.pid}: No such process`);
  return "gone";
}

async function end(
  worker: HostWorker,
  signal: NodeJS.Signals,
  doing: string,
  logger: Logger,
): Promise<void> {
  logger.warn({}, `${nameOf(worker)}: ${doing}`);
  try {
    if (!(await isGone(worker))) process.kill(worker.pid, signal);
  } catch {
    // It ended in between.
  }
}

/** Looks so often until none is there or the time is over; those that still are. */
async function whileAlive(
  workers: readonly HostWorker[],
  ms: number,
  poll: number,
  { clock, abort }: StopOptions,
  onGone: (worker: HostWorker) => void,
): Promise<HostWorker[]> {
  const deadline = clock.now() + ms;
  let left = [...workers];
  while (left.length > 0 && clock.now() < deadline) {
    await clock.sleep(Math.min(poll, deadline - clock.now()), abort);
    const isOver = await Promise.all(left.map(isGone));
    for (const worker of left.filter((_, index) => isOver[index])) onGone(worker);
    left = left.filter((_, index) => isOver[index] !== true);
  }
  return left;
}

/** Also where its number belongs to another process by now; false for one that we may not look at. */
async function isGone({ pid, started }: HostWorker): Promise<boolean> {
  return started !== undefined && (await processStart(pid)) !== started;
}

function nameOf({ realm, worker, pid }: HostWorker): string {
  return `${realm}-${worker} [${pid}]`;
}
