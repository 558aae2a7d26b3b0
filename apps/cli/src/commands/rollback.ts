import { addCarryOutOptions, carryOut, type CarryOutOptions } from "../carry-out.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine } from "../output.ts";
import { printPlan } from "../plan-text.ts";
import {
  addProjectOptions,
  openCurrentProject,
  type ProjectOptions,
  withEnvironmentRealm,
} from "../project-access.ts";

interface RollbackOptions extends ProjectOptions, CarryOutOptions {
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `lava rollback`. */
export const registerRollback: Register = (program, context) => {
  const command = program
    .command("rollback")
    .argument("[deployment]", "its id, from `lava history`; the last one by default")
    .description("restore the items, rules and payloads that a deployment replaced");
  addCarryOutOptions(addProjectOptions(command, context))
    .option("--force", "restore also what was changed since")
    .option("--dry-run", "only show what would be restored")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      helpExamples(
        ["lava rollback --env uat", "as it was before the last deployment"],
        ["lava rollback --env uat --dry-run", "what that would change"],
      ),
    )
    .action((id: string | undefined, options: RollbackOptions) => rollback(id, options, context));
};

async function rollback(
  id: string | undefined,
  options: RollbackOptions,
  context: CliContext,
): Promise<void> {
  const { listDeployments, loadDeployment, rollbackPlan } = await import("@lava/framework");
  const project = await openCurrentProject(context);
  await withEnvironmentRealm(project, options, context, async (realm) => {
    const wanted = id ?? (await listDeployments(realm, project.id, options.env))[0] ?? "(none)";
    const deployment = await loadDeployment(realm, project.id, options.env, wanted);
    const { settings } = project;
    const plan = await rollbackPlan(deployment, realm, { force: options.force, settings });
    if (!options.json) {
      const { started, user, host } = deployment;
      printLine(context.stdout, `deployment ${wanted} of ${started} by ${user} on ${host}`);
      printPlan(plan, context);
    }
    if (options.dryRun !== true) await carryOut(plan, project, realm, context, options);
    else if (options.json) printJson(context.stdout, plan);
  });
}
