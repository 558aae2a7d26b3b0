import * as z from "zod";
import { text } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { noPayload } from "./no-payload.ts";
import { basedir, jinja, kmsKeyId, vars } from "./parameter-fields.ts";
import { sharepointConn, sharepointLibrary, sharepointPath } from "./sharepoint-fields.ts";

/** `sharepoint_get_multi_doc`: fetches the documents of a folder. */
export const sharepoint_get_multi_doc = defineJobType({
  type: "sharepoint_get_multi_doc",
  summary: "Fetches the documents of one folder of a SharePoint library.",
  payload: noPayload,
  parameters: z.strictObject({
    basedir,
    conn_id: sharepointConn,
    glob: text.optional().describe("Glob of the file names, any case. Default: all files."),
    jinja,
    kms_key_id: kmsKeyId,
    library: sharepointLibrary,
    outpath: text.describe(
      "Where the files go: a directory of the worker, or a prefix s3://bucket/prefix/ (the slash at the end counts); rendered.",
    ),
    path: sharepointPath,
    vars,
  }),
});
