import type { Data, DataMap } from "@lava/core";
import type { Realm } from "@lava/realm";
import { parseStoredJob, type StoredJob } from "@lava/spec";
import { actionsFor } from "./run-actions.ts";

/**
 * The `on_fail` actions for an end that the original has none for: rejected, too late, tried too often, cancelled.
 * Only where ON_FAIL_DISCARDED asks for them, and never in a mixed fleet, where they would come for the runs of one
 * kind of worker only (design 5).
 */
export function discardActions(job: DataMap, { config, record }: Realm): Data | undefined {
  if (!config.ON_FAIL_DISCARDED || config.FLEET !== "typescript") return undefined;
  return actionsFor("on_fail", job, record.raw);
}

/** What stands for a job that is not in the table, so that the realm's actions can name it. */
export function missingJob(job_id: string, worker: string): StoredJob {
  return parseStoredJob({
    job_id,
    type: "none",
    worker,
    payload: null,
    owner: "",
    description: "",
  });
}

/** The actions that a run which ended with `status` still owes. */
export function leftActions(status: string, job: StoredJob, realm: Realm): Data | undefined {
  if (status === "complete") return actionsFor("on_success", job.raw, realm.record.raw);
  if (status !== "rejected") return actionsFor("on_fail", job.raw, realm.record.raw);
  return discardActions(job.raw, realm);
}
