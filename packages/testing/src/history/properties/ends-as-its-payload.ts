import { isTerminal } from "@lava/realm";
import { indexRuns, topOf } from "../runs.ts";
import type { Property, Violation } from "../types.ts";

/** G7: a run ends as its payload does: what a loss has killed is never reported as the job's failure. */
export const endsAsItsPayload: Property = (history) => {
  const violations: Violation[] = [];
  const runs = indexRuns(history.runs);
  for (const run of history.runs) {
    const expected = history.outcomes?.[run.job_id];
    // Of a child the last execution counts, and that is its parent's affair.
    if (expected === undefined || topOf(run, runs) !== undefined) continue;
    if (!isTerminal(run.status) || expected.includes(run.status)) continue;
    violations.push({
      guarantee: "G7",
      run: { job_id: run.job_id, run_id: run.run_id },
      text: `ended ${run.status} and not ${expected.join(" or ")}: ${JSON.stringify(run.log.at(-1)?.info)}`,
    });
  }
  return violations;
};
