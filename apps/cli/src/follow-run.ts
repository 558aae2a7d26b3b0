import { isMap, LavaError } from "@lava/core";
import type { LogEntry, Realm, RunKey, RunRecord } from "@lava/realm";
import type { CliContext } from "./command.ts";
import { isOver } from "./run-summary.ts";

/** Options of {@link followRun}. */
export interface FollowOptions {
  /** Called for each event, in order, once. */
  readonly onEvent?: (entry: LogEntry) => void;
  /** Called each time that the run was looked at; undefined while nobody has taken it. */
  readonly onLook?: (record: RunRecord | undefined) => void;
  /** Called when the user stops waiting; the run goes on. */
  readonly onStop?: () => void;
  /** Milliseconds after which the run is no longer waited for. */
  readonly timeoutMs?: number;
}

/**
 * Watches a run until nothing more will happen to it, its actions included.
 *
 * @throws {LavaError} WAIT_TIMEOUT
 */
export async function followRun(
  realm: Realm,
  run: RunKey,
  context: Pick<CliContext, "clock" | "signal">,
  options: FollowOptions = {},
): Promise<RunRecord> {
  const started = context.clock.now();
  let seen = 0;
  for (let pause = 50; ; pause = Math.min(pause * 1.3, 1000)) {
    const record = await realm.events.get(run);
    for (const entry of record?.log.slice(seen) ?? []) options.onEvent?.(entry);
    seen = record?.log.length ?? 0;
    options.onLook?.(record);
    if (record && isOver(record)) return record;
    if (options.timeoutMs !== undefined && context.clock.now() - started > options.timeoutMs) {
      throw new LavaError(
        "WAIT_TIMEOUT",
        `${run.job_id} ${run.run_id} was not over in time; it goes on`,
        {
          hint: `Look at it with: lava events ${run.job_id} ${run.run_id}`,
        },
      );
    }
    try {
      await context.clock.sleep(pause, context.signal);
    } catch (error) {
      if (context.signal.aborted) options.onStop?.();
      throw error;
    }
  }
}

/** One event as a line for people. */
export function eventLine(entry: LogEntry): string {
  return `${entry.ts_event.slice(11, 19)}  ${entry.status.padEnd(13)} ${infoText(entry.info)}`.trimEnd();
}

/** The gist of an event's info. */
function infoText(info: unknown): string {
  if (info === null || info === undefined) return "";
  if (typeof info === "string") return info;
  if (isMap(info) && typeof info["error"] === "string") return info["error"];
  return JSON.stringify(info);
}
