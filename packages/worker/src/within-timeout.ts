import { type Clock, LavaError, parseDuration } from "@lava/core";
import { pythonFloat } from "./process.ts";

/** What a limit of time needs. */
export interface TimeoutHost {
  /** Aborts for other reasons than time. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Milliseconds that work which was told to stop has for that, before it is left to itself. */
  readonly graceMs: number;
}

/**
 * Runs `work` with a signal that aborts when the time is over (x-lava-timeout): processes get TERM, then KILL,
 * statements are cancelled. Without a timeout `work` gets the signal of the host.
 *
 * @throws {LavaError} JOB_TIMEOUT `Timed out after 600.0 seconds`, and what `work` throws in time
 */
export async function withinTimeout<T>(
  timeout: string | number | undefined,
  { signal, clock, graceMs }: TimeoutHost,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (timeout === undefined) return work(signal);
  const seconds = parseDuration(timeout);
  const over = new AbortController();
  const done = new AbortController();
  const late = new LavaError("JOB_TIMEOUT", `Timed out after ${pythonFloat(seconds)} seconds`);
  const running = work(AbortSignal.any([signal, over.signal]));
  const limit = async (): Promise<never> => {
    // A timer holds at most 2^31 - 1 ms, 24.8 days.
    await clock.sleep(Math.min(seconds * 1000, 2 ** 31 - 1), done.signal);
    over.abort(late);
    await clock.sleep(graceMs, done.signal);
    throw late;
  };
  const limited = limit();
  // When the work is done first, nobody waits for the limit any more; nor for work that does not stop.
  limited.catch(() => undefined);
  running.catch(() => undefined);
  try {
    return await Promise.race([running, limited]);
  } catch (error) {
    if (!over.signal.aborted || signal.aborted) throw error;
    const data = error instanceof LavaError ? error.data : undefined;
    throw data === undefined ? late : new LavaError(late.code, late.message, { data });
  } finally {
    done.abort();
  }
}
