import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine, styles } from "../output.ts";
import { openCurrentProject } from "../project-access.ts";
import { EXIT } from "../report-error.ts";

interface MigrateOptions {
  readonly write?: boolean;
  readonly json?: boolean;
}

/** `lava migrate`. */
export const registerMigrate: Register = (program, context) => {
  program
    .command("migrate")
    .description("show what needs attention in a project that was made by the Python lava")
    .option("--write", "put right what can be; files are kept as they were in .lava-migrate/")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      helpExamples(
        ["lava migrate", "only a report; 1 when something needs you"],
        ["lava migrate --write", "Makefiles, git hook, config keys"],
      ),
    )
    .action((options: MigrateOptions) => migrate(options, context));
};

async function migrate({ write, json }: MigrateOptions, context: CliContext): Promise<void> {
  const { migrateProject } = await import("@lava/framework");
  const items = await migrateProject(await openCurrentProject(context), { write });
  const needed = items.filter(({ state }) => state === "attention" || state === "fixable").length;
  if (needed > 0) context.exitStatus = EXIT.failure;
  if (json) {
    printJson(context.stdout, items);
    return;
  }
  const style = styles(context.stdout);
  const label = {
    fixed: style.green("fixed"),
    fixable: style.yellow("fixable"),
    attention: style.red("attention"),
    note: style.dim("note"),
  };
  for (const { state, file, line, message } of items) {
    printLine(
      context.stdout,
      `${label[state]}: ${file}${line === undefined ? "" : `:${line}`}: ${message}`,
    );
  }
  const count = (state: string): number => items.filter((item) => item.state === state).length;
  printLine(
    context.stdout,
    items.length === 0
      ? "nothing to do"
      : `${count("fixed")} fixed, ${count("fixable")} fixable with --write, ${count("attention")} for you to decide`,
  );
}
