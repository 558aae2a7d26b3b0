import { isMap, LavaError, parseDuration } from "@lava/core";
import type { JobExtensions, RealmConfig } from "@lava/spec";

/** A run that found no data yet and is put off (SIB-BDRC-12). */
export interface Deferral {
  /** How often it was put off, this time included. */
  readonly count: number;
  readonly limit: number;
  /** Seconds. */
  readonly delay: number;
}

/**
 * The error with which a handler in TypeScript says that there is nothing to do yet: a job with `x-lava-defer` is put
 * off, another one fails.
 */
export function nothingYet(message: string): LavaError {
  return new LavaError("NOTHING_YET", message);
}

/**
 * Whether a failure means that the run is to be put off: undefined when it is an ordinary one, or when it was put off
 * often enough. Only jobs with `x-lava-defer` may defer.
 */
export function decideDeferral(
  defer: JobExtensions["x-lava-defer"],
  failure: LavaError,
  earlier: number,
  config: Pick<RealmConfig, "DEFER_EXIT_STATUS" | "DEFER_MAX_DELAY" | "DEFER_MAX_LIMIT">,
): Deferral | undefined {
  if (defer === undefined) return undefined;
  if (
    failure.code !== "NOTHING_YET" &&
    !statuses(defer, config.DEFER_EXIT_STATUS).includes(statusOf(failure) ?? 0)
  ) {
    return undefined;
  }
  const limit = Math.min(defer.limit, config.DEFER_MAX_LIMIT);
  if (earlier >= limit) return undefined;
  const delay = Math.min(parseDuration(defer.delay), parseDuration(config.DEFER_MAX_DELAY));
  return { count: earlier + 1, limit, delay };
}

function statuses(
  { exit_status = 0 }: NonNullable<JobExtensions["x-lava-defer"]>,
  usual: number,
): readonly number[] {
  if (exit_status === 0) return [usual];
  return typeof exit_status === "number" ? [exit_status] : exit_status;
}

/** The exit status that a handler left in the data of its failure. */
function statusOf({ data }: LavaError): number | undefined {
  if (!isMap(data)) return undefined;
  const status = data["exit_status"];
  return typeof status === "number" ? status : undefined;
}
