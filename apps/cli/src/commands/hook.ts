import type { Register } from "../command.ts";
import { printLine } from "../output.ts";
import { openCurrentProject } from "../project-access.ts";

/** `lava hook install|remove`. */
export const registerHook: Register = (program, context) => {
  const hook = program
    .command("hook")
    .description("let git check the project before each commit, or not");
  hook
    .command("install")
    .description("git runs etc/git-hooks/pre-commit, which is `lava check`")
    .action(async () => {
      const { installHook } = await import("@lava/framework");
      const { hook: file, isNew } = await installHook(await openCurrentProject(context));
      printLine(
        context.stdout,
        `git runs ${file}${isNew ? ", which is new," : ""} before each commit`,
      );
    });
  hook
    .command("remove")
    .description("git runs its own hooks again")
    .action(async () => {
      const { removeHook } = await import("@lava/framework");
      await removeHook(await openCurrentProject(context));
    });
};
