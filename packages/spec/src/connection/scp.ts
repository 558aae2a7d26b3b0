import { defineConnectionType } from "./connection-type.ts";
import { sshFields } from "./ssh-fields.ts";

/** `scp`: a host that files are copied to and from by scp. */
export const scp = defineConnectionType({
  type: "scp",
  summary: "A host that files are copied to and from by scp.",
  fields: sshFields,
});
