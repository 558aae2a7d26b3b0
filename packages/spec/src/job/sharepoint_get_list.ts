import * as z from "zod";
import { flag, text } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { noPayload } from "./no-payload.ts";
import { basedir, csvFields, jinja, kmsKeyId, transferFile, vars } from "./parameter-fields.ts";
import { dataColumns, sharepointConn, sharepointList } from "./sharepoint-fields.ts";

/** `sharepoint_get_list`: fetches a list as CSV. */
export const sharepoint_get_list = defineJobType({
  type: "sharepoint_get_list",
  summary: "Fetches a SharePoint list into a CSV file.",
  payload: noPayload,
  parameters: z.strictObject({
    basedir,
    conn_id: sharepointConn,
    data_columns: dataColumns,
    ...csvFields("SP_LIST"),
    file: transferFile,
    header: flag.default(true).describe("Whether the first row has the column names."),
    jinja,
    kms_key_id: kmsKeyId,
    list: sharepointList,
    system_columns: text
      .optional()
      .describe("Comma separated names of system columns to add. Default: none."),
    vars,
  }),
});
