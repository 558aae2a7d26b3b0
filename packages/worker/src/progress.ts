import {
  type ClaimedRun,
  type ExtraAttributes,
  numberOf,
  textOf,
  toRunPlan,
  writeSent,
} from "@lava/realm";
import type { DispatchMessage, StoredJob } from "@lava/spec";
import { createChildLedger } from "./children/child-ledger.ts";
import { earlierChildren, type RunTree } from "./children/run-tree.ts";
import { createSlotShare } from "./children/slot-share.ts";
import { resumeEpoch } from "./give-back.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import type { RunInput } from "./run-input.ts";
import type { RunServices } from "./run-services.ts";
import type { Slot } from "./slots.ts";

/** The part of a run's input that tells where it goes on. */
export type Progress = Pick<
  RunInput,
  "firstIteration" | "deferrals" | "due" | "tree" | "childId" | "pass" | "pools"
>;

/** Where a run that was claimed goes on: at its beginning, or where its item says. */
export function progressOf(
  run: ClaimedRun,
  work: {
    readonly holder: string;
    readonly pools: readonly string[];
    readonly record: StoredJob;
    readonly stop: AbortController;
  },
  slot: Slot,
  services: RunServices & { readonly lease: LeaseKeeper },
): Progress {
  const { x_iteration, x_deferrals, x_due } = run.record.extra;
  const due = textOf(x_due);
  return {
    firstIteration: (numberOf(x_iteration) ?? 0) + 1,
    deferrals: numberOf(x_deferrals) ?? 0,
    due: due === undefined ? undefined : Date.parse(due),
    tree: treeOf(run, work, slot, services),
    childId: "",
    pass: "",
    pools: new Set(work.pools),
  };
}

function treeOf(
  run: ClaimedRun,
  { holder, record, stop }: Parameters<typeof progressOf>[1],
  slot: Slot,
  services: RunServices & { readonly lease: LeaseKeeper },
): RunTree {
  const { realm, clock, logger, origin, batchMs } = services;
  const plan = toRunPlan(run.record.extra["x_plan"]);
  const epoch = resumeEpoch(run, record);
  const runs = plan?.done ?? [];
  const own = epoch === undefined ? undefined : { run_id: run.run_id, epoch };
  const isFresh = runs.length === 0 && own === undefined && plan?.only === undefined;
  return {
    run: { job_id: run.job_id, run_id: run.run_id },
    holder,
    slot: createSlotShare((pause) => slot.pause(pause)),
    ledger: createChildLedger({
      run_id: run.run_id,
      epoch: run.epoch,
      children: realm.children,
      events: realm.events,
      origin,
      clock,
      logger,
      isLive: () => services.lease.isLive(holder),
      isLost: () => isLost(stop.signal),
      batchMs,
    }),
    earlier: isFresh
      ? undefined
      : earlierChildren({ history: (key) => realm.children.history(key), runs, own }),
    only: plan?.only,
    left: { files: false },
    waiting: new Map(),
  };
}

function isLost(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason;
  return (
    signal.aborted &&
    typeof reason === "object" &&
    reason !== null &&
    "kind" in reason &&
    reason.kind === "lost"
  );
}

/** What the message of a run brings beside its names, as the run's item keeps it. */
export function sentOf(message: DispatchMessage): ExtraAttributes {
  const x_sent = writeSent(message);
  return x_sent === undefined ? {} : { x_sent };
}
