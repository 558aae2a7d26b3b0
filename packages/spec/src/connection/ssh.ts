import { defineConnectionType } from "./connection-type.ts";
import { sshFields } from "./ssh-fields.ts";

/** `ssh`: a host reached by ssh. */
export const ssh = defineConnectionType({
  type: "ssh",
  summary: "A host reached by ssh.",
  fields: sshFields,
});
