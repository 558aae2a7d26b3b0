import { indexRuns, runName } from "../runs.ts";
import type { Mark, Property, Violation } from "../types.ts";

const EVENTS = ["on_success", "on_fail"] as const;

/** G5: the actions of a terminal event are delivered at least once, under one key; those of the other event never. */
export const actionsDelivered: Property = (history) => {
  const violations: Violation[] = [];
  const fault = (run: Violation["run"], text: string): void => {
    violations.push({ guarantee: "G5", run: { job_id: run.job_id, run_id: run.run_id }, text });
  };
  const delivered = new Map<string, Mark[]>();
  for (const mark of history.marks) {
    if (mark.kind !== "action" || mark.of === undefined) continue;
    const name = `${runName(mark.of)} ${mark.of.action}`;
    delivered.set(name, [...(delivered.get(name) ?? []), mark]);
  }
  const runs = indexRuns(history.runs);
  for (const [name, marks] of delivered) {
    const of = marks[0]?.of;
    if (of === undefined) continue;
    const keys = new Set(marks.map(({ key }) => key));
    if (keys.size > 1)
      fault(of, `action ${of.action} came under ${keys.size} keys: ${[...keys].join(", ")}`);
    const run = runs.get(runName(of));
    if (run === undefined) fault(of, `action ${name} was delivered for a run that has no item`);
  }
  for (const run of history.runs) {
    const counts = history.actions?.[run.job_id];
    if (counts === undefined) continue;
    // An action that cannot be delivered is recorded, and ends the list.
    const hasFailed = run.log.some(({ status }) => status === "action_failed");
    for (const event of EVENTS) {
      const isDue = event === endedBy(run.log.map(({ status }) => status));
      for (let index = 0; index < (counts[event] ?? 0); index += 1) {
        const count = delivered.get(`${runName(run)} ${event}-${index}`)?.length ?? 0;
        if (isDue && count === 0 && !hasFailed) {
          fault(run, `ended ${run.status} and ${event}-${index} was never delivered`);
        }
        if (!isDue && count > 0)
          fault(run, `ended ${run.status} and ${event}-${index} was delivered`);
      }
    }
  }
  return violations;
};

/** Which event's actions a log asks for. */
function endedBy(statuses: readonly string[]): (typeof EVENTS)[number] | undefined {
  const end = statuses.find((status) => status === "complete" || status === "failed");
  return end === undefined ? undefined : end === "complete" ? "on_success" : "on_fail";
}
