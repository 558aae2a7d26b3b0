import { type Data, isMap, LavaError } from "@lava/core";

/** Which jobs of a dag may run, as others get done. */
export interface JobGraph {
  /** Ids in the order in which the payload names them. */
  readonly ids: readonly string[];
  /** Jobs that depend on nothing. */
  readonly first: readonly string[];
  /** Marks a job as done and gives those that can run now because of it. */
  done(id: string): string[];
}

interface Node {
  readonly dependents: string[];
  waiting: number;
}

/**
 * The graph of a dag's payload: job id to the ids it depends on (a list, one id, or nothing).
 *
 * @throws {LavaError} BAD_PAYLOAD, DAG_CYCLE `Jobs are in a cycle: a, b, a` (JOB-dag-04)
 */
export function createJobGraph(payload: Data, prefix: string): JobGraph {
  if (!isMap(payload)) {
    throw new LavaError("BAD_PAYLOAD", "payload must be a map", { retry: "never" });
  }
  const nodes = new Map<string, Node>();
  const node = (id: string): Node => {
    const known = nodes.get(id);
    if (known) return known;
    const added: Node = { dependents: [], waiting: 0 };
    nodes.set(id, added);
    return added;
  };
  for (const [name, value] of Object.entries(payload)) {
    const id = `${prefix}${name}`;
    const target = node(id);
    for (const dependency of new Set(dependencies(id, value))) {
      node(`${prefix}${dependency}`).dependents.push(id);
      target.waiting += 1;
    }
  }
  const cycle = findCycle(nodes);
  if (cycle !== undefined) {
    throw new LavaError("DAG_CYCLE", `Jobs are in a cycle: ${cycle.join(", ")}`, {
      retry: "never",
      hint: "Each depends on the one before it: take one of these dependencies out.",
    });
  }
  return {
    ids: [...nodes.keys()],
    first: [...nodes].filter(([, { waiting }]) => waiting === 0).map(([id]) => id),
    done(id) {
      const ready: string[] = [];
      for (const dependent of nodes.get(id)?.dependents ?? []) {
        const target = node(dependent);
        target.waiting -= 1;
        if (target.waiting === 0) ready.push(dependent);
      }
      return ready;
    },
  };
}

function dependencies(id: string, value: unknown): string[] {
  if (value === null || value === undefined || value === "") return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item === "string") return item;
    throw new LavaError("BAD_PAYLOAD", `Job ${id}: dependencies must be job ids`, {
      retry: "never",
      hint: "Write one job id, a list of job ids, or nothing.",
    });
  });
}

/** A cycle from a job back to itself, found in the order of the payload; undefined when there is none. */
function findCycle(nodes: ReadonlyMap<string, Node>): string[] | undefined {
  const seen = new Set<string>();
  for (const root of nodes.keys()) {
    if (seen.has(root)) continue;
    // Depth first, without recursion: a dag may have 10,000 jobs in a row.
    const path: string[] = [root];
    const position = new Map([[root, 0]]);
    const branches = [nodes.get(root)?.dependents.values()];
    seen.add(root);
    while (path.length > 0) {
      const next = branches.at(-1)?.next();
      if (next === undefined || next.done === true) {
        branches.pop();
        position.delete(path.pop() ?? "");
        continue;
      }
      const id = next.value;
      const start = position.get(id);
      if (start !== undefined) return [...path.slice(start), id];
      if (seen.has(id)) continue;
      seen.add(id);
      position.set(id, path.length);
      path.push(id);
      branches.push(nodes.get(id)?.dependents.values());
    }
  }
  return undefined;
}
