import { actionsDelivered } from "./properties/actions-delivered.ts";
import { endsAsItsPayload } from "./properties/ends-as-its-payload.ts";
import { everyRunEnds } from "./properties/every-run-ends.ts";
import { oneHolder } from "./properties/one-holder.ts";
import { payloadsApart } from "./properties/payloads-apart.ts";
import { repeatedOnlyAfterLoss } from "./properties/repeated-only-after-loss.ts";
import { terminalIsFinal } from "./properties/terminal-is-final.ts";
import type { Guarantee, History, Property, Violation } from "./types.ts";

/** One property for each sentence of the guarantee (docs/guide/guarantees.md). */
export const properties: Readonly<Record<Guarantee, Property>> = {
  G1: everyRunEnds,
  G2: oneHolder,
  G3: payloadsApart,
  G4: terminalIsFinal,
  G5: actionsDelivered,
  G6: repeatedOnlyAfterLoss,
  G7: endsAsItsPayload,
};

/** Proves every sentence of the guarantee for a history; what is found is where one does not hold. */
export function checkHistory(history: History): readonly Violation[] {
  return Object.values(properties).flatMap((property) => property(history));
}

/** A violation as one line: `G3 job run: text`. */
export function formatViolation({ guarantee, run, text }: Violation): string {
  return `${guarantee} ${run.job_id} ${run.run_id}: ${text}`;
}
