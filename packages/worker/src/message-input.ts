import type { DataMap } from "@lava/core";
import type { ClaimedRun } from "@lava/realm";
import type { DispatchMessage, StoredJob } from "@lava/spec";
import type { MessageServices } from "./message-services.ts";
import { progressOf } from "./progress.ts";
import type { RunInput } from "./run-input.ts";
import type { RunRecorder } from "./run-recorder.ts";
import type { Slot } from "./slots.ts";

/** A run that was claimed for a message, and what it came with. */
export interface MessageWork {
  readonly dispatch: Pick<DispatchMessage, "parameters" | "globals">;
  readonly record: StoredJob;
  /** Milliseconds. */
  readonly ts_dispatch: number;
  readonly holder: string;
  /** Pools of which the run has slots. */
  readonly pools: readonly string[];
  readonly stop: AbortController;
  /** Milliseconds. */
  readonly started: number;
}

/** The run as it is carried out; `openDir` makes its directory when it is first needed. */
export function toMessageInput(
  run: ClaimedRun,
  work: MessageWork,
  slot: Slot,
  recorder: RunRecorder,
  services: MessageServices,
  openDir: () => Promise<string>,
): RunInput {
  const { dispatch, record } = work;
  const merge = (own: DataMap, sent: DataMap | undefined): DataMap => ({ ...own, ...sent });
  return {
    record,
    run_id: run.run_id,
    ts_dispatch: work.ts_dispatch,
    ts_start: Math.floor(work.started / 1000) * 1000,
    parameters: merge(record.parameters, dispatch.parameters),
    globals: merge(record.globals, dispatch.globals),
    recorder,
    signal: work.stop.signal,
    ancestors: [],
    path: "",
    work: "",
    holder: work.holder,
    epoch: run.epoch,
    releaseSlot: () => {
      slot.release();
    },
    thread: slot.thread,
    judgeDelay: run.attempt === 1,
    openDir,
    ...progressOf(run, work, slot, services),
    isLive: () => services.lease.isLive(work.holder),
    doneActions: new Set(Object.keys(run.finished?.actions ?? {})),
  };
}
