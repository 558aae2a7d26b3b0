import { isMap } from "@lava/core";
import type { RunKey, RunRecord } from "@lava/realm";

/** `JOB RUN`: the name of a run in reports and maps. */
export function runName(run: RunKey): string {
  return `${run.job_id} ${run.run_id}`;
}

/** Runs by name. */
export function indexRuns(runs: readonly RunRecord[]): ReadonlyMap<string, RunRecord> {
  return new Map(runs.map((run) => [runName(run), run]));
}

/** `x_actions.state`; undefined where the item has none (children, runs of lava 8). */
export function actionsState(run: RunRecord): string | undefined {
  const actions = run.extra["x_actions"];
  const state = isMap(actions) ? actions["state"] : undefined;
  return typeof state === "string" ? state : undefined;
}

/** `x_epoch` of a run's item; 0 where no worker of ours claimed it. */
export function epochOf(run: RunRecord): number {
  return Number(run.extra["x_epoch"] ?? 0);
}

/** Whether the middle of the log was left out, so that it does not tell everything. */
export function isShortened({ log }: RunRecord): boolean {
  return log.some(
    ({ status, info }) =>
      status === "logging" && typeof info === "string" && /events left out/.test(info),
  );
}

/**
 * The run under whose claim a child of a chain, dag or foreach ran: it has the same run id, and only it was claimed.
 * Undefined for a run of its own.
 */
export function topOf(run: RunRecord, runs: ReadonlyMap<string, RunRecord>): RunRecord | undefined {
  if (epochOf(run) > 0) return undefined;
  for (const other of runs.values()) {
    if (other.run_id === run.run_id && other !== run && epochOf(other) > 0) return other;
  }
  return undefined;
}
