import type { SlotRecord } from "@lava/realm";

/** What happened to the slots of one job in a round. */
export interface SlotHistory {
  readonly job_id: string;
  /** Moments at which it was due, by its schedule alone. */
  readonly due: readonly number[];
  readonly ledger: readonly SlotRecord[];
  /** Run ids of the messages that came out of its queue, in order. */
  readonly received: readonly string[];
}

/**
 * What is wrong with a history: a slot that is not in the ledger, is not sent or not in the queue; one that was not due;
 * a run of two slots, an epoch that goes back. Messages of one run count once: workers run it once.
 */
export function checkSlots({ job_id, due, ledger, received }: SlotHistory): string[] {
  const wrong: string[] = [];
  const at = (slot: number): string => `${job_id} ${new Date(slot).toISOString()}`;
  const entries = new Map(ledger.map((entry) => [entry.slot, entry]));
  const runs = new Set(received);
  for (const slot of due) {
    const entry = entries.get(slot);
    if (entry === undefined) wrong.push(`${at(slot)}: lost: no entry in the ledger`);
    else if (entry.state !== "sent") {
      wrong.push(`${at(slot)}: ${entry.state} (${entry.reason ?? ""}), not sent`);
    } else if (!runs.has(entry.run_id)) wrong.push(`${at(slot)}: sent, and no message came`);
  }
  const wanted = new Set(due);
  for (const { slot } of ledger) {
    if (!wanted.has(slot)) wrong.push(`${at(slot)}: in the ledger, and was not due`);
  }
  const known = new Set(ledger.map(({ run_id }) => run_id));
  if (known.size !== ledger.length) wrong.push(`${job_id}: two slots have the same run`);
  for (const run of runs) if (!known.has(run)) wrong.push(`${job_id}: run ${run} is of no slot`);
  let epoch = 0;
  for (const entry of ledger.toSorted((a, b) => a.slot - b.slot)) {
    // A slot that was late may be sent by a later leader than the one after it: by one epoch at most there and back.
    if (entry.epoch < epoch - 1)
      wrong.push(`${at(entry.slot)}: epoch ${entry.epoch} after ${epoch}`);
    epoch = Math.max(epoch, entry.epoch);
  }
  return wrong;
}
