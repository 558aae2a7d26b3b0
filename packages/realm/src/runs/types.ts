import type { Data, DataMap } from "@lava/core";
import type {
  EventOrigin,
  ExtraAttributes,
  Fence,
  RunEvent,
  RunKey,
  RunRecord,
} from "../events/types.ts";

/** Times of leases, in milliseconds. */
export interface LeaseTimes {
  /** How long a lease lives unless it is renewed. */
  readonly leaseMs: number;
  /** How far the clocks of two hosts may differ; a lease counts as expired only that much later. */
  readonly skewMs: number;
}

/** The lease of one worker process: while it is live, so is its claim on every run that it holds. */
export interface WorkerLease {
  /** `<worker>/<process>`, as in `x_holder` of runs. */
  readonly holder: string;
  readonly worker: string;
  /** Unique for each process; the `run_id` of the lease item. */
  readonly process: string;
  /** Milliseconds when the lease ends unless renewed; 0 before {@link start}. */
  readonly expires: number;
  /** For how long each renewal is good, in milliseconds. */
  readonly durationMs: number;
  /** How often this process was told that a run is to be cancelled, as far as it has seen. */
  readonly cancels: number;
  /** Takes the lease. */
  start(): Promise<void>;
  /** Puts the end of the lease off. @throws {LavaError} LEASE_LOST when it was fenced or has ended */
  renew(): Promise<void>;
  /** Looks at {@link cancels}; an eventually consistent read of one small item. */
  look(): Promise<void>;
  /** Says something else of the process ({@link LeaseRecord.info}); no renewal. */
  tell(info: DataMap): Promise<void>;
  /** Ends the lease; what it still holds can be taken over at once. */
  end(): Promise<void>;
}

/** A lease item as others see it. */
export interface LeaseRecord {
  readonly worker: string;
  readonly process: string;
  readonly hostname: string;
  readonly pid?: number;
  readonly state: "live" | "fenced" | "ended";
  readonly expires: number;
  /** What the process says of itself: `slots`, and `draining` (milliseconds) once it takes no more runs. */
  readonly info: DataMap;
}

/** Options of {@link RunStore.lease}. */
export interface LeaseOptions {
  readonly origin: EventOrigin;
  readonly process: string;
  readonly pid?: number;
  readonly info?: DataMap;
}

/** Options of {@link RunStore.claim}. */
export interface ClaimOptions {
  readonly holder: string;
  readonly origin: EventOrigin;
  readonly ts_dispatch?: string;
  /** Written with the claim, in the same update; usually `starting`. */
  readonly events?: readonly RunEvent[];
  readonly extra?: ExtraAttributes;
  /**
   * Asked after a fault that leaves it open whether a write was carried out (`attempt` counts from 1), for the claim and all
   * later writes of the run: true to send the same write again, with the same token, so that it counts once.
   */
  readonly again?: (error: unknown, attempt: number) => Promise<boolean>;
}

/** A run that this process holds. Every write is fenced: RUN_LOST once another has taken the run over. */
export interface ClaimedRun extends RunKey, Fence {
  /** How often the run was claimed, from 1. */
  readonly attempt: number;
  /** The run as it was right after the claim. */
  readonly record: RunRecord;
  /** The holder from which the run was taken, if it was. */
  readonly lost?: string;
  /**
   * Set when the run had finished but not all its actions had: only these remain to be done.
   * `actions` is `x_actions` without its `state`.
   */
  readonly finished?: { readonly status: string; readonly info: Data; readonly actions: DataMap };
  /** Adds events; not a terminal one. */
  append(events: RunEvent | readonly RunEvent[], extra?: ExtraAttributes): Promise<void>;
  /**
   * Ends the run. With `actions` the run stays held until {@link settle}; without, it is given up as settled.
   * `before` holds events that are still to be written, to save a call.
   */
  finish(
    event: RunEvent,
    options?: { actions?: boolean; before?: readonly RunEvent[]; extra?: ExtraAttributes },
  ): Promise<void>;
  /** Records what an action did or is about to do (the `run_id` of its child), under `x_actions.<key>`. */
  noteAction(key: string, note: Data): Promise<void>;
  /** All actions are done; `failed` (status `action_failed`) if one was not. */
  settle(failed?: readonly RunEvent[]): Promise<void>;
  /** Gives the run back: whoever receives its next message claims it. `event` is a `retrying` one. */
  release(event: RunEvent, options?: { reason?: string; extra?: ExtraAttributes }): Promise<void>;
}

/** What came of an attempt to claim a run. */
export type ClaimResult =
  /** Ours now. */
  | { readonly outcome: "claimed"; readonly run: ClaimedRun }
  /** Another process holds it, or this one already does (`own`); leave the message alone. */
  | {
      readonly outcome: "held";
      readonly holder: string;
      readonly own: boolean;
      /** Milliseconds; when the claim can be tried again. */
      readonly until: number;
    }
  /** Over, actions included: delete the message. */
  | { readonly outcome: "finished"; readonly status: string };

/** Runs: who holds them. */
export interface RunStore {
  readonly leaseTimes: LeaseTimes;
  /** The lease of one process; nothing is written before `start`. */
  lease(options: LeaseOptions): WorkerLease;
  /** Lease items of a worker, live or not. */
  listLeases(worker: string): Promise<LeaseRecord[]>;
  /** Takes a run, from a lost holder where need be. One call when nobody has it. */
  claim(run: RunKey, options: ClaimOptions): Promise<ClaimResult>;
  /** Asks for the end of a run. @throws {LavaError} RUN_IS_OVER */
  cancel(request: CancelRequest): Promise<CancelOutcome>;
  /**
   * Writes a terminal event for a run that is not to be executed (skipped, rejected), if nobody holds it and it
   * is not finished. Says `claimed` never: `concluded` instead.
   */
  conclude(
    run: RunKey,
    options: Omit<ClaimOptions, "holder" | "events"> & { readonly events: readonly RunEvent[] },
  ): Promise<{ readonly outcome: "concluded" } | Exclude<ClaimResult, { outcome: "claimed" }>>;
}

/** A wish that a run ends. */
export interface CancelRequest extends RunKey {
  /** Who wishes it: `me@host`. */
  readonly by: string;
  readonly reason?: string;
  readonly hostname: string;
}

/**
 * What became of the wish. `told`: the run goes on, and its worker process was told. `ended`: the run was waiting for
 * its time, the first or another one, and is over now. `noted`: nobody holds the run; whoever takes it next ends it.
 * `unreachable`: it is run by a worker that knows nothing of cancels.
 */
export type CancelOutcome = "told" | "ended" | "noted" | "unreachable";
