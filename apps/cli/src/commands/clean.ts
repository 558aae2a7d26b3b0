import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine } from "../output.ts";
import { openCurrentProject } from "../project-access.ts";
import { runProjectHooks } from "../run-hooks.ts";

interface CleanOptions {
  readonly env?: string;
  readonly json?: boolean;
}

/** `lava clean`. */
export const registerClean: Register = (program, context) => {
  program
    .command("clean")
    .description(
      "remove what was built: dist/<env>, or all of dist; and the project's local images",
    )
    .option("-e, --env <name>", "only what was built for this environment")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      helpExamples(["lava clean -e dev", "dist/dev"], ["lava clean", "every environment"]),
    )
    .action((options: CleanOptions) => clean(options, context));
};

async function clean({ env, json }: CleanOptions, context: CliContext): Promise<void> {
  const { cleanProject } = await import("@lava/framework");
  const project = await openCurrentProject(context);
  const environments = env === undefined ? project.environments : [env];
  for (const name of environments.filter((known) => project.environments.includes(known))) {
    await runProjectHooks(project, "clean", { env: name }, context);
  }
  const result = await cleanProject(project, env);
  if (json) {
    printJson(context.stdout, result);
    return;
  }
  for (const id of result.missingImages) printLine(context.stderr, `${id}: no such image`);
  const { removed } = result;
  printLine(
    context.stdout,
    removed.length === 0 ? "nothing to remove" : `removed ${removed.join(", ")}`,
  );
}
