import type { WorkerObserver } from "./observer.ts";

/** A run that a worker has at this moment. */
export interface ActiveRun {
  readonly job_id: string;
  readonly run_id: string;
  readonly epoch: number;
  readonly attempt: number;
  /** Milliseconds when it was claimed here. */
  readonly since: number;
  /** Last event of the run. */
  readonly status: string;
}

/** What a worker is doing, for people and monitors. */
export interface WorkerSnapshot {
  readonly realm: string;
  readonly worker: string;
  readonly pid: number;
  readonly hostname: string;
  readonly state: string;
  /** Milliseconds when it came into this state. */
  readonly state_since: number;
  readonly slots: number;
  readonly runs: readonly ActiveRun[];
  /** Since the worker started. */
  readonly counts: {
    readonly messages: number;
    readonly finished: Readonly<Record<string, number>>;
    readonly poll_failures: number;
    readonly side_failures: number;
  };
}

/** Follows the runs of a worker by its events. */
export interface RunTracker {
  readonly observer: WorkerObserver;
  /** Undefined until the observer was started. */
  snapshot(): WorkerSnapshot | undefined;
}

/** A tracker; its observer goes to one worker. */
export function createRunTracker(): RunTracker {
  let read: (() => WorkerSnapshot) | undefined;
  return {
    snapshot: () => read?.(),
    observer({ realm, worker, origin, events, clock, slots }) {
      const runs = new Map<string, ActiveRun>();
      const finished: Record<string, number> = {};
      let state = "starting";
      let stateSince = clock.now();
      let [messages, poll_failures, side_failures] = [0, 0, 0];
      const key = (run: { job_id: string; run_id: string }): string =>
        `${run.job_id}\n${run.run_id}`;
      events.on("state", (event) => {
        state = event.state;
        stateSince = clock.now();
      });
      events.on("message", () => (messages += 1));
      events.on("poll_failed", () => (poll_failures += 1));
      events.on("side_failed", () => (side_failures += 1));
      events.on("claimed", ({ job_id, run_id, epoch, attempt }) => {
        runs.set(key({ job_id, run_id }), {
          ...{ job_id, run_id, epoch, attempt },
          since: clock.now(),
          status: "starting",
        });
      });
      events.on("event", (event) => {
        const run = runs.get(key(event));
        if (run !== undefined) runs.set(key(event), { ...run, status: event.status });
      });
      events.on("finished", ({ status }) => {
        finished[status] = (finished[status] ?? 0) + 1;
      });
      events.on("settled", ({ job_id, run_id }) => {
        if (job_id !== undefined && run_id !== undefined) runs.delete(key({ job_id, run_id }));
      });
      read = () => ({
        realm: realm.name,
        worker,
        pid: process.pid,
        hostname: origin.hostname,
        state,
        state_since: stateSince,
        slots,
        runs: [...runs.values()],
        counts: { messages, finished: { ...finished }, poll_failures, side_failures },
      });
      return { async [Symbol.asyncDispose]() {} };
    },
  };
}
