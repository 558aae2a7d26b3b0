import { isMap } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { eventStatuses, terminalStatuses } from "@lava/spec";
import { indexRuns, topOf, runName } from "../runs.ts";
import type { Property, Violation } from "../types.ts";

const isTerminal = (status: string): boolean =>
  [...terminalStatuses].some((terminal) => terminal === status);

/** What may stand in the log after a run has ended: the end of its actions, and who took them over. */
const AFTER_END = new Set(["action_failed", "retrying"]);

/** Ends of a child that is not among the failed ones. */
const GOOD = new Set(["complete", "skipped", "action_failed"]);

/** G4: a terminal status is final, except that `complete` may become `action_failed`. */
export const terminalIsFinal: Property = (history) => {
  const violations: Violation[] = [];
  const fault = (run: Violation["run"], text: string): void => {
    violations.push({ guarantee: "G4", run: { job_id: run.job_id, run_id: run.run_id }, text });
  };
  const runs = indexRuns(history.runs);
  for (const run of history.runs) {
    const statuses = run.log.map(({ status }) => status);
    const unknown = statuses.find((status) => !eventStatuses.some((known) => known === status));
    if (unknown !== undefined) fault(run, `its log has the unknown status ${unknown}`);
    const end = statuses.findIndex((status) => isTerminal(status));
    // A child has one item for all executions of its parent (WF-119): it ends anew in each.
    const top = topOf(run, runs);
    if (top !== undefined && isClean(top) && !GOOD.has(run.status)) {
      fault(run, `says ${run.status}, and its parent ${top.job_id} ended with no failed child`);
    }
    if (end < 0 || top !== undefined) continue;
    const status = statuses[end] ?? "";
    const after = statuses.slice(end + 1);
    const wrong = after.find((later) => !AFTER_END.has(later));
    if (wrong !== undefined) fault(run, `${wrong} follows the end ${status}`);
    const failures = after.filter((later) => later === "action_failed").length;
    if (failures > 1) fault(run, `${failures} times action_failed follow the end ${status}`);
    const expected = status === "complete" && failures > 0 ? "action_failed" : status;
    if (run.status !== expected) fault(run, `ended ${expected} and its item says ${run.status}`);
  }
  const seen = new Map<string, string>();
  for (const look of history.observations ?? []) {
    const before = seen.get(runName(look));
    seen.set(runName(look), look.status);
    if (before === undefined || before === look.status || !isTerminal(before)) continue;
    const run = runs.get(runName(look));
    if (run !== undefined && topOf(run, runs) !== undefined) continue;
    if (before === "complete" && look.status === "action_failed") continue;
    fault(look, `went from ${before} to ${look.status}`);
  }
  return violations;
};

/** Whether a parent ended `complete` with no child among the failed ones. */
function isClean({ status, log }: RunRecord): boolean {
  const info = log.findLast((entry) => entry.status === "complete")?.info;
  if (status !== "complete" || !isMap(info)) return false;
  const failed = info["failed_jobs"] ?? info["failed_indexes"];
  return Array.isArray(failed) && failed.length === 0;
}
