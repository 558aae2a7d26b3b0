import * as z from "zod";
import { choice, flag } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { noPayload } from "./no-payload.ts";
import { basedir, csvFields, jinja, transferFile, vars } from "./parameter-fields.ts";
import { dataColumns, sharepointConn, sharepointList } from "./sharepoint-fields.ts";

/** `sharepoint_put_list`: changes a list from CSV. */
export const sharepoint_put_list = defineJobType({
  type: "sharepoint_put_list",
  summary: "Changes a SharePoint list by the rows of a CSV file.",
  payload: noPayload,
  parameters: z.strictObject({
    basedir,
    conn_id: sharepointConn,
    data_columns: dataColumns,
    ...csvFields("SP_LIST"),
    error_missing: flag
      .default(false)
      .describe(
        "Whether columns of the file that the list lacks are an error; otherwise they are ignored.",
      ),
    file: transferFile,
    jinja,
    list: sharepointList,
    mode: choice(["append", "delete", "replace", "update"], (word) => `Invalid mode: ${word}`)
      .default("append")
      .describe(
        "What the rows do: append, replace the list, or update or delete the rows of the same ID.",
      ),
    vars,
  }),
});
