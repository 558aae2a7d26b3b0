import * as z from "zod";
import { defineJobType } from "./job-type.ts";
import { noPayload } from "./no-payload.ts";
import { basedir, jinja, kmsKeyId, timeout, transferFile, vars } from "./parameter-fields.ts";
import { shareName, sharePath, smbConn } from "./smb-fields.ts";

/** `smb_get`: fetches a file of a share. */
export const smb_get = defineJobType({
  type: "smb_get",
  summary: "Fetches a file from an SMB file share.",
  payload: noPayload,
  parameters: z.strictObject({
    basedir,
    conn_id: smbConn,
    file: transferFile,
    jinja,
    kms_key_id: kmsKeyId,
    path: sharePath,
    share_name: shareName,
    timeout,
    vars,
  }),
});
