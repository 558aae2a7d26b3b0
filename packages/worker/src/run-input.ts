import type { DataMap } from "@lava/core";
import type { StoredJob } from "@lava/spec";
import type { RunTree } from "./children/run-tree.ts";
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
  /** Tells executions of one tree apart, the same after a takeover; another one in each attempt of a parent. */
  readonly path: string;
  /** Tells runs of one tree apart, the same in every attempt of their parents: names the work, for payloads. */
  readonly work: string;
  /** Holder of the run, and the epoch under which it holds it. */
  readonly holder: string;
  readonly epoch: number;
  /** Gives the slot back when nothing is left but to write the end of the run. Of a child there is none. */
  readonly releaseSlot?: () => void;
  /** Name in logs (WK-017). */
  readonly thread: string;
  /** Whether `max_run_delay` is still to be judged: at the first claim only (design 5). */
  readonly judgeDelay: boolean;
  /** First attempt to make; above 1 when earlier ones have failed (WK-075). */
  readonly firstIteration: number;
  /** Gives the run its directory: a new one, or the parent's. */
  readonly openDir: () => Promise<string>;
  /** How often the run was put off so far (x-lava-defer). */
  readonly deferrals: number;
  /** Before this, in milliseconds, the run does not go on. */
  readonly due: number | undefined;
  /** What the run has in common with its children. */
  readonly tree: RunTree;
  /** The child's own id in its run; empty for the run at the top. */
  readonly childId: string;
  /** Which attempt of each job above it this is, `1.2`; empty at the top. */
  readonly pass: string;
  /** Pools of which the run, or one above it, has slots. */
  readonly pools: ReadonlySet<string>;
  /** Whether the run is still ours, and its payloads were left alone by the watchdog. */
  readonly isLive: () => boolean;
  /** Actions that an earlier holder of this run did. */
  readonly doneActions: ReadonlySet<string>;
}
