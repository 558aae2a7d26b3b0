import type { DataMap } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { HealthTables } from "./health-check.ts";

/** The tables of a realm, each read when a check wants it and once (CLI-050). */
export function realmTables(realm: Realm): HealthTables {
  const once = <T>(load: () => Promise<T>): (() => Promise<T>) => {
    let loaded: Promise<T> | undefined;
    return () => (loaded ??= load());
  };
  return {
    realm: realm.name,
    jobs: once<readonly DataMap[]>(() => realm.jobs.listItems()),
    connections: once<readonly DataMap[]>(() => realm.connections.listItems()),
    s3triggers: once<readonly DataMap[]>(() => realm.s3triggers.listItems()),
    workers: once(() => realm.listWorkers()),
    hasRuns: async (job_id) =>
      (await realm.events.listByJob(job_id, { limit: 1 })).items.length > 0,
    hasPayload: async (name) => (await realm.payloads.list(name)).length > 0,
  };
}
