import { isMap } from "@lava/core";
import { LavaError } from "@lava/core";
import type { Realm, RunRecord } from "@lava/realm";

/** A run as tables and JSON show it. Times are ISO texts. */
export interface RunSummary {
  readonly job_id: string;
  readonly run_id: string;
  readonly status: string;
  readonly state: string | null;
  readonly reason: string | null;
  readonly worker: string;
  readonly queued: string | null;
  readonly started: string | null;
  readonly ended: string | null;
  /** Seconds between started and ended, or null while it runs. */
  readonly took: number | null;
  readonly error: string | null;
  /** What can be done about the error. */
  readonly hint: string | null;
  /** URIs of the outputs that the result names. */
  readonly outputs: readonly string[];
}

const TERMINAL = new Set(["complete", "failed", "skipped", "rejected", "action_failed"]);

/** Whether nothing more will happen to the run, its actions included. */
export function isOver(record: RunRecord): boolean {
  if (!TERMINAL.has(record.status)) return false;
  const actions = record.extra["x_actions"];
  return !isMap(actions) || actions["state"] !== "pending";
}

/** The run in short. */
export function summarizeRun(record: RunRecord): RunSummary {
  const first = (status: string): string | null =>
    record.log.find((entry) => entry.status === status)?.ts_event ?? null;
  const end = record.log.findLast(
    (entry) => TERMINAL.has(entry.status) && entry.status !== "action_failed",
  );
  const started = text(record.extra["x_started"]) ?? first("starting");
  const ended = text(record.extra["x_ended"]) ?? end?.ts_event ?? null;
  const info = end?.info;
  return {
    job_id: record.job_id,
    run_id: record.run_id,
    status: record.status,
    state: text(record.extra["x_state"]),
    reason: text(record.extra["x_reason"]),
    worker: record.worker,
    queued: record.ts_dispatch,
    started,
    ended,
    took:
      started === null || ended === null
        ? null
        : Math.max(0, (Date.parse(ended) - Date.parse(started)) / 1000),
    error: isMap(info) ? text(info["error"]) : end?.status === "complete" ? null : text(info),
    hint: text(record.extra["x_hint"]),
    outputs: outputsOf(info),
  };
}

/** The S3 URIs in a result, in order. */
function outputsOf(info: unknown): string[] {
  if (typeof info === "string") return info.startsWith("s3://") ? [info] : [];
  if (Array.isArray(info)) return info.flatMap((item) => outputsOf(item));
  if (isMap(info)) return Object.values(info).flatMap((item) => outputsOf(item));
  return [];
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/**
 * The run that `JOB [RUN]` names: the latest without RUN, else the one whose id is or begins with RUN.
 *
 * @throws {LavaError} NO_SUCH_RUN, AMBIGUOUS_RUN
 */
export async function findRun(realm: Realm, job_id: string, run?: string): Promise<RunRecord> {
  if (run !== undefined) {
    const exact = await realm.events.get({ job_id, run_id: run });
    if (exact) return exact;
  }
  const { items: listed } = await realm.events.listByJob(job_id, {
    limit: run === undefined ? 20 : 1000,
  });
  // The table tells times to the second; of runs within one second the latest is the one that began last.
  const items = run === undefined ? latest(listed) : listed;
  const matches = items.filter((item) => run === undefined || item.run_id.startsWith(run));
  if (matches.length > 1) {
    throw new LavaError("AMBIGUOUS_RUN", `${matches.length} runs of ${job_id} begin with ${run}`, {
      kind: "usage",
    });
  }
  const [match] = matches;
  if (!match) {
    const which = run === undefined ? `${job_id} has no run` : `${job_id} has no run ${run}`;
    throw new LavaError("NO_SUCH_RUN", `${which} in realm ${realm.name}`, {
      hint: "`lava runs` lists the runs of a realm.",
    });
  }
  return match;
}

function latest(records: readonly RunRecord[]): RunRecord[] {
  const [first, ...rest] = records.toSorted((a, b) => beginning(b) - beginning(a));
  return first === undefined || rest.length === 0 ? [...records] : [first];
}

function beginning(record: RunRecord): number {
  return Date.parse(summarizeRun(record).started ?? record.ts_event);
}
