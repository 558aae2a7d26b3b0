import { epochOf, indexRuns, runName } from "../runs.ts";
import type { Property, Violation } from "../types.ts";

/** G2: at any moment a run has one holder: one for each epoch, and epochs only grow. */
export const oneHolder: Property = (history) => {
  const violations: Violation[] = [];
  const fault = (run: Violation["run"], text: string): void => {
    violations.push({ guarantee: "G2", run: { job_id: run.job_id, run_id: run.run_id }, text });
  };
  const seen = new Map<string, { epoch: number; holder: string | undefined }>();
  for (const look of history.observations ?? []) {
    const name = runName(look);
    const before = seen.get(name);
    if (before !== undefined && look.epoch < before.epoch) {
      fault(look, `its epoch went back from ${before.epoch} to ${look.epoch}`);
    }
    const isSameEpoch = before?.epoch === look.epoch;
    if (
      isSameEpoch &&
      look.holder !== undefined &&
      before.holder !== undefined &&
      look.holder !== before.holder
    ) {
      fault(look, `${before.holder} and ${look.holder} both held it under epoch ${look.epoch}`);
    }
    // A holder that gave the run up is remembered: nobody else may appear under its epoch.
    seen.set(name, {
      epoch: look.epoch,
      holder: look.holder ?? (isSameEpoch ? before.holder : undefined),
    });
  }
  const workers = new Map<string, number>();
  const runs = indexRuns(history.runs);
  for (const mark of history.marks) {
    if (mark.kind !== "start" || mark.epoch === 0) continue;
    const name = `${runName(mark)} ${mark.epoch}`;
    const worker = workers.get(name) ?? mark.worker;
    workers.set(name, worker);
    if (worker !== mark.worker) {
      fault(mark, `processes ${worker} and ${mark.worker} both ran it under epoch ${mark.epoch}`);
    }
    const run = runs.get(runName(mark));
    // Children have no epoch of their own: theirs is their parent's.
    if (run !== undefined && epochOf(run) > 0 && mark.epoch > epochOf(run)) {
      fault(mark, `a payload had epoch ${mark.epoch}, but the run only came to ${epochOf(run)}`);
    }
  }
  return violations;
};
