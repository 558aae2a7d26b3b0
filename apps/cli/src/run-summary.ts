import { isMap, LavaError } from "@lava/core";
import type { DueItem, Realm, RunRecord } from "@lava/realm";

/** A run as tables and JSON show it. Times are ISO texts. */
export interface RunSummary {
  readonly job_id: string;
  readonly run_id: string;
  readonly status: string;
  readonly state: string | null;
  readonly reason: string | null;
  readonly worker: string;
  readonly queued: string | null;
  /** When it is to go on, where it waits for a time. */
  readonly due: string | null;
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
    status: statusOf(record),
    state: text(record.extra["x_state"]),
    reason: text(record.extra["x_reason"]),
    worker: record.worker,
    queued: record.ts_dispatch,
    due: ["", "retrying"].includes(record.status) ? text(record.extra["x_due"]) : null,
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

/** Candidates that an ambiguous RUN is answered with. */
const MOST_CANDIDATES = 8;

/**
 * The run that `JOB [RUN]` names: the latest without RUN, else the one whose id is or begins with RUN, also where no
 * worker has begun it yet.
 *
 * @throws {LavaError} NO_SUCH_RUN, AMBIGUOUS_RUN
 */
export async function findRun(realm: Realm, job_id: string, run?: string): Promise<RunRecord> {
  if (run === undefined) {
    const { items } = await realm.events.listByJob(job_id, { limit: 20 });
    // The table tells times to the second; of runs within one second the latest is the one that began last.
    const [record] = latest(items);
    if (record === undefined) throw noSuchRun(realm, `${job_id} has no run`);
    return record;
  }
  if (run === "") throw noSuchRun(realm, `A run id is empty; ${job_id} has no such run`);
  const exact = await realm.events.get({ job_id, run_id: run });
  if (exact) return exact;
  const begun = await realm.events.listByPrefix(job_id, run, 1000);
  const waiting = await listScheduled(
    realm,
    (item) => item.job_id === job_id && item.run_id.startsWith(run),
  );
  const matches = [
    ...begun,
    ...waiting.filter((one) => !begun.some((other) => isSame(one, other))),
  ];
  if (matches.length > 1) {
    const shown = matches
      .toSorted((a, b) => beginning(b) - beginning(a))
      .slice(0, MOST_CANDIDATES)
      .map((record) => `${record.run_id} (${statusOf(record)})`);
    const more = matches.length > shown.length ? ", ..." : "";
    throw new LavaError(
      "AMBIGUOUS_RUN",
      `${matches.length} runs of ${job_id} begin with ${run}: ${shown.join(", ")}${more}`,
      { kind: "usage", hint: "Give more of the run id." },
    );
  }
  const [match] = matches;
  if (!match) throw noSuchRun(realm, `${job_id} has no run ${run}`);
  return match;
}

function noSuchRun(realm: Realm, what: string): LavaError {
  return new LavaError("NO_SUCH_RUN", `${what} in realm ${realm.name}`, {
    hint: "`lava runs` lists the runs of a realm.",
  });
}

/** What people read as the status: runs that wait for their first start have none in the table. */
export function statusOf({ status, extra }: RunRecord): string {
  return status === "" ? (text(extra["x_due"]) === null ? "queued" : SCHEDULED) : status;
}

/** Status that is shown for a run that waits for its time and was never begun. */
export const SCHEDULED = "scheduled";

/** Runs that wait for their time, and that no worker has begun, earliest first. */
export async function listScheduled(
  realm: Realm,
  wanted: (item: DueItem) => boolean,
): Promise<RunRecord[]> {
  const workers = await realm.listWorkers().catch(async (error: unknown) => {
    const { isAccessDenied } = await import("@lava/realm");
    if (isAccessDenied(error)) return []; // not everybody may list queues
    throw error;
  });
  const items = (await Promise.all(workers.map((worker) => realm.due.waiting(worker)))).flat();
  const found = await Promise.all(
    items.filter(wanted).map(async (item) => {
      const { job_id, run_id, worker, due } = item;
      const record = await realm.events.get({ job_id, run_id });
      if (record !== undefined && record.status !== "") return undefined;
      const x_due = new Date(due).toISOString();
      return {
        ...{ job_id, run_id, worker, status: "", ts_dispatch: null, hostname: "" },
        ...{ ts_event: "", tu_event: "", log: [], raw: record?.raw ?? {} },
        extra: { x_state: "queued", ...record?.extra, x_due },
      } satisfies RunRecord;
    }),
  );
  return found
    .filter((record) => record !== undefined)
    .toSorted((a, b) => (a.extra.x_due < b.extra.x_due ? -1 : 1));
}

function isSame(a: RunRecord, b: RunRecord): boolean {
  return a.job_id === b.job_id && a.run_id === b.run_id;
}

function latest(records: readonly RunRecord[]): RunRecord[] {
  const [first, ...rest] = records.toSorted((a, b) => beginning(b) - beginning(a));
  return first === undefined || rest.length === 0 ? [...records] : [first];
}

function beginning(record: RunRecord): number {
  const { started, due } = summarizeRun(record);
  return Date.parse(started ?? due ?? record.ts_event) || 0;
}
