import * as z from "zod";
import { defineJobType } from "./job-type.ts";
import { noPayload } from "./no-payload.ts";
import { basedir, jinja, kmsKeyId, transferFile, vars } from "./parameter-fields.ts";
import { sharepointConn, sharepointLibrary, sharepointPath } from "./sharepoint-fields.ts";

/** `sharepoint_get_doc`: fetches a document. */
export const sharepoint_get_doc = defineJobType({
  type: "sharepoint_get_doc",
  summary: "Fetches a document from a SharePoint library.",
  payload: noPayload,
  parameters: z.strictObject({
    basedir,
    conn_id: sharepointConn,
    file: transferFile,
    jinja,
    kms_key_id: kmsKeyId,
    library: sharepointLibrary,
    path: sharepointPath,
    vars,
  }),
});
