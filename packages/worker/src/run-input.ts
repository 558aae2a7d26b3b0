import type { DataMap } from "@lava/core";
import type { StoredJob } from "@lava/spec";
import type { RunRecorder } from "./run-recorder.ts";

/** A run, or a child of one, that is to be carried out. */
export interface RunInput {
  readonly record: StoredJob;
  readonly run_id: string;
  /** Milliseconds. */
  readonly ts_dispatch: number;
  /** Milliseconds, whole seconds: the time of the `starting` event. */
  readonly ts_start: number;
  /** Parameters of record and message, merged (WK-043). */
  readonly parameters: DataMap;
  /** Globals likewise, with `lava` where the sender gave it. */
  readonly globals: DataMap;
  readonly recorder: RunRecorder;
  readonly signal: AbortSignal;
  /** Job ids above this one, outermost first. */
  readonly ancestors: readonly string[];
  /** Tells runs of one tree apart, the same after a takeover. */
  readonly path: string;
  /** Holder of the run, and the epoch under which it holds it. */
  readonly holder: string;
  readonly epoch: number;
  /** Name in logs (WK-017). */
  readonly thread: string;
  /** Whether `max_run_delay` is still to be judged: at the first claim only (design 5). */
  readonly judgeDelay: boolean;
  /** First attempt to make; above 1 after a takeover (WK-075). */
  readonly firstIteration: number;
  /** Gives the run its directory: a new one, or the parent's. */
  readonly openDir: () => Promise<string>;
  /** Waits between attempts. */
  readonly wait: (seconds: number) => Promise<void>;
  /** Actions that an earlier holder of this run did. */
  readonly doneActions: ReadonlySet<string>;
}
