import { defineConnectionType } from "./connection-type.ts";
import { sshFields } from "./ssh-fields.ts";

/** `sftp`: a host that files are copied to and from by sftp. */
export const sftp = defineConnectionType({
  type: "sftp",
  summary: "A host that files are copied to and from by sftp.",
  fields: sshFields,
});
