import { terminalStatuses } from "@lava/spec";
import { actionsState, indexRuns, runName } from "../runs.ts";
import type { Property, Violation } from "../types.ts";

/** G1: every accepted dispatch reaches a terminal event, and nothing that began stands still without one. */
export const everyRunEnds: Property = (history) => {
  const runs = indexRuns(history.runs);
  const violations: Violation[] = [];
  const fault = (run: Violation["run"], text: string): void => {
    violations.push({ guarantee: "G1", run: { job_id: run.job_id, run_id: run.run_id }, text });
  };
  const left = Object.entries(history.messages ?? {})
    .filter(([, count]) => count > 0)
    .map(([worker, count]) => `${count} of ${worker}`);
  const queues = left.length === 0 ? "no message is left" : `messages left: ${left.join(", ")}`;
  for (const run of history.accepted) {
    if (!runs.has(runName(run))) fault(run, `was accepted and has no events item; ${queues}`);
  }
  for (const run of history.runs) {
    if (run.job_id.startsWith("lava/") && run.status === "") continue;
    const isOver = [...terminalStatuses].some((status) => status === run.status);
    if (!isOver) fault(run, `stands at ${run.status || "no status"}; ${queues}`);
    else if (actionsState(run) === "pending") {
      fault(run, `ended ${run.status} and its actions are not settled; ${queues}`);
    }
  }
  const known = new Set(history.marks.filter(({ of }) => !of).map(runName));
  for (const name of known) {
    const mark = history.marks.find((one) => runName(one) === name);
    if (mark !== undefined && !runs.has(name)) fault(mark, "had a payload and has no events item");
  }
  return violations;
};
