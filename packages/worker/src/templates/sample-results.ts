import type { Data, DataMap } from "@lava/core";
import { isJobType, type JobType } from "@lava/spec";
import type { ActionEvent } from "../action.ts";
import type { Job } from "../handler.ts";

const program = {
  exit_status: 0,
  output: [
    {
      payload: "<payload>",
      exit_status: 0,
      stdout: "s3://<temp>/stdout",
      stderr: "s3://<temp>/stderr",
    },
  ],
};
const jobs = { exit_status: 0, jobs: [], failed_jobs: [] };
const document = {
  exit_status: 0,
  title: "<title>",
  source: "<source>",
  destination: "<destination>",
  library: "<library>",
};
const rows = { exit_status: 0, row_count: 0, source: "<source>", destination: "<destination>" };
const file = { exit_status: 0, source: "<source>", destination: "<destination>" };

/** What a handler of each type gives, by shape (WF-125..136): `result` where a job is only rendered. */
const results: Readonly<Record<JobType, DataMap>> = {
  chain: jobs,
  cmd: program,
  dag: jobs,
  db_from_s3: { exit_status: 0, bucket: "<bucket>", key: "<key>", events: [] },
  dispatch: { exit_status: 0, jobs: [], run_ids: [] },
  docker: { exit_status: 0, output: "s3://<temp>/logs" },
  exe: program,
  foreach: { exit_status: 0, limit: 10, foreach_len: 0, jobs_completed: 0, failed_indexes: [] },
  lavasched: { exit_status: 0 },
  log: { exit_status: 0 },
  pkg: program,
  redshift_unload: { exit_status: 0, unloads: [] },
  sharepoint_get_doc: document,
  sharepoint_get_list: rows,
  sharepoint_get_multi_doc: { ...document, files: [] },
  sharepoint_put_doc: document,
  sharepoint_put_list: rows,
  smb_get: file,
  smb_put: file,
  sql: { exit_status: 0, output: {} },
  sqlc: program,
  sqli: { exit_status: 0, output: {} },
  sqlv: program,
};

/** A `result` as actions of this event see it, where nothing ran. */
export function sampleResult(
  { type, payload }: Pick<Job, "type" | "payload">,
  event: ActionEvent,
): DataMap {
  const shape = isJobType(type) ? results[type] : { exit_status: 0 };
  const isSql = type === "sql" || type === "sqli";
  const result = isSql ? { ...shape, output: sqlOutputs(type, payload) } : shape;
  if (event === "on_success") return result;
  return { error_data: { ...result, exit_status: 1 }, error: "<error>" };
}

/** Outputs of SQL by the names of payload files, or by the indexes of the texts. */
function sqlOutputs(type: "sql" | "sqli", payload: Data): DataMap {
  const pieces: readonly Data[] = Array.isArray(payload) ? payload : [payload];
  return Object.fromEntries(
    pieces.map((piece, index) => {
      const name = type === "sqli" ? String(index) : String(piece).replace(/^.*\//, "");
      return [name, [`s3://<temp>/${name}.0`]];
    }),
  );
}
