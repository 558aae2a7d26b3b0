import type { DataMap } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { Dispatchers } from "@lava/scheduler";

/** The dispatchers of a realm with their zones. */
export async function readDispatchers(realm: Realm): Promise<Dispatchers> {
  const { createDispatchers } = await import("@lava/scheduler");
  const { zonesOf } = await import("./run-scheduler.ts");
  const dispatchers = createDispatchers({ zones: zonesOf(realm.record.raw["x-lava-zones"]) });
  for (const item of await realm.jobs.listItems({ where: { type: "lavasched" } })) {
    dispatchers.see(item);
  }
  return dispatchers;
}

/** A job's item. @throws {LavaError} NO_SUCH_JOB */
export async function requireItem(realm: Realm, job: string): Promise<DataMap> {
  const { requireJobs } = await import("../require-jobs.ts");
  const item = await realm.jobs.getItem(job);
  if (item === undefined) await requireJobs(realm, [job]);
  return item ?? {};
}
