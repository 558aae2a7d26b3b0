import type { Realm, RunKey, StoredObject } from "@lava/realm";

/** A run, or a child of one, and what it has printed. */
export interface RunOutputs {
  readonly run: RunKey;
  readonly outputs: readonly StoredObject[];
}

/**
 * The outputs of a run and of its children at any depth, parents first. Children share the run's id; those that run
 * several times (a foreach) have the numbers of their turns in the names of their outputs.
 */
export async function listRunOutputs(realm: Realm, top: RunKey): Promise<RunOutputs[]> {
  const found: RunOutputs[] = [];
  const seen = new Set<string>();
  const visit = async (job_id: string): Promise<void> => {
    if (seen.has(job_id)) return;
    seen.add(job_id);
    const run = { job_id, run_id: top.run_id };
    const outputs = await realm.temp.listOutputs(run);
    found.push({ run, outputs });
    // What starts other jobs prints nothing itself, so that nobody else need be asked for children.
    if (outputs.length > 0) return;
    for (const child of await realm.children.list(run)) await visit(child.job_id);
  };
  await visit(top.job_id);
  return found;
}

/** The run and its children as far as they are known, for a run that goes on. */
export async function listLiveRuns(realm: Realm, top: RunKey): Promise<RunKey[]> {
  const seen = new Map<string, RunKey>();
  const visit = async (job_id: string): Promise<void> => {
    if (seen.has(job_id)) return;
    const run = { job_id, run_id: top.run_id };
    seen.set(job_id, run);
    for (const child of await realm.children.list(run)) await visit(child.job_id);
  };
  await visit(top.job_id);
  return [...seen.values()];
}
