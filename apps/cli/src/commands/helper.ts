import type { Register } from "../command.ts";
import { registerAwsHelpers } from "../helpers/aws-helpers.ts";
import { registerPackHelpers } from "../helpers/pack-helpers.ts";
import { registerTextHelpers } from "../helpers/text-helpers.ts";

/** `lava helper`: the programs that builds of the original call, for projects whose own Makefiles do (CLI-218 to CLI-233). */
export const registerHelper: Register = (program, context) => {
  const helper = program
    .command("helper")
    .helpCommand(false)
    .description("small programs for a project's own Makefile.local and hooks");
  for (const register of [registerPackHelpers, registerTextHelpers, registerAwsHelpers]) {
    register(helper, context);
  }
};
