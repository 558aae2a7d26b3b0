import { dagNodes, jobReferencesOf } from "./job-graph.ts";
import { findingAt, type CheckedItem, type ProjectRule } from "./rule.ts";

/** Dags with a cycle, and jobs that contain themselves by way of others (FW-217). */
export const dagGraphs: ProjectRule = {
  name: "dag-graphs",
  check({ items }) {
    const findings = items.flatMap((item) => {
      const nodes = dagNodes(item);
      if (nodes === undefined) return [];
      const needs = new Map(
        nodes.map(({ node, needs }) => [node, needs.map(({ job_id }) => job_id)]),
      );
      const cycle = findCycle(needs);
      if (cycle === undefined) return [];
      return [
        findingAt(item, ["payload", cycle[0] ?? ""], {
          severity: "error",
          code: "dag_cycle",
          message: `the dag has a cycle: ${cycle.join(" needs ")}`,
        }),
      ];
    });
    return [...findings, ...containment(items)];
  },
};

function containment(items: readonly CheckedItem[]): ReturnType<ProjectRule["check"]> {
  const jobs = new Map(items.filter(({ kind }) => kind === "job").map((item) => [item.id, item]));
  const parts = new Map([...jobs].map(([id, item]) => [id, partsOf(item)]));
  const cycle = findCycle(parts);
  const item = jobs.get(cycle?.[0] ?? "");
  if (cycle === undefined || item === undefined) return [];
  return [
    findingAt(item, ["payload"], {
      severity: "error",
      code: "job_cycle",
      message: `the job contains itself: ${cycle.join(" runs ")}`,
    }),
  ];
}

/** Jobs that run as a part of this one; a dispatch starts another run and is no part. */
function partsOf(item: CheckedItem): string[] {
  const nodes = dagNodes(item);
  if (nodes !== undefined) return nodes.map(({ node }) => node);
  if (item.data["type"] !== "chain" && item.data["type"] !== "foreach") return [];
  return jobReferencesOf(item).flatMap(({ job_id, path }) =>
    path[0] === "payload" ? [job_id] : [],
  );
}

/** One cycle, its first node again at the end; undefined when there is none. Without recursion: dags are large. */
export function findCycle(edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  for (const start of edges.keys()) {
    if (done.has(start)) continue;
    const path: string[] = [start];
    const onPath = new Set(path);
    const iterators = [(edges.get(start) ?? []).values()];
    while (path.length > 0) {
      const step = iterators.at(-1)?.next();
      if (step === undefined || step.done === true) {
        const node = path.pop() ?? "";
        iterators.pop();
        onPath.delete(node);
        done.add(node);
        continue;
      }
      const next = step.value;
      if (onPath.has(next)) return [...path.slice(path.indexOf(next)), next];
      if (done.has(next)) continue;
      path.push(next);
      onPath.add(next);
      iterators.push((edges.get(next) ?? []).values());
    }
  }
  return undefined;
}
