import * as z from "zod";
import { text } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { noPayload } from "./no-payload.ts";
import { basedir, jinja, transferFile, vars } from "./parameter-fields.ts";
import { sharepointConn, sharepointLibrary, sharepointPath } from "./sharepoint-fields.ts";

/** `sharepoint_put_doc`: stores a document. */
export const sharepoint_put_doc = defineJobType({
  type: "sharepoint_put_doc",
  summary: "Stores a document in a SharePoint library.",
  payload: noPayload,
  parameters: z.strictObject({
    basedir,
    conn_id: sharepointConn,
    file: transferFile,
    jinja,
    library: sharepointLibrary,
    path: sharepointPath,
    title: text.optional().describe("Title of the document; rendered."),
    vars,
  }),
});
