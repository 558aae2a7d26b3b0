import type { Realm, RunKey } from "@lava/realm";
import { generalize } from "./generalize.ts";

/** What a run left behind, without anything that differs from one run to the next. */
export interface RunSample {
  /** Events items under the run's id by job id: the run's own and its children's. Without `x_` attributes. */
  readonly items: Readonly<Record<string, unknown>>;
  /** Objects below the temp area by `<job>/<name>`, as text. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Options of {@link sampleRun}. */
export interface SampleRunOptions {
  readonly realm: Realm;
  readonly run: RunKey;
  /** Jobs that may have run under this run's id; all jobs of the realm by default. */
  readonly jobs?: readonly string[];
}

/**
 * Reads what a run left behind, for a comparison with a golden sample or with what another worker leaves: ids, times, hosts
 * and temporary names are replaced by words in angle brackets.
 */
export async function sampleRun({ realm, run, jobs }: SampleRunOptions): Promise<RunSample> {
  const job_ids = jobs ?? (await realm.jobs.list()).map(({ job_id }) => job_id);
  const items: Record<string, unknown> = {};
  const outputs: Record<string, string> = {};
  const known = { [run.run_id]: "<run>" };
  for (const job_id of new Set([run.job_id, ...job_ids.toSorted()])) {
    const key = { job_id, run_id: run.run_id };
    const record = await realm.events.get(key);
    if (record === undefined) continue;
    const own = Object.entries(record.raw).filter(([name]) => !name.startsWith("x_"));
    items[job_id] = generalize(Object.fromEntries(own.toSorted()), known);
    for (const { name } of await realm.temp.listOutputs(key)) {
      const content = await realm.temp.getOutput(key, name);
      outputs[`${job_id}/${name}`] = String(generalize(new TextDecoder().decode(content), known));
    }
  }
  return { items, outputs };
}
