import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson } from "../output.ts";
import { printPlan } from "../plan-text.ts";
import {
  addProjectOptions,
  openCurrentProject,
  printFindings,
  type ProjectOptions,
  realmInfoOf,
  withEnvironmentRealm,
} from "../project-access.ts";

interface PlanCommandOptions extends ProjectOptions {
  readonly prune?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `lava plan`. */
export const registerPlan: Register = (program, context) => {
  addProjectOptions(
    program
      .command("plan")
      .description("build, and show what a deployment would create, update and delete")
      .option("--prune", "delete what this project owns in the realm and no longer has")
      .option("--force", "take over what another project deployed")
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava plan --env uat", "against AWS"],
          ["lava plan --env dev --dev --json | jq .items", "against the dev realm, for a script"],
        ),
      ),
    context,
  ).action((options: PlanCommandOptions) => plan(options, context));
};

async function plan(options: PlanCommandOptions, context: CliContext): Promise<void> {
  const { buildProject, planDeployment } = await import("@lava/framework");
  const project = await openCurrentProject(context);
  await withEnvironmentRealm(project, options, context, async (realm) => {
    const build = await buildProject(project, {
      env: options.env,
      realmInfo: await realmInfoOf(realm),
    });
    if (!options.json) printFindings(build.warnings, context);
    const result = await planDeployment(build, realm, {
      prune: options.prune,
      force: options.force,
    });
    if (options.json) printJson(context.stdout, result);
    else printPlan(result, context);
  });
}
