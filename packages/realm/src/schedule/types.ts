import type { DataMap } from "@lava/core";

/** What became of a slot: a moment at which a job was due (design 8). */
export type SlotState = "pending" | "sent" | "skipped" | "missed";

/** What names a slot. */
export interface SlotKey {
  readonly job_id: string;
  /** Milliseconds. */
  readonly slot: number;
}

/** A slot as the ledger has it. */
export interface SlotRecord extends SlotKey {
  readonly run_id: string;
  readonly worker: string;
  readonly state: SlotState;
  /** Why it was skipped or missed, or `late`, `caught_up`, `backfill` for one that was sent. */
  readonly reason?: string;
  /** Of the leader that wrote it last. */
  readonly epoch: number;
  /** When its message was sent, milliseconds. */
  readonly sent?: number;
}

/** A slot to be entered. */
export interface OpenSlot extends SlotKey {
  readonly worker: string;
  readonly epoch: number;
  readonly reason?: string;
}

/** Options of {@link SlotLedger.list}. */
export interface ListSlotsOptions {
  readonly since?: number;
  readonly until?: number;
  readonly state?: SlotState;
  /** 50 by default; the latest ones. */
  readonly limit?: number;
}

/** One conditional item for each job and slot: the reason why no slot is doubled or lost. */
export interface SlotLedger {
  /** The run that a slot stands for: the same id from whoever computes it. */
  runId(key: SlotKey): string;
  /**
   * Enters a slot as `pending`: true for whoever may send it. A pending one of an earlier leader changes hands, one
   * that was skipped in a pause is taken up again; any other stays as it is.
   */
  open(slot: OpenSlot): Promise<boolean>;
  /** What became of an opened slot; nothing happens when a later leader has it. */
  close(slot: OpenSlot, state: Exclude<SlotState, "pending">, reason?: string): Promise<void>;
  /**
   * Enters a slot of the past that is to be made up for, under a run id of its own: false for one that was sent, or
   * that a leader has. `again` takes one that was sent as well.
   */
  backfill(slot: OpenSlot, options: { run_id: string; again?: boolean }): Promise<boolean>;
  /** Enters a slot that is not sent; an entry that is there stays. @returns whether it is new */
  enter(slot: OpenSlot, state: "skipped" | "missed"): Promise<boolean>;
  /** Slots of a job, latest first. */
  list(job_id: string, options?: ListSlotsOptions): Promise<readonly SlotRecord[]>;
}

/** A term of a leader. */
export interface Term {
  readonly epoch: number;
  /** Up to here, in milliseconds, all slots are settled; undefined where none ever were. */
  readonly cursor: number | undefined;
}

/** Who leads, as others see it. */
export interface LeaderRecord {
  readonly holder: string;
  readonly hostname: string;
  readonly epoch: number;
  readonly state: "live" | "ended" | "none";
  /** Counts up with each renewal: the sign of life. */
  readonly beat: number;
  readonly cursor: number | undefined;
}

/** The lease of an elected leader. Its item has an epoch; each write needs the epoch that it was taken with. */
export interface LeaderLease {
  readonly holder: string;
  look(): Promise<LeaderRecord>;
  /** Takes the lease from the holder that was seen; undefined when another was faster. */
  take(seen: LeaderRecord): Promise<Term | undefined>;
  /** Renews it, with the cursor. @throws {LavaError} LEADER_LOST */
  renew(term: Term): Promise<void>;
  /** Gives it up, so that a standby need not wait. */
  release(term: Term): Promise<void>;
}

/** What is paused: one job, all jobs of a dispatcher, or all. */
export type PauseTarget = `job/${string}` | `dispatcher/${string}` | "all";

/** A pause of a schedule. */
export interface Pause {
  readonly target: PauseTarget;
  /** Milliseconds; slots from here on are skipped. */
  readonly since: number;
  /** Slots from here on are dispatched again; undefined while it goes on. */
  readonly until: number | undefined;
  readonly note: string;
  readonly by: string;
}

/** A notice that jobs have changed. */
export interface ScheduleChange {
  readonly id: string;
  readonly time: number;
  /** Ids of the jobs; those that are no longer there count as well. */
  readonly jobs: readonly string[];
}

/** A job as the dispatcher index has it. */
export interface IndexedJob {
  readonly job_id: string;
  readonly dispatcher: string;
  readonly item: DataMap;
}

/** All that schedulers share (design 8). */
export interface ScheduleStore {
  readonly slots: SlotLedger;
  /** @param holder Names this process, once and for all */
  leader(role: string, holder: string, hostname: string): LeaderLease;
  /** Jobs that have a dispatcher, by the sparse index: all, or those of one dispatcher in order of their ids. */
  listJobs(dispatcher?: string): Promise<readonly IndexedJob[]>;
  /** Tells schedulers that these jobs were changed, so that they look within seconds. */
  announce(jobs: readonly string[]): Promise<void>;
  /** Notices after a moment, earliest first. */
  changes(since: number): Promise<readonly ScheduleChange[]>;
  /** Pauses a schedule; its slots are skipped until it is resumed. */
  pause(target: PauseTarget, by: string, note: string): Promise<void>;
  /** Ends a pause. @returns false when there was none */
  resume(target: PauseTarget): Promise<boolean>;
  /** Pauses that go on, and those that ended lately. */
  pauses(): Promise<readonly Pause[]>;
}
