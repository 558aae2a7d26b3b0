import { randomUUID } from "node:crypto";
import { type DataMap, errorText, LavaError, inParallel } from "@lava/core";
import { isTerminal, type Realm } from "@lava/realm";
import { nextSlot } from "../schedule/job-schedule.ts";
import type { BookedJob } from "./booked-job.ts";

/** What became of one slot of a backfill. */
export interface BackfillResult {
  readonly slot: number;
  readonly run_id: string | undefined;
  /** The status of its run; `already` when the slot had been dispatched, `error` when it could not be. */
  readonly outcome: string;
  readonly error?: string;
}

/** Options of {@link backfill}. */
export interface BackfillOptions {
  readonly realm: Pick<Realm, "name" | "clock" | "schedule" | "events" | "dispatch">;
  readonly job: BookedJob;
  readonly slots: readonly number[];
  /** So many runs are unfinished at a time. */
  readonly parallel: number;
  /** Also slots that were dispatched before. */
  readonly again: boolean;
  readonly globals: DataMap;
  readonly parameters: DataMap;
  /** No more runs are dispatched after it aborts; those under way go on. */
  readonly signal: AbortSignal;
  readonly onResult: (result: BackfillResult) => void;
}

const POLL_MS = 1000;

/** The most slots of one backfill. */
const MAX_SLOTS = 100_000;

/**
 * The slots of a job from one moment to another, both included.
 *
 * @throws {LavaError} BAD_BACKFILL when the moments are the wrong way round, or there are too many slots between them
 */
export function slotsBetween(job: BookedJob, from: number, to: number): readonly number[] {
  if (from > to) {
    throw new LavaError("BAD_BACKFILL", "The range ends before it begins", {
      kind: "usage",
      retry: "never",
      hint: "Give the earlier time as --from.",
    });
  }
  const slots: number[] = [];
  for (let at = from - 1; ;) {
    const slot = nextSlot(job.schedule, at, to + 1);
    if (slot === undefined) return slots;
    if (slots.push(slot) > MAX_SLOTS) {
      throw new LavaError(
        "BAD_BACKFILL",
        `Job ${job.job_id} has more than ${MAX_SLOTS} slots in that range`,
        { kind: "usage", retry: "never", hint: "Make up for it in parts." },
      );
    }
    at = slot;
  }
}

/**
 * Dispatches slots of the past, earliest first. Runs see the time of their slot as `globals.slot`; the same backfill
 * again goes on where it was left.
 */
export async function backfill(options: BackfillOptions): Promise<void> {
  await inParallel(options.slots, options.parallel, async (slot) => {
    if (options.signal.aborted) return;
    options.onResult(await backfillOne(slot, options));
  });
}

async function backfillOne(slot: number, options: BackfillOptions): Promise<BackfillResult> {
  const { realm, job, again, signal } = options;
  const { job_id, worker } = job;
  const { slots } = realm.schedule;
  const entry = { job_id, slot, worker, epoch: 0, reason: "backfill" };
  const run_id = again ? randomUUID() : slots.runId({ job_id: `${job_id}\nbackfill`, slot });
  try {
    if (!(await slots.backfill(entry, { run_id, again }))) {
      return { slot, run_id: undefined, outcome: "already" };
    }
    await realm.dispatch({
      job_id,
      run_id,
      worker,
      parameters: options.parameters,
      globals: { ...options.globals, slot: new Date(slot).toISOString() },
    });
    await slots.close(entry, "sent", { reason: "backfill" });
  } catch (error) {
    return { slot, run_id, outcome: "error", error: errorText(error) };
  }
  for (;;) {
    const run = await realm.events.get({ job_id, run_id });
    if (isTerminal(run?.status)) return { slot, run_id, outcome: run?.status ?? "" };
    if (signal.aborted) return { slot, run_id, outcome: run?.status ?? "queued" };
    await realm.clock.sleep(POLL_MS, signal).catch(() => undefined);
  }
}
