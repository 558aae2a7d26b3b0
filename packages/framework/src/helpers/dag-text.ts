import { type DataMap, LavaError } from "@lava/core";
import { pythonJson } from "../build/python-json.ts";
import type { DependencyMap } from "./dag-source.ts";

/** How a dag is written. */
export interface DagTextOptions {
  /** No dependency is null, one is a text, and jobs that others name anyway are left out (CLI-077). */
  readonly compact?: boolean;
  /** Put before each job id. */
  readonly prefix?: string;
  /** Key of a map around the dag. */
  readonly wrap?: string | undefined;
}

type Needs = null | string | readonly string[];

/** A dag's payload as data: keys and dependencies sorted. @throws {LavaError} TEMPLATE_HELPER when it is empty or has a cycle */
export function dagData(dag: DependencyMap, options: DagTextOptions = {}): DataMap {
  checkDag(dag);
  const { compact = false, prefix = "", wrap } = options;
  const named = new Set([...dag.values()].flatMap((needs) => [...needs]));
  const entries = [...dag]
    .map(([job, needs]) => [job, [...needs].sort()] as const)
    .filter(([job, needs]) => !compact || needs.length > 0 || !named.has(job))
    .map(([job, needs]): readonly [string, Needs] => {
      const ids = needs.map((id) => `${prefix}${id}`);
      const [only] = ids;
      const short = only === undefined ? null : ids.length === 1 ? only : ids;
      return [`${prefix}${job}`, compact ? short : ids];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const map = Object.fromEntries(entries);
  return wrap === undefined ? map : { [wrap]: map };
}

/**
 * The JSON text of a dag's payload: keys and dependencies sorted, indented by 4 (CLI-076..079).
 *
 * @throws {LavaError} TEMPLATE_HELPER when it is empty or has a cycle
 */
export function dagText(dag: DependencyMap, options: DagTextOptions = {}): string {
  return `${pythonJson(dagData(dag, options), 4)}\n`;
}

/**
 * Jobs in batches that can run together, each after those before it (CLI-078); names sorted.
 *
 * @throws {LavaError} TEMPLATE_HELPER when it is empty or has a cycle
 */
export function dagBatches(dag: DependencyMap): string[][] {
  checkDag(dag);
  const open = new Map([...dag].map(([job, needs]) => [job, new Set(needs)] as const));
  for (const needs of dag.values())
    for (const job of needs) if (!open.has(job)) open.set(job, new Set());
  const batches: string[][] = [];
  while (open.size > 0) {
    const ready = [...open]
      .filter(([, needs]) => needs.size === 0)
      .map(([job]) => job)
      .sort();
    batches.push(ready);
    for (const job of ready) open.delete(job);
    for (const needs of open.values()) for (const job of ready) needs.delete(job);
  }
  return batches;
}

function checkDag(dag: DependencyMap): void {
  if (dag.size === 0) throw new LavaError("TEMPLATE_HELPER", "DAG is empty");
  const cycle = findCycle(dag);
  if (cycle !== undefined) {
    throw new LavaError("TEMPLATE_HELPER", `Nodes are in a cycle: ${cycle.join(", ")}`);
  }
}

/** Jobs in a circle, the first again at the end. */
function findCycle(dag: DependencyMap): string[] | undefined {
  const open = new Map([...dag].map(([job, needs]) => [job, new Set(needs)] as const));
  const dependents = new Map<string, string[]>();
  for (const [job, needs] of open) {
    for (const other of needs) dependents.set(other, [...(dependents.get(other) ?? []), job]);
  }
  const ready = [...new Set([...dependents.keys(), ...open.keys()])].filter(
    (job) => (open.get(job)?.size ?? 0) === 0,
  );
  for (const job of ready) {
    open.delete(job);
    for (const dependent of dependents.get(job) ?? []) {
      const needs = open.get(dependent);
      if (needs?.delete(job) === true && needs.size === 0) ready.push(dependent);
    }
  }
  const [start] = open.keys();
  if (start === undefined) return undefined;
  // Each job that is left needs another that is left: following them leads around.
  const path = [start];
  for (;;) {
    const [next = start] = open.get(path.at(-1) ?? start) ?? [];
    const at = path.indexOf(next);
    path.push(next);
    if (at >= 0) return path.slice(at);
  }
}
