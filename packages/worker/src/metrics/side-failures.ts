import { errorText, formatLocalTime } from "@lava/core";
import { sideChannelsId } from "@lava/spec";
import type { WorkerObserver } from "../observer.ts";

/** Milliseconds between two records of one channel; what failed in between is counted. */
const QUIET_MS = 60_000;

/**
 * Records what failed beside the runs: one item a day for each channel, under `lava/side-channels/<worker>` of the
 * events table, with `x_reason`. A warning in the log goes with each record.
 */
export const recordSideFailures: WorkerObserver = ({
  realm,
  worker,
  origin,
  events,
  clock,
  logger,
}) => {
  const last = new Map<string, { time: number; count: number }>();
  const writing = new Set<Promise<void>>();
  events.on("side_failed", ({ channel, reason, text }) => {
    const now = clock.now();
    const known = last.get(channel) ?? { time: Number.NEGATIVE_INFINITY, count: 0 };
    known.count += 1;
    last.set(channel, known);
    if (now - known.time < QUIET_MS) return;
    const more = known.count > 1 ? ` (${known.count} times since the last record)` : "";
    Object.assign(known, { time: now, count: 0 });
    logger.warn({ event_type: "worker", x_reason: reason }, `${text}${more}`);
    const run = {
      job_id: sideChannelsId(worker),
      run_id: `${channel}-${new Date(now).toISOString().slice(0, 10)}`,
    };
    const write = realm.events
      .append(run, [{ status: "action_failed", info: `${text}${more}`, time: now }], {
        origin,
        ts_dispatch: formatLocalTime(now),
        extra: { x_reason: reason },
      })
      .catch((error: unknown) => {
        logger.warn(
          { event_type: "worker" },
          `Could not log to the events table: ${errorText(error)}`,
        );
      })
      .finally(() => writing.delete(write));
    writing.add(write);
  });
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(writing);
    },
  };
};
