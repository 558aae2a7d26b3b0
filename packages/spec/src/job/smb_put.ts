import * as z from "zod";
import { flag } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { noPayload } from "./no-payload.ts";
import { basedir, jinja, timeout, transferFile, vars } from "./parameter-fields.ts";
import { shareName, sharePath, smbConn } from "./smb-fields.ts";

/** `smb_put`: stores a file in a share. */
export const smb_put = defineJobType({
  type: "smb_put",
  summary: "Stores a file in an SMB file share.",
  payload: noPayload,
  parameters: z.strictObject({
    basedir,
    conn_id: smbConn,
    create_dirs: flag.default(false).describe("Whether missing directories of the path are made."),
    file: transferFile,
    jinja,
    path: sharePath,
    share_name: shareName,
    timeout,
    vars,
  }),
});
