import { type Data, LavaError, errorText, parseDuration } from "@lava/core";
import type { JobExtensions } from "@lava/spec";

/** How often and how slowly a job is tried. */
export interface RetryPlan {
  /** Attempts in all, 1 or more. */
  readonly limit: number;
  /** Seconds between the first attempt and the second. */
  readonly delay: number;
  /** The delay grows by this factor with each attempt; 1 unless x-lava-retry says otherwise. */
  readonly factor: number;
  /** Seconds beyond which it does not grow. */
  readonly maxDelay: number;
  /** Share of each delay that is random, 0 to 1. */
  readonly jitter: number;
  /** Whether a long wait gives the run back. iteration_delay does not: attempts share their folder (WK-074). */
  readonly givesBack: boolean;
}

/** Limits of the realm. */
export interface RetryLimits {
  /** ITERATION_MAX_LIMIT. */
  readonly maxLimit: number;
  /** ITERATION_MAX_DELAY, as the configuration writes it, for the message. */
  readonly maxDelay: string;
  /** DEFER_MAX_LIMIT and DEFER_MAX_DELAY: caps of attempts whose delays hold no slot. */
  readonly maxDeferrals: number;
  readonly maxDeferDelay: string;
}

/** What follows an attempt. */
export type RetryDecision =
  | { readonly next: "done" }
  | { readonly next: "again"; readonly delay: number }
  | { readonly next: "give_up" };

/** What follows attempt number `iteration` (from 1). `random` gives 0 to 1, for the jitter. */
export function decideRetry(
  plan: RetryPlan,
  iteration: number,
  failed: boolean,
  random: () => number,
): RetryDecision {
  if (!failed) return { next: "done" };
  if (iteration >= plan.limit) return { next: "give_up" };
  return { next: "again", delay: delayAfter(plan, iteration, random) };
}

/** Exponential, capped, and spread: runs that failed together do not come back together. */
function delayAfter(plan: RetryPlan, iteration: number, random: () => number): number {
  const grown = Math.min(plan.maxDelay, plan.delay * plan.factor ** (iteration - 1));
  return plan.jitter === 0 ? grown : grown * (1 - plan.jitter + plan.jitter * random());
}

/** The fields that say how a job is tried. */
export interface RetryFields {
  readonly iteration_limit: Data;
  readonly iteration_delay: Data;
}

/**
 * The plan of a job: iteration_limit and iteration_delay as the original has them (WK-053, WK-073), or x-lava-retry.
 *
 * @throws {LavaError} BAD_ITERATION with the text for the `rejected` event
 */
export function planRetries(
  job: RetryFields,
  limits: RetryLimits,
  retry?: JobExtensions["x-lava-retry"],
): RetryPlan {
  if (retry !== undefined) return planGrowing(job, limits, retry);
  const limit = limitOf(job.iteration_limit, limits.maxLimit, "iteration_limit");
  const delay = delayOf(job.iteration_delay, limits.maxDelay, "iteration_delay");
  return { limit, delay, factor: 1, maxDelay: delay, jitter: 0, givesBack: false };
}

/** These delays hold no slot and are kept by due messages: they have the caps of deferred runs. */
function planGrowing(
  job: RetryFields,
  { maxDeferrals, maxDeferDelay }: RetryLimits,
  retry: NonNullable<JobExtensions["x-lava-retry"]>,
): RetryPlan {
  const { factor, jitter } = retry;
  const limit = limitOf(retry.limit ?? job.iteration_limit, maxDeferrals, "x-lava-retry.limit");
  const delay = delayOf(retry.delay ?? job.iteration_delay, maxDeferDelay, "x-lava-retry.delay");
  const maxDelay =
    retry.max_delay === undefined
      ? parseDuration(maxDeferDelay)
      : delayOf(retry.max_delay, maxDeferDelay, "x-lava-retry.max_delay");
  return { limit, delay, factor, maxDelay: Math.max(delay, maxDelay), jitter, givesBack: true };
}

function limitOf(value: Data, most: number, name: string): number {
  const limit = Math.trunc(Number(value));
  if (Number.isNaN(limit)) throw bad(`Bad ${name}: ${String(value)}`);
  if (limit > most) throw bad(`${name} must be <= ${most}`);
  if (limit < 1) throw bad(`${name} must be >= 1`);
  return limit;
}

function delayOf(value: Data, most: string, name: string): number {
  let delay;
  try {
    delay = toSeconds(value);
  } catch (error) {
    throw bad(`Bad ${name}: ${errorText(error)}`);
  }
  if (delay > parseDuration(most)) throw bad(`${name} must be <= ${most}`);
  return Math.max(0, delay);
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
