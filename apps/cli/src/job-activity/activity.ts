import type { RunRecord } from "@lava/realm";

/** From one moment to another, milliseconds: closed at the start, open at the end. */
export interface TimeSpan {
  readonly start: number;
  readonly end: number;
}

/** A span between two moments, in whichever order they come (CLI-116). */
export function timeSpan(one: number, other: number): TimeSpan {
  return { start: Math.min(one, other), end: Math.max(one, other) };
}

/** What is kept of a run: its attempts, as spans, and what a dump has of it besides (CLI-120). */
export interface RunActivity {
  readonly job_id: string;
  readonly run_id: string;
  readonly status: string;
  readonly worker: string;
  readonly ts_dispatch: string | null;
  readonly tu_event: string;
  readonly runtimes: readonly TimeSpan[];
}

const ENDS = new Set(["complete", "failed", "retrying"]);

/** The time of `tu_event`, which has no zone. */
export function utcTime(text: string): number {
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
}

/** The attempts in a run's log: from `running` to what ends it; one without an end is left out (CLI-117). */
export function toRunActivity(record: RunRecord): RunActivity {
  const { job_id, run_id, status, worker, ts_dispatch, tu_event, log } = record;
  const runtimes: TimeSpan[] = [];
  let start: string | undefined;
  for (const entry of log) {
    if (entry.status === "running") start = entry.tu_event;
    else if (ENDS.has(entry.status) && start !== undefined) {
      runtimes.push(timeSpan(utcTime(start), utcTime(entry.tu_event)));
      start = undefined;
    }
  }
  return { job_id, run_id, status, worker, ts_dispatch, tu_event, runtimes };
}

/** Seconds of work in each slice of a span. */
interface Totals {
  readonly name: string;
  readonly slices: number[];
  total: number;
}

/** Run seconds by slice, of jobs and of workers, the busiest first (CLI-115). */
export interface ActivityMap {
  /** Starts of the slices. */
  readonly slices: readonly number[];
  readonly jobs: readonly Totals[];
  readonly workers: readonly Totals[];
}

/** Lays runs over the slices of a span; the last slice may be shorter (CLI-121). */
export function mapActivity(
  runs: readonly RunActivity[],
  { start, end }: TimeSpan,
  sliceMs: number,
): ActivityMap {
  const slices: number[] = [];
  for (let at = start; at < end; at += sliceMs) slices.push(at);
  const jobs = new Map<string, Totals>();
  const workers = new Map<string, Totals>();
  const of = (map: Map<string, Totals>, name: string): Totals => {
    const known = map.get(name) ?? { name, slices: slices.map(() => 0), total: 0 };
    map.set(name, known);
    return known;
  };
  for (const { job_id, worker, runtimes } of runs) {
    const totals = [of(jobs, job_id), of(workers, worker)];
    for (const runtime of runtimes) {
      for (const [index, from] of slices.entries()) {
        const overlap = Math.min(runtime.end, from + sliceMs, end) - Math.max(runtime.start, from);
        if (overlap <= 0) continue;
        const seconds = Math.round(overlap / 1000);
        for (const one of totals) {
          one.slices[index] = (one.slices[index] ?? 0) + seconds;
          one.total += seconds;
        }
      }
    }
  }
  const sorted = (map: Map<string, Totals>): Totals[] =>
    [...map.values()].toSorted((a, b) => b.total - a.total);
  return { slices, jobs: sorted(jobs).filter(({ total }) => total > 0), workers: sorted(workers) };
}

/** The map as the CSV of the original, with its line ends (CLI-118). */
export function formatActivity({ slices, jobs, workers }: ActivityMap): string {
  const times = slices.map((at) => new Date(at).toISOString().slice(0, 19).replace("T", " "));
  const rows = [
    ["Job ID", ...times],
    ...jobs.map(({ name, slices: seconds }) => [name, ...seconds.map(String)]),
    [],
    ["Worker", ...times],
    ...workers.map(({ name, slices: seconds }) => [name, ...seconds.map(String)]),
  ];
  return rows.map((row) => `${row.map((cell) => quote(cell)).join(",")}\r\n`).join("");
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
