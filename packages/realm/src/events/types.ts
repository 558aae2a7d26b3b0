import type { Data, DataMap } from "@lava/core";
import type { EventStatus } from "@lava/spec";

/** What names a run. */
export interface RunKey {
  readonly job_id: string;
  readonly run_id: string;
}

/** Who writes events. */
export interface EventOrigin {
  readonly worker: string;
  readonly hostname: string;
  /** EC2 instance id; absent elsewhere. */
  readonly instance_id?: string;
}

/** One thing that happened to a run. */
export interface RunEvent {
  readonly status: EventStatus;
  /** By status, see WF-117. */
  readonly info?: Data;
  /** Milliseconds; now when absent. */
  readonly time?: number;
}

/** Our own attributes of the events item (WF-120); undefined removes one. */
export type ExtraAttributes = Readonly<Record<`x_${string}`, Data | undefined>>;

/** The holder of a run and the epoch under which it holds it. */
export interface Fence {
  readonly holder: string;
  readonly epoch: number;
}

/** Options of {@link EventStore.append}. */
export interface AppendOptions {
  readonly origin: EventOrigin;
  /** Local ISO text of the dispatch (WF-101); left as stored when absent. */
  readonly ts_dispatch?: string;
  readonly extra?: ExtraAttributes;
  /** The write counts only while this holder has the run. */
  readonly fence?: Fence;
  /**
   * For a child of a run: the epoch of the run above it. A write under a lower one than the item has seen comes from a
   * holder that was lost, and does not count.
   */
  readonly parentEpoch?: number;
  /** What becomes the run's status; that of the last event by default. */
  readonly status?: string | undefined;
}

/** An entry of a run's log. */
export interface LogEntry {
  readonly ts_event: string;
  readonly tu_event: string;
  readonly status: string;
  readonly info: Data;
}

/** A run as its events item tells it. */
export interface RunRecord extends RunKey {
  readonly status: string;
  readonly ts_dispatch: string | null;
  readonly ts_event: string;
  readonly tu_event: string;
  readonly worker: string;
  readonly hostname: string;
  readonly ttl?: number;
  readonly log: readonly LogEntry[];
  /** Our own attributes, `x_` names included. */
  readonly extra: DataMap;
  readonly raw: DataMap;
}

/** Part of a list, and where the next part begins. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; give it back for the next page. */
  readonly cursor?: string;
}

/** Options of {@link EventStore.listByJob}. */
export interface ListRunsOptions {
  /** 50 by default. */
  readonly limit?: number;
  readonly cursor?: string;
  /** Only runs whose last event is not before / not after this, milliseconds. */
  readonly since?: number;
  readonly until?: number;
  /** Only runs whose last event is one of these. */
  readonly status?: readonly string[];
}

/** The events table. */
export interface EventStore {
  readonly table: string;
  /**
   * Adds events to a run's item in one update; the last one's status becomes the run's.
   *
   * @throws {LavaError} RUN_LOST when the fence does not hold any more, or a higher `parentEpoch` has written
   */
  append(
    run: RunKey,
    events: RunEvent | readonly RunEvent[],
    options: AppendOptions,
  ): Promise<void>;
  /** A run; strongly consistent. */
  get(run: RunKey): Promise<RunRecord | undefined>;
  /** Runs of a job, latest event first. */
  listByJob(job_id: string, options?: ListRunsOptions): Promise<Page<RunRecord>>;
  /**
   * Runs of a job whose id begins with `prefix`, by id; those that no worker has begun are among them.
   *
   * @param most Of more than these the first are given.
   */
  listByPrefix(job_id: string, prefix: string, most: number): Promise<RunRecord[]>;
  /** Runs of all these jobs, latest event first; lava's own records are left out. */
  listRecent(
    jobs: readonly string[],
    options?: Omit<ListRunsOptions, "cursor">,
  ): Promise<RunRecord[]>;
}
