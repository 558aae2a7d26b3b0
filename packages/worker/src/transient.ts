import { type Clock, type Logger, errorText } from "@lava/core";
import type { ClaimOptions, RunKey } from "@lava/realm";

/** Faults of the network and of the service, which pass; not those of the request itself. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("$metadata" in error && "$fault" in error) {
    return (
      error.$fault === "server" ||
      /Throttl|ProvisionedThroughput|RequestLimit|TooMany/.test(error.name)
    );
  }
  const cause = error.cause instanceof Error ? error.cause : error;
  if (cause !== error) return isTransient(cause);
  return (
    ("code" in error && /^(E[A-Z]+|UND_ERR_.*)$/.test(String(error.code))) ||
    /TimeoutError|NetworkingError/.test(error.name)
  );
}

/** Options of {@link repeatWhileLive}. */
export interface RepeatOptions {
  readonly run: RunKey;
  /** Whether the run may still be ours. */
  readonly isLive: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Sends a write again after a fault that passes, while the run may be ours: given up sooner, a write that was
 * carried out all the same would leave the run held by a worker that does not know of it.
 */
export function repeatWhileLive(options: RepeatOptions): NonNullable<ClaimOptions["again"]> {
  const { run, isLive, clock, logger } = options;
  return async (error, attempt) => {
    if (!isTransient(error) || !isLive()) return false;
    logger.warn(
      { event_type: "worker", job_id: run.job_id, run_id: run.run_id, error: errorText(error) },
      `Could not log to the events table, trying again: ${errorText(error)}`,
    );
    await clock.sleep(Math.min(5000, 100 * 2 ** Math.min(attempt - 1, 6)));
    return isLive();
  };
}

/** Options of {@link untilItPasses}. */
export interface PassOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** What is done, for the log: `Could not store stdout`. */
  readonly what: string;
}

/** How long a fault of a service may last before the run that needs it fails. */
const PATIENCE_MS = 60_000;

/**
 * Repeats what a fault that passes has stopped, for up to a minute: what a payload has done must not count as failed
 * because S3 was away while its output was stored (G7). The action must be one that may be done twice.
 *
 * @throws what the action threw last; at once when it is no fault that passes, or the run is ended
 */
export async function untilItPasses<T>(action: () => Promise<T>, options: PassOptions): Promise<T> {
  const { clock, signal, logger, what } = options;
  const end = clock.now() + PATIENCE_MS;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      if (!isTransient(error) || signal.aborted || clock.now() >= end) throw error;
      logger.warn(
        { event_type: "worker", error: errorText(error) },
        `${what}, trying again: ${errorText(error)}`,
      );
      await clock.sleep(Math.min(5000, 200 * 2 ** Math.min(attempt, 5)), signal);
    }
  }
}
