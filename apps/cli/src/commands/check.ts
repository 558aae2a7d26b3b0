import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine } from "../output.ts";
import { openCurrentProject, printFindings } from "../project-access.ts";
import { EXIT } from "../report-error.ts";

interface CheckCommandOptions {
  readonly env?: string;
  readonly strict?: boolean;
  readonly lint: boolean;
  readonly fix?: boolean;
  readonly json?: boolean;
}

/** `lava check`. */
export const registerCheck: Register = (program, context) => {
  program
    .command("check")
    .description("check a project without building it: every spec, reference and environment")
    .addHelpText(
      "after",
      helpExamples(
        ["lava check", "every environment"],
        ["lava check -e uat --strict", "one of them, warnings are failures"],
      ),
    )
    .option("-e, --env <name>", "one environment (default: all)")
    .option("--strict", "warnings are failures")
    .option(
      "--no-lint",
      "do not lint sources (yamllint, flake8, shellcheck, ... where they are there)",
    )
    .option("--fix", "format Python sources with black first")
    .option("--json", "print JSON")
    .action((options: CheckCommandOptions) => check(options, context));
};

async function check(options: CheckCommandOptions, context: CliContext): Promise<void> {
  const { checkProject, formatPython } = await import("@lava/framework");
  const project = await openCurrentProject(context);
  const formatted = options.fix === true ? await formatPython(project) : [];
  for (const file of formatted) printLine(context.stderr, `formatted ${file}`);
  const { env, strict, lint } = options;
  const result = await checkProject(project, { env, strict, lint });
  if (!result.ok) context.exitStatus = EXIT.failure;
  if (options.json) {
    printJson(context.stdout, result);
    return;
  }
  printFindings(result.issues, context);
  for (const note of result.notes) printLine(context.stderr, `note: ${note}`);
  const count = (severity: string): string => {
    const { length } = result.issues.filter((issue) => issue.severity === severity);
    return `${length} ${severity}${length === 1 ? "" : "s"}`;
  };
  printLine(
    context.stdout,
    `${result.checked} components in ${result.environments.join(", ")}: ${count("error")}, ${count("warning")}`,
  );
}
