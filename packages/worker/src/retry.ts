import { type Data, LavaError, errorText, parseDuration } from "@lava/core";

/** How often and how slowly a job is tried. */
export interface RetryPlan {
  /** Attempts in all, 1 or more. */
  readonly limit: number;
  /** Seconds between attempts. */
  readonly delay: number;
}

/** Limits of the realm (ITERATION_MAX_LIMIT, ITERATION_MAX_DELAY). */
export interface RetryLimits {
  readonly maxLimit: number;
  /** As the configuration writes it, for the message. */
  readonly maxDelay: string;
}

/** What follows an attempt. */
export type RetryDecision =
  | { readonly next: "done" }
  | { readonly next: "again"; readonly delay: number }
  | { readonly next: "give_up" };

/** What follows attempt number `iteration` (from 1). */
export function decideRetry(plan: RetryPlan, iteration: number, failed: boolean): RetryDecision {
  if (!failed) return { next: "done" };
  return iteration < plan.limit ? { next: "again", delay: plan.delay } : { next: "give_up" };
}

/**
 * The plan of a job (WK-053, WK-073).
 *
 * @throws {LavaError} BAD_ITERATION with the text for the `rejected` event
 */
export function planRetries(
  job: { readonly iteration_limit: Data; readonly iteration_delay: Data },
  limits: RetryLimits,
): RetryPlan {
  const limit = Math.trunc(Number(job.iteration_limit));
  if (Number.isNaN(limit)) throw bad(`Bad iteration_limit: ${String(job.iteration_limit)}`);
  if (limit > limits.maxLimit) throw bad(`iteration_limit must be <= ${limits.maxLimit}`);
  if (limit < 1) throw bad("iteration_limit must be >= 1");
  let delay;
  try {
    delay = toSeconds(job.iteration_delay);
  } catch (error) {
    throw bad(`Bad iteration_delay: ${errorText(error)}`);
  }
  if (delay > parseDuration(limits.maxDelay)) {
    throw bad(`iteration_delay must be <= ${limits.maxDelay}`);
  }
  return { limit, delay: Math.max(0, delay) };
}

/**
 * Checks that a run is not too late (WK-052). Times in milliseconds.
 *
 * @throws {LavaError} LATE_RUN with the text for the `rejected` event
 */
export function checkRunDelay(max: Data | undefined, dispatched: number, started: number): void {
  if (max === undefined || max === null || max === "" || Number(max) === 0) return;
  let seconds;
  try {
    seconds = toSeconds(max);
  } catch (cause) {
    throw new LavaError("BAD_MAX_RUN_DELAY", `Bad max_run_delay: ${toText(max)}`, { cause });
  }
  if ((started - dispatched) / 1000 > seconds) {
    throw new LavaError("LATE_RUN", `dispatch is more than ${toText(max)} old`);
  }
}

function toSeconds(value: Data): number {
  return parseDuration(typeof value === "string" ? value : Number(value));
}

function toText(value: Data): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function bad(message: string): LavaError {
  return new LavaError("BAD_ITERATION", message, { retry: "never" });
}
