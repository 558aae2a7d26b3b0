import * as z from "zod";
import { chain } from "./chain.ts";
import { cmd } from "./cmd.ts";
import { dag } from "./dag.ts";
import { db_from_s3 } from "./db_from_s3.ts";
import { dispatch } from "./dispatch.ts";
import { docker } from "./docker.ts";
import { exe } from "./exe.ts";
import { foreach } from "./foreach.ts";
import { jobFields } from "./job-fields.ts";
import type { JobTypeDefinition } from "./job-type.ts";
import { lavasched } from "./lavasched.ts";
import { log } from "./log.ts";
import { pkg } from "./pkg.ts";
import { redshift_unload } from "./redshift_unload.ts";
import { sharepoint_get_doc } from "./sharepoint_get_doc.ts";
import { sharepoint_get_list } from "./sharepoint_get_list.ts";
import { sharepoint_get_multi_doc } from "./sharepoint_get_multi_doc.ts";
import { sharepoint_put_doc } from "./sharepoint_put_doc.ts";
import { sharepoint_put_list } from "./sharepoint_put_list.ts";
import { smb_get } from "./smb_get.ts";
import { smb_put } from "./smb_put.ts";
import { sql } from "./sql.ts";
import { sqlc } from "./sqlc.ts";
import { sqli } from "./sqli.ts";
import { sqlv } from "./sqlv.ts";

/** Every job type, one file each. */
export const jobTypes = {
  chain,
  cmd,
  dag,
  db_from_s3,
  dispatch,
  docker,
  exe,
  foreach,
  lavasched,
  log,
  pkg,
  redshift_unload,
  sharepoint_get_doc,
  sharepoint_get_list,
  sharepoint_get_multi_doc,
  sharepoint_put_doc,
  sharepoint_put_list,
  smb_get,
  smb_put,
  sql,
  sqlc,
  sqli,
  sqlv,
};

/** Name of a job type. */
export type JobType = keyof typeof jobTypes;

/** Schemas of the parameters of each job type. */
export const jobParameters: { readonly [T in JobType]: (typeof jobTypes)[T]["parameters"] } = {
  chain: chain.parameters,
  cmd: cmd.parameters,
  dag: dag.parameters,
  db_from_s3: db_from_s3.parameters,
  dispatch: dispatch.parameters,
  docker: docker.parameters,
  exe: exe.parameters,
  foreach: foreach.parameters,
  lavasched: lavasched.parameters,
  log: log.parameters,
  pkg: pkg.parameters,
  redshift_unload: redshift_unload.parameters,
  sharepoint_get_doc: sharepoint_get_doc.parameters,
  sharepoint_get_list: sharepoint_get_list.parameters,
  sharepoint_get_multi_doc: sharepoint_get_multi_doc.parameters,
  sharepoint_put_doc: sharepoint_put_doc.parameters,
  sharepoint_put_list: sharepoint_put_list.parameters,
  smb_get: smb_get.parameters,
  smb_put: smb_put.parameters,
  sql: sql.parameters,
  sqlc: sqlc.parameters,
  sqli: sqli.parameters,
  sqlv: sqlv.parameters,
};

/** Parameters of a job as its handler gets them. */
export type JobParameters<T extends JobType = JobType> = z.output<
  (typeof jobTypes)[T]["parameters"]
>;

/** Whether lava has a job type of this name. */
export function isJobType(name: string): name is JobType {
  return Object.hasOwn(jobTypes, name);
}

/** A job as people write it, before its `x-` fields of others are taken away. */
export const strictJobSpec = z.discriminatedUnion("type", [
  specOf(chain),
  specOf(cmd),
  specOf(dag),
  specOf(db_from_s3),
  specOf(dispatch),
  specOf(docker),
  specOf(exe),
  specOf(foreach),
  specOf(lavasched),
  specOf(log),
  specOf(pkg),
  specOf(redshift_unload),
  specOf(sharepoint_get_doc),
  specOf(sharepoint_get_list),
  specOf(sharepoint_get_multi_doc),
  specOf(sharepoint_put_doc),
  specOf(sharepoint_put_list),
  specOf(smb_get),
  specOf(smb_put),
  specOf(sql),
  specOf(sqlc),
  specOf(sqli),
  specOf(sqlv),
]);

/** A job as people write it. */
export type JobSpec<T extends JobType = JobType> = Extract<
  z.input<typeof strictJobSpec>,
  { type: T }
>;

function specOf<T extends string, P extends z.ZodType, Q extends z.ZodObject | z.ZodRecord>(
  type: JobTypeDefinition<T, P, Q>,
) {
  return z
    .strictObject({
      ...jobFields,
      type: z.literal(type.type).describe(type.summary),
      payload: type.payload,
      parameters: type.parameters
        .nullish()
        .describe(`How it runs: parameters of ${type.type} jobs.`),
    })
    .describe(type.summary);
}
