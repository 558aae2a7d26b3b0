import type { Register } from "../command.ts";
import { printJson, printLine } from "../output.ts";
import { openCurrentProject } from "../project-access.ts";

/** `lava hook install|remove`. */
export const registerHook: Register = (program, context) => {
  const hook = program
    .command("hook")
    .description("let git check the project before each commit, or not");
  hook
    .command("install")
    .description("git runs etc/git-hooks/pre-commit, which is `lava check`")
    .option("--json", "print JSON")
    .action(async ({ json }: { json?: boolean }) => {
      const { installHook } = await import("@lava/framework");
      const { hook: file, isNew } = await installHook(await openCurrentProject(context));
      if (json === true) {
        printJson(context.stdout, { hook: file, isNew });
        return;
      }
      printLine(
        context.stdout,
        `git runs ${file}${isNew ? ", which is new," : ""} before each commit`,
      );
    });
  hook
    .command("remove")
    .description("git runs its own hooks again")
    .option("--json", "print JSON")
    .action(async ({ json }: { json?: boolean }) => {
      const { removeHook } = await import("@lava/framework");
      await removeHook(await openCurrentProject(context));
      if (json === true) printJson(context.stdout, { hook: null });
    });
};
