import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine, styles } from "../output.ts";
import { openCurrentProject } from "../project-access.ts";
import { EXIT } from "../report-error.ts";

interface UpdateOptions {
  readonly dryRun?: boolean;
  readonly check?: boolean;
  readonly addKeys?: boolean;
  readonly json?: boolean;
}

/** `lava update`. */
export const registerUpdate: Register = (program, context) => {
  program
    .command("update")
    .description("bring the framework's files of this project to the version of this command")
    .option("--dry-run", "only show what would change")
    .option("--check", "the same, with status 1 when something would")
    .option("--add-keys", "add new mandatory keys to the config files, with their defaults")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      helpExamples(
        ["lava update --dry-run", "what would change"],
        ["lava update", "after a backup; your changes are merged"],
      ),
    )
    .action((options: UpdateOptions) => update(options, context));
};

async function update(options: UpdateOptions, context: CliContext): Promise<void> {
  const { updateProject } = await import("@lava/framework");
  const project = await openCurrentProject(context);
  const isDry = options.dryRun === true || options.check === true;
  const result = await updateProject(project, { dryRun: isDry, addKeys: options.addKeys });
  const { files, notes, backup, from, to } = result;
  const conflicts = files.filter(({ outcome }) => outcome === "conflict").length;
  if ((options.check === true && files.length > 0) || (!isDry && conflicts > 0))
    context.exitStatus = EXIT.failure;
  if (options.json === true) {
    printJson(context.stdout, result);
    return;
  }
  const style = styles(context.stdout);
  const more: Readonly<Record<string, string>> = {
    kept: " (edited: the new one is beside it as .new)",
    conflict: " (look for <<<<<<<)",
    gone: " (deleted: stays so)",
  };
  for (const { path, outcome } of files) {
    const label = outcome === "conflict" ? style.red(outcome) : outcome;
    printLine(context.stdout, `${label} ${path}${more[outcome] ?? ""}`);
  }
  for (const note of notes) printLine(context.stderr, `note: ${note}`);
  if (backup !== undefined) printLine(context.stdout, `backup ${backup}`);
  printLine(
    context.stdout,
    files.length === 0
      ? `up to date with ${to}`
      : `${from} -> ${to}${isDry ? ", nothing was written" : next(context)}`,
  );
}

/** What is left to do after an update (FW-297). */
function next({ env }: CliContext): string {
  const isActive = (env["VIRTUAL_ENV"] ?? "") !== "";
  return `; ${isActive ? "leave the virtual environment (`deactivate`) and " : ""}run \`lava init\` again`;
}
