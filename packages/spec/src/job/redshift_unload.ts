import * as z from "zod";
import { always } from "../always.ts";
import { flag, text, textOrList } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { noPayload } from "./no-payload.ts";
import { vars } from "./parameter-fields.ts";

/** `redshift_unload`: unloads relations of Redshift into S3. */
export const redshift_unload = defineJobType({
  type: "redshift_unload",
  summary: "Unloads tables or views of Redshift into S3.",
  payload: noPayload,
  parameters: z
    .strictObject({
      args: z.array(text).describe("Options of UNLOAD as Redshift spells them."),
      bucket: text.describe("Bucket for the data."),
      conn_id: text.describe("Id of the connection to Redshift."),
      dateformat: text.optional().describe("Redshift format that dates are written in."),
      insecure: flag
        .default(false)
        .describe(
          "Whether the checks of the bucket (private, encrypted, logged, ours) are left out.",
        ),
      key: text
        .optional()
        .meta({ deprecated: true, description: "Old name of `prefix`; write `prefix`." }),
      prefix: text
        .optional()
        .describe("Prefix of the keys; rendered, with the names schema and relation. Needed."),
      relation: textOrList.describe("Table or view (without schema), or a list of them."),
      s3_conn_id: text
        .optional()
        .describe("Id of the aws connection that Redshift writes S3 with."),
      s3_iam_role: text
        .optional()
        .describe("ARN of the role that Redshift writes S3 with; wins over s3_conn_id."),
      schema: text.describe("Schema of the relations."),
      start: text.optional().describe("Relation of the list to begin with, in lower case."),
      stop_on_fail: flag
        .default(true)
        .describe(
          "Whether the first failure ends the job; otherwise it goes on and fails at the end.",
        ),
      vars,
      where: text.optional().describe("Condition of the rows, without the word WHERE; rendered."),
    })
    .refine((value) => value.prefix !== undefined || value.key !== undefined, {
      error: "required field is missing: the prefix of the keys",
      path: ["prefix"],
      when: always,
    })
    .refine((value) => value.s3_iam_role !== undefined || value.s3_conn_id !== undefined, {
      error: "at least one of s3_iam_role and s3_conn_id is required",
      path: ["s3_iam_role"],
      when: always,
    }),
});
