import type { ItemKind } from "./types.ts";

/** The field that names an item of each kind (FW-128). */
export const ID_FIELD: { readonly [K in ItemKind]: string } = {
  connection: "conn_id",
  job: "job_id",
  s3trigger: "trigger_id",
  rule: "rule_id",
};
