import type { DataMap } from "@lava/core";
import type { DispatchRequest } from "@lava/realm";
import type { Random } from "../random.ts";

/** The jobs of a round; payloads leave their marks in `marks` by `script`. */
export function roundJobs(script: string, marks: string): readonly DataMap[] {
  const work = (failures = 0): string =>
    `bash ${script} ${marks} {{globals.ms}} {{globals.lava.iteration}} ${failures}`;
  const acts = (event: string): DataMap => ({
    action: "dispatch",
    job_id: "acted",
    parameters: { args: ["{{ job.job_id }}", "{{ job.run_id }}", `${event}-0`] },
  });
  const child = (job_id: string): DataMap => ({ job_id, payload: work() });
  return [
    { job_id: "plain", payload: work(), on_success: [acts("on_success")] },
    {
      ...{ job_id: "retried", payload: work(1), on_success: [acts("on_success")] },
      ...{ iteration_limit: 3, iteration_delay: 0 },
    },
    { job_id: "fails", payload: work(9), on_fail: [acts("on_fail")] },
    { job_id: "acted", payload: `bash ${script} ${marks} action` },
    { job_id: "chain", type: "chain", payload: "chain-a,chain-b" },
    { job_id: "dag", type: "dag", payload: { "dag-b": "dag-a", "dag-c": "dag-a" } },
    {
      ...{ job_id: "each", type: "foreach", payload: "each-a" },
      parameters: { foreach: { type: "range", start: 0, stop: 3 } },
    },
    ...["chain-a", "chain-b", "dag-a", "dag-b", "dag-c", "each-a"].map(child),
    { job_id: "blocks", type: "block", payload: 5000 },
  ];
}

/** How many actions leave a mark, for the checker. */
export const roundActions = {
  plain: { on_success: 1 },
  retried: { on_success: 1 },
  fails: { on_fail: 1 },
} as const;

/** How runs may end where no fault reaches the payload itself. */
export const roundOutcomes = {
  plain: ["complete"],
  retried: ["complete"],
  fails: ["failed"],
  chain: ["complete"],
  dag: ["complete"],
  each: ["complete"],
  blocks: ["complete"],
  acted: ["complete"],
} as const;

/** One dispatch of a round: mostly plain jobs, of each other kind a few. */
export function nextDispatch(random: Random): DispatchRequest {
  const kind = random.next();
  const job_id =
    kind < 0.55
      ? "plain"
      : random.pick(["retried", "retried", "fails", "fails", "chain", "dag", "each"]);
  return { job_id, globals: { ms: random.int(20, 500) } };
}
