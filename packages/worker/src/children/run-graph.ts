import { RunInterrupted } from "../interruption.ts";
import type { JobGraph } from "./job-graph.ts";

/** Options of {@link runGraph}. */
export interface RunGraphOptions {
  /** How many jobs may run at a time. */
  readonly workers: number;
  /** Told of jobs whose last dependency is done. */
  readonly onReady?: (ids: readonly string[]) => void;
  /** Runs one job; when it throws, nothing more is started. `lane` is the number of a free place, from 0. */
  readonly run: (id: string, lane: number) => Promise<void>;
}

/**
 * Runs a graph, each job as soon as what it depends on is done (JOB-dag-05). After the first failure what runs is
 * let run to its end; then the failure is thrown. A job that is to go on later holds back only what depends on it:
 * when nothing else is left, the earliest of these is thrown.
 */
export async function runGraph(graph: JobGraph, options: RunGraphOptions): Promise<void> {
  const { workers, onReady, run } = options;
  const ready: string[] = [];
  const lanes = Array.from({ length: workers }, (_, lane) => lane).reverse();
  const failures: unknown[] = [];
  const later: RunInterrupted[] = [];
  let running = 0;
  /** Jobs of `ready` that were taken: shifting a long list is slow. */
  let taken = 0;
  const { promise, resolve } = Promise.withResolvers<void>();

  const add = (ids: readonly string[]): void => {
    if (ids.length === 0) return;
    onReady?.(ids);
    for (const id of ids) ready.push(id);
  };

  const start = async (id: string, lane: number): Promise<void> => {
    try {
      await run(id, lane);
      if (failures.length === 0) add(graph.done(id));
    } catch (error) {
      if (error instanceof RunInterrupted && error.kind === "released") later.push(error);
      else failures.push(error);
    }
    running -= 1;
    lanes.push(lane);
    fill();
  };

  const fill = (): void => {
    while (failures.length === 0 && taken < ready.length) {
      const lane = lanes.pop();
      if (lane === undefined) return;
      running += 1;
      void start(ready[taken++] ?? "", lane);
    }
    if (running === 0) resolve();
  };

  add(graph.first);
  fill();
  await promise;
  if (failures.length > 0) throw failures[0];
  const [next] = later.toSorted((a, b) => a.delay - b.delay);
  if (next !== undefined) throw next;
}
