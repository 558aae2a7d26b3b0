import { type DataMap, isMap, isTruthy } from "@lava/core";
import { connectionsOf } from "../rules/connection-references.ts";
import { dagNodes, jobReferencesOf } from "../rules/job-graph.ts";
import { payloadsOf } from "../rules/payload-files.ts";
import type { HealthCheck, HealthTables } from "./health-check.ts";

/** Whether a job unloads from Redshift without encryption. */
export function isInsecureUnload(item: DataMap): boolean {
  const parameters = item["parameters"];
  return (
    item["type"] === "redshift_unload" && isMap(parameters) && isTruthy(parameters["insecure"])
  );
}

export const jobrsu: HealthCheck = {
  name: "jobrsu",
  description: "Redshift_unload jobs with insecure set to true.",
  table: "jobs",
  suppressible: true,
  check: async (item) => (isInsecureUnload(item) ? [undefined] : []),
};

export const jobrepo: HealthCheck = {
  name: "jobrepo",
  description: "Job specs that don't appear to have an associated repo (x-lava-git-repo).",
  table: "jobs",
  suppressible: true,
  check: async (item) => (isTruthy(item["x-lava-git-repo"]) ? [] : [undefined]),
};

export const joborphan: HealthCheck = {
  name: "joborphan",
  description: "Jobs with no recorded run events.",
  table: "jobs",
  suppressible: true,
  check: async (item, tables) =>
    (await tables.hasRuns(String(item["job_id"]))) ? [] : [undefined],
};

/** Jobs that are named and are not there, or are off, once each. */
async function references(
  kind: "job" | "s3trigger",
  item: DataMap,
  tables: HealthTables,
): Promise<string[]> {
  const nodes = dagNodes({ kind, data: item }) ?? [];
  const named = new Set([
    ...nodes.flatMap(({ node, needs }) => [node, ...needs.map(({ job_id }) => job_id)]),
    ...jobReferencesOf({ kind, data: item }).map(({ job_id }) => job_id),
  ]);
  const jobs = new Map((await tables.jobs()).map((job) => [String(job["job_id"]), job]));
  const isOn = isTruthy(item["enabled"]);
  return [...named].flatMap((id) => {
    const job = jobs.get(id);
    if (job === undefined) return [`No such job: ${id}`];
    return isOn && !isTruthy(job["enabled"]) ? [`Job is not enabled: ${id}`] : [];
  });
}

export const jobrefs: HealthCheck = {
  name: "jobrefs",
  description: "Jobs that start jobs which do not exist or are not enabled.",
  table: "jobs",
  suppressible: true,
  check: (item, tables) => references("job", item, tables),
};

export const trigrefs: HealthCheck = {
  name: "trigrefs",
  description: "S3 triggers for jobs that do not exist or are not enabled.",
  table: "s3triggers",
  suppressible: true,
  check: (item, tables) => references("s3trigger", item, tables),
};

export const trigslash: HealthCheck = {
  name: "trigslash",
  description: "S3 triggers with a prefix that ends with a slash.",
  table: "s3triggers",
  suppressible: false,
  check: async ({ prefix }) =>
    typeof prefix === "string" && prefix.endsWith("/") ? [`Prefix: ${prefix}`] : [],
};

export const jobconns: HealthCheck = {
  name: "jobconns",
  description: "Jobs that use connections which do not exist.",
  table: "jobs",
  suppressible: true,
  async check(item, tables) {
    const there = new Set((await tables.connections()).map((item) => String(item["conn_id"])));
    const named = new Set(connectionsOf({ kind: "job", data: item }).map(({ conn_id }) => conn_id));
    return [...named]
      .filter((id) => !there.has(id) && !id.includes("{{"))
      .map((id) => `No such connection: ${id}`);
  },
};

export const jobworker: HealthCheck = {
  name: "jobworker",
  description: "Jobs of workers that have no queue.",
  table: "jobs",
  suppressible: true,
  async check({ worker }, tables) {
    const known = await tables.workers();
    return known.includes(String(worker)) ? [] : [`No queue for worker: ${String(worker)}`];
  },
};

export const jobsched: HealthCheck = {
  name: "jobsched",
  description: "Scheduled jobs of dispatchers that no lavasched job serves.",
  table: "jobs",
  suppressible: true,
  async check({ dispatcher, schedule, enabled }, tables) {
    const isNone = (value: unknown): boolean => !isTruthy(value) || value === "--";
    if (isNone(dispatcher) || isNone(schedule) || !isTruthy(enabled)) return [];
    const served = (await tables.jobs()).flatMap(({ type, parameters }) => {
      if (type !== "lavasched" || !isMap(parameters)) return [];
      const names = parameters["dispatcher"];
      return Array.isArray(names) ? names : [names];
    });
    return served.includes(dispatcher)
      ? []
      : [`No lavasched job for dispatcher: ${String(dispatcher)}`];
  },
};

export const jobpayload: HealthCheck = {
  name: "jobpayload",
  description: "Jobs whose payload is not in the payload area.",
  table: "jobs",
  suppressible: true,
  async check(item, tables) {
    const missing: string[] = [];
    for (const { payload } of payloadsOf(item)) {
      if (!payload.includes("{{") && !(await tables.hasPayload(payload)))
        missing.push(`No such payload: ${payload}`);
    }
    return missing;
  },
};
