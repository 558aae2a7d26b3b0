import type { SlotRecord } from "@lava/realm";

/** What happened to the slots of one job in a round. */
export interface SlotHistory {
  readonly job_id: string;
  /** Moments at which it was due, by its schedule alone. */
  readonly due: readonly number[];
  /** Moments at which it may have been due: its schedule was just being changed. */
  readonly may?: (slot: number) => boolean;
  readonly ledger: readonly SlotRecord[];
  /** Run ids of the messages that came out of its queue, in order. */
  readonly received: readonly string[];
}

/**
 * What is wrong with a history: a slot that is not in the ledger, is not sent or not in the queue; one that was not due;
 * a run of two slots. Messages of one run count once: workers run it once.
 */
export function checkSlots({
  job_id,
  due,
  may = () => false,
  ledger,
  received,
}: SlotHistory): string[] {
  const wrong: string[] = [];
  const at = (slot: number): string => `${job_id} ${new Date(slot).toISOString()}`;
  const entries = new Map(ledger.map((entry) => [entry.slot, entry]));
  const runs = new Set(received);
  for (const slot of due) {
    const entry = entries.get(slot);
    if (entry === undefined) wrong.push(`${at(slot)}: lost: no entry in the ledger`);
    else if (entry.state !== "sent") {
      wrong.push(`${at(slot)}: ${entry.state} (${entry.reason ?? ""}), not sent`);
    }
  }
  const wanted = new Set(due);
  for (const { slot, state, run_id, reason = "" } of ledger) {
    if (state === "sent" && !runs.has(run_id)) wrong.push(`${at(slot)}: sent, and no message came`);
    if (state !== "sent" && runs.has(run_id)) {
      wrong.push(`${at(slot)}: ${state} (${reason}), and a message came`);
    }
    if (wanted.has(slot) || may(slot)) continue;
    // A slot of a pause, or of a schedule that was changed, is in the ledger as skipped.
    if (state !== "skipped") wrong.push(`${at(slot)}: ${state} in the ledger, and was not due`);
  }
  const known = new Set(ledger.map(({ run_id }) => run_id));
  if (known.size !== ledger.length) wrong.push(`${job_id}: two slots have the same run`);
  for (const run of runs) if (!known.has(run)) wrong.push(`${job_id}: run ${run} is of no slot`);
  return wrong;
}
