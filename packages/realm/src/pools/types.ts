import type { RunKey } from "../events/types.ts";

/** Slots that a run wants of a pool. */
export interface PoolRequest {
  /** Name of the pool; `job/<job_id>` for the limit of a job. */
  readonly pool: string;
  /** How many slots the pool has. */
  readonly size: number;
  /** How many of them the run takes. */
  readonly slots: number;
  readonly run: RunKey;
  /** The worker process that takes them: they are its own while its lease lives. */
  readonly holder: string;
  /** Since when the run waits, milliseconds; the one that waits longest goes first after a while. */
  readonly since: number;
}

/** Slots of a pool that were taken. */
export interface PoolSlot {
  readonly pool: string;
  readonly slots: number;
  readonly token: string;
}

/** Who has slots of a pool. */
export interface PoolUse extends RunKey {
  readonly holder: string;
  readonly slots: number;
  /** Milliseconds. */
  readonly since: number;
  readonly token: string;
}

/** A pool as its item tells it. */
export interface PoolRecord {
  readonly used: number;
  readonly uses: readonly PoolUse[];
}

/**
 * Slots shared by runs of all workers (SIB-BDRC-09). A slot belongs to the lease of a worker process: what a lost
 * one held is found free by whoever next finds the pool full.
 */
export interface PoolStore {
  /** Takes slots, by one conditional write; undefined when there is no room. @throws {LavaError} POOL_TOO_SMALL */
  take(request: PoolRequest): Promise<PoolSlot | undefined>;
  /** Gives slots back, by one conditional write; twice does no harm. */
  free(slot: PoolSlot): Promise<void>;
  get(pool: string): Promise<PoolRecord>;
}
