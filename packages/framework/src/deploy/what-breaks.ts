import { type Data, type DataMap, isMap, isTruthy, LavaError, parseJson } from "@lava/core";
import type { ItemKind } from "../build/types.ts";
import { connectionsOf } from "../rules/connection-references.ts";
import { dagNodes, jobReferencesOf } from "../rules/job-graph.ts";
import type { ItemChange, PlanBreak } from "./types.ts";

/** What {@link whatBreaks} looks at; everything as it will be once the plan is done. */
export interface AfterPlan {
  readonly changes: readonly ItemChange[];
  /** All jobs, triggers and known rules. */
  readonly items: readonly {
    readonly kind: ItemKind;
    readonly id: string;
    readonly data: DataMap;
  }[];
  /** Ids of all connections. */
  readonly connections: ReadonlySet<string>;
  /** Workers that have a queue. */
  readonly workers: readonly string[];
}

/**
 * What will not work any more once a plan is done: who starts a job that goes or is switched off, who uses a
 * connection that goes or never was, and jobs whose worker has no queue. Pure.
 */
export function whatBreaks(after: AfterPlan): PlanBreak[] {
  const gone = goneJobs(after.changes);
  const changed = new Set(after.changes.map(({ kind, id }) => `${kind} ${id}`));
  const goneConnections = new Set(
    after.changes
      .filter(({ kind, action }) => kind === "connection" && action === "delete")
      .map(({ id }) => id),
  );
  return after.items.flatMap(({ kind, id, data }) => {
    const breaks: PlanBreak[] = [];
    for (const job of new Set(jobsOf(kind, data))) {
      const how = gone.get(job);
      if (how !== undefined && job !== id) {
        breaks.push({
          kind,
          id,
          needs: `job ${job}`,
          reason: `job ${job} ${how}, and ${kind} ${id} starts it`,
        });
      }
    }
    if (kind !== "job") return breaks;
    const isNew = changed.has(`job ${id}`);
    for (const conn of new Set(connectionsOf({ kind, data }).map(({ conn_id }) => conn_id))) {
      if (after.connections.has(conn) || conn.includes("{{")) continue;
      const goes = goneConnections.has(conn);
      if (!goes && !isNew) continue;
      const what = goes ? "is deleted" : "is not in the realm";
      breaks.push({
        kind,
        id,
        needs: `connection ${conn}`,
        reason: `connection ${conn} ${what}, and job ${id} uses it`,
      });
    }
    const worker = data["worker"];
    if (
      isNew &&
      typeof worker === "string" &&
      isTruthy(data["enabled"]) &&
      !after.workers.includes(worker)
    ) {
      breaks.push({
        kind,
        id,
        needs: `worker ${worker}`,
        reason: `worker ${worker} of job ${id} has no queue in the realm`,
      });
    }
    return breaks;
  });
}

/** Jobs that a plan deletes or switches off, with the words for it. */
export function goneJobs(changes: readonly ItemChange[]): ReadonlyMap<string, string> {
  const on = (item: DataMap | undefined): boolean => isTruthy(item?.["enabled"]);
  return new Map(
    changes.flatMap(({ kind, id, action, before, after }): (readonly [string, string])[] => {
      if (kind !== "job") return [];
      if (action === "delete") return [[id, "is deleted"]];
      return on(before) && !on(after) ? [[id, "is switched off"]] : [];
    }),
  );
}

/** Jobs that an item starts: as a part, by a dispatch, or through the dispatch function of a rule. */
function jobsOf(kind: ItemKind, data: DataMap): string[] {
  if (kind === "rule") return ruleJobs(data);
  const nodes = dagNodes({ kind, data }) ?? [];
  const waits = nodes.flatMap(({ needs }) => needs.map(({ job_id }) => job_id));
  return [
    ...nodes.map(({ node }) => node),
    ...waits,
    ...jobReferencesOf({ kind, data }).map(({ job_id }) => job_id),
  ];
}

/** `job_id` of the constant input of a rule's targets. */
function ruleJobs({ targets }: DataMap): string[] {
  if (!Array.isArray(targets)) return [];
  return targets.flatMap((target: Data) => {
    const input = isMap(target) ? target["Input"] : undefined;
    if (typeof input !== "string") return [];
    try {
      const message = parseJson(input);
      const job = isMap(message) ? message["job_id"] : undefined;
      return typeof job === "string" ? [job] : [];
    } catch (error) {
      if (error instanceof LavaError) return [];
      throw error;
    }
  });
}
