import type { RunRecord } from "@lava/realm";
import { epochOf, indexRuns, isShortened, topOf, runName } from "../runs.ts";
import type { History, Mark, Property, Violation } from "../types.ts";

/** G6: a run executes again only after its holder was lost or gave it back, and then under a higher epoch. */
export const repeatedOnlyAfterLoss: Property = (history) => [
  ...handovers(history),
  ...executions(history),
];

/** Each claim after the first one has the loss or the giving back that it needs in the log. */
function handovers(history: History): Violation[] {
  const violations: Violation[] = [];
  const runs = indexRuns(history.runs);
  for (const run of history.runs) {
    if (isShortened(run) || topOf(run, runs) !== undefined) continue;
    const fault = (text: string): void => {
      violations.push({ guarantee: "G6", run: { job_id: run.job_id, run_id: run.run_id }, text });
    };
    const statuses = run.log.map(({ status }) => status);
    let starts = 0;
    for (const [index, status] of statuses.entries()) {
      if (status !== "starting") continue;
      starts += 1;
      if (starts > 1 && statuses[index - 1] !== "retrying") {
        fault(
          `start ${starts} follows ${statuses[index - 1] ?? "nothing"}, not a loss or a release`,
        );
      }
    }
    if (epochOf(run) > 0 && starts > epochOf(run)) {
      fault(`started ${starts} times under ${epochOf(run)} epochs`);
    }
  }
  return violations;
}

/** An attempt executes once under each epoch, and each execution's epoch is higher than the last one's. */
function executions(history: History): Violation[] {
  const violations: Violation[] = [];
  const runs = indexRuns(history.runs);
  const last = new Map<string, Mark>();
  const highest = new Map<string, Mark>();
  for (const mark of history.marks) {
    // Workers of lava 8 give no epoch, and promise nothing.
    if (mark.kind !== "start" || mark.epoch === 0) continue;
    const fault = (text: string): void => {
      const run = { job_id: mark.job_id, run_id: mark.run_id };
      violations.push({ guarantee: "G6", run, text });
    };
    const attempt = `${mark.key} ${mark.attempt}`;
    const before = last.get(attempt);
    last.set(attempt, mark);
    if (before !== undefined && mark.epoch <= before.epoch) {
      fault(
        `attempt ${mark.attempt} executed again under epoch ${mark.epoch}, after epoch ${before.epoch}`,
      );
    }
    const top = highest.get(mark.key);
    if (top === undefined || mark.epoch >= top.epoch) highest.set(mark.key, mark);
    else if (before === undefined) {
      fault(`an execution under epoch ${mark.epoch} followed one under epoch ${top.epoch}`);
    }
    const run = runs.get(runName(mark));
    if (before !== undefined && run !== undefined && !tellsOfLoss(run, runs)) {
      fault("executed again, and no log tells of a loss or a release");
    }
  }
  return violations;
}

/** Whether a run's log, or that of the run under whose claim it ran, has a loss or a giving back. */
function tellsOfLoss(run: RunRecord, runs: ReadonlyMap<string, RunRecord>): boolean {
  if (isShortened(run) || run.log.some(({ status }) => status === "retrying")) return true;
  const top = topOf(run, runs);
  return top !== undefined && tellsOfLoss(top, runs);
}
