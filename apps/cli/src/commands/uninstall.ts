import { addCarryOutOptions, carryOut, type CarryOutOptions } from "../carry-out.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { addOnlyOption } from "../option-values.ts";
import { printJson } from "../output.ts";
import { printPlan } from "../plan-text.ts";
import {
  addProjectOptions,
  openCurrentProject,
  type ProjectOptions,
  withEnvironmentRealm,
} from "../project-access.ts";
import { runProjectHooks } from "../run-hooks.ts";

interface UninstallOptions extends ProjectOptions, CarryOutOptions {
  readonly dryRun?: boolean;
  readonly only?: readonly string[];
  readonly json?: boolean;
}

/** `lava uninstall`. */
export const registerUninstall: Register = (program, context) => {
  const command = addProjectOptions(
    addOnlyOption(program.command("uninstall"))
      .description("remove from the realm what this project owns there, and nothing else")
      .addHelpText("after", helpExamples(["lava uninstall -e uat --dry-run", "what would go"]))
      .option("--dry-run", "only show what would be removed")
      .option("--json", "print JSON"),
    context,
  );
  addCarryOutOptions(command).action((options: UninstallOptions) => uninstall(options, context));
};

async function uninstall(options: UninstallOptions, context: CliContext): Promise<void> {
  const { uninstallPlan } = await import("@lava/framework");
  const project = await openCurrentProject(context);
  await withEnvironmentRealm(project, options, context, async (realm) => {
    const plan = await uninstallPlan(project, options.env, realm, { only: options.only });
    if (!options.json) printPlan(plan, context);
    if (options.dryRun !== true) {
      await carryOut(plan, project, realm, context, { ...options, asks: true });
      if (context.exitStatus === 0) await runProjectHooks(project, "uninstall", options, context);
    } else if (options.json) printJson(context.stdout, plan);
  });
}
