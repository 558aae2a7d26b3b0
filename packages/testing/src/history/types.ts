import type { RunKey, RunRecord } from "@lava/realm";

/** A line that a payload appended to the mark file, see {@link markPayload}. */
export interface Mark {
  /** `start` first, `alive` every now and then, `end` last; `action` once, from what an action set off. */
  readonly kind: "start" | "alive" | "end" | "action";
  readonly job_id: string;
  readonly run_id: string;
  /** What is executed: equal in all executions of a run (LAVA_IDEMPOTENCY_KEY, or job and run). */
  readonly key: string;
  /** LAVA_EPOCH; 0 where the worker gave none. */
  readonly epoch: number;
  /** Number of the attempt, from 1; 0 where the payload was not told. */
  readonly attempt: number;
  /** The payload's process, and the worker's. */
  readonly pid: number;
  readonly worker: number;
  /** Seconds since the machine started, and since 1970. */
  readonly mono: number;
  readonly wall: number;
  /** For `action`: the run whose action it was, and which one (`on_success-0`). */
  readonly of?: RunKey & { readonly action: string };
}

/** One look at a run's item while things went on. */
export interface Observation extends RunKey {
  readonly status: string;
  readonly holder: string | undefined;
  readonly epoch: number;
}

/** What is known about a realm once nothing moves any more. */
export interface History {
  /** Runs that were accepted: each must have ended. */
  readonly accepted: readonly RunKey[];
  /** The events table. */
  readonly runs: readonly RunRecord[];
  /** The mark file, in its order. */
  readonly marks: readonly Mark[];
  /** Items as they were seen, in the order of the looks; may be empty. */
  readonly observations?: readonly Observation[];
  /** Messages that the queues still have, by worker. */
  readonly messages?: Readonly<Record<string, number>>;
  /** How many actions of an event leave an `action` mark, by job. */
  readonly actions?: Readonly<Record<string, { on_success?: number; on_fail?: number }>>;
  /** How runs of a job may end, going by what their payloads do. */
  readonly outcomes?: Readonly<Record<string, readonly string[]>>;
  /** Payload processes that are still alive. */
  readonly survivors?: readonly number[];
}

/** A sentence of the guarantee. */
export type Guarantee = "G1" | "G2" | "G3" | "G4" | "G5" | "G6" | "G7";

/** Where a history breaks a sentence. */
export interface Violation {
  readonly guarantee: Guarantee;
  readonly run: RunKey;
  /** One sentence with what was found. */
  readonly text: string;
}

/** Proves one sentence for a history: nothing, or where it does not hold. */
export type Property = (history: History) => readonly Violation[];
