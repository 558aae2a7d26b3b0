import type { EventOrigin, RunKey } from "../events/types.ts";

/** How a child of a chain, dag or foreach stands or ended; beside the statuses on the wire, `running`. */
export type ChildStatus = "running" | "complete" | "failed" | "skipped" | "retrying" | "rejected";

/** One child of a run, for graphs, for charts of time and for what is left out of a rerun. */
export interface ChildRecord {
  /**
   * The child's own id in its run: the jobs from the top down with their number among their like, `load#0`,
   * `inner#0 > load#3`. Children share the run id of the run at the top.
   */
  readonly id: string;
  readonly job_id: string;
  /** Which attempt of each job above it the child belongs to: `1`, `1.2`. */
  readonly pass: string;
  readonly status: ChildStatus;
  /** Number of the iteration of a foreach. */
  readonly index?: number;
  /** Digest of the values of the iteration of a foreach. */
  readonly key?: string;
  /** UTC with milliseconds. */
  readonly started?: string;
  readonly ended?: string;
  readonly seconds?: number;
  /** Where its outputs are. */
  readonly log?: string;
  /** Text of its failure, or why it was left out. */
  readonly reason?: string;
  /** Run in which it was complete, when it was left out of this one. */
  readonly from?: string;
  /** When it goes on, UTC with milliseconds. */
  readonly due?: string;
  /** Attempts that it has behind it. */
  readonly iteration?: number;
  /** How often it was put off. */
  readonly deferrals?: number;
}

/** Children of runs, in items of their own so that the item of the run stays small (design 5). */
export interface ChildStore {
  /**
   * Writes one part of the children of a run of a chain, dag or foreach; parts are never written again.
   *
   * @param part Sorts after all earlier ones.
   */
  write(
    run: RunKey,
    part: string,
    children: readonly ChildRecord[],
    origin: EventOrigin,
  ): Promise<void>;
  /** All children of a run of this job, each as it was last recorded; in the order in which they began. */
  list(run: RunKey): Promise<ChildRecord[]>;
  /** The same, with every record that was ever written, earlier ones first. */
  history(run: RunKey): Promise<(ChildRecord & { readonly part: string })[]>;
}
