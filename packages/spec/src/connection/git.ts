import { defineConnectionType } from "./connection-type.ts";
import { sshFields } from "./ssh-fields.ts";

/** `git`: git repositories reached by ssh. */
export const git = defineConnectionType({
  type: "git",
  summary: "Git repositories reached by ssh.",
  fields: sshFields,
});
