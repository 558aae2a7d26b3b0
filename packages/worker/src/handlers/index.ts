import type { JobType } from "@lava/spec";
import type { JobHandler } from "../handler.ts";
import { chain } from "./chain.ts";
import { cmd } from "./cmd.ts";
import { dag } from "./dag.ts";
import { db_from_s3 } from "./db_from_s3.ts";
import { dispatch } from "./dispatch.ts";
import { docker } from "./docker.ts";
import { exe } from "./exe.ts";
import { foreach } from "./foreach.ts";
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

/** The job types that this worker knows, by name; each file of this folder is one of them. */
export const builtinHandlers = {
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
  sharepoint_get_doc,
  sharepoint_get_list,
  sharepoint_get_multi_doc,
  sharepoint_put_doc,
  sharepoint_put_list,
  smb_get,
  smb_put,
  redshift_unload,
  sql,
  sqlc,
  sqli,
  sqlv,
} as const satisfies {
  readonly [T in JobType]?: JobHandler<T>;
};
