import type { Clock, Logger } from "@lava/core";
import type { EventOrigin, Realm } from "@lava/realm";
import type { WorkerEvents } from "./worker-events.ts";

/** What an observer of a worker is given. */
export interface ObservedWorker {
  readonly realm: Realm;
  readonly worker: string;
  readonly origin: EventOrigin;
  readonly events: WorkerEvents;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Number of slots. */
  readonly slots: number;
  /** How many runs go on. */
  readonly running: () => number;
  /** Directory of the worker's jobs. */
  readonly folder: string;
}

/**
 * Listens to a worker: metrics, traces. It is started with the worker and disposed of when the last run has ended.
 * It must not throw, nor hold a run up.
 */
export type WorkerObserver = (worker: ObservedWorker) => AsyncDisposable;
