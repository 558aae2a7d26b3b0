import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine } from "../output.ts";
import { isEmptyPlan, printDeployResult, printPlan } from "../plan-text.ts";
import {
  addProjectOptions,
  openCurrentProject,
  type ProjectOptions,
  withEnvironmentRealm,
} from "../project-access.ts";
import { EXIT } from "../report-error.ts";

interface UninstallOptions extends ProjectOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `lava uninstall`. */
export const registerUninstall: Register = (program, context) => {
  addProjectOptions(
    program
      .command("uninstall")
      .description("remove from the realm what this project owns there, and nothing else")
      .addHelpText("after", helpExamples(["lava uninstall -e uat --dry-run", "what would go"]))
      .option("--dry-run", "only show what would be removed")
      .option("--json", "print JSON"),
    context,
  ).action((options: UninstallOptions) => uninstall(options, context));
};

async function uninstall(options: UninstallOptions, context: CliContext): Promise<void> {
  const { deployPlan, uninstallPlan } = await import("@lava/framework");
  const project = await openCurrentProject(context);
  await withEnvironmentRealm(project, options, context, async (realm) => {
    const plan = await uninstallPlan(project, options.env, realm);
    if (!options.json) printPlan(plan, context);
    if (options.dryRun || isEmptyPlan(plan)) {
      if (options.json) printJson(context.stdout, plan);
      else if (isEmptyPlan(plan)) printLine(context.stdout, "nothing to do");
      return;
    }
    const result = await deployPlan(plan, realm, { signal: context.signal });
    if (!result.ok) context.exitStatus = EXIT.failure;
    if (options.json) printJson(context.stdout, result);
    else printDeployResult(result, context);
  });
}
