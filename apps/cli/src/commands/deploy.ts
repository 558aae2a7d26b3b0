import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine } from "../output.ts";
import { isEmptyPlan, printDeployResult, printPlan } from "../plan-text.ts";
import { createProgress } from "../progress.ts";
import {
  addProjectOptions,
  openCurrentProject,
  printFindings,
  type ProjectOptions,
  realmInfoOf,
  withEnvironmentRealm,
} from "../project-access.ts";
import { EXIT } from "../report-error.ts";

interface DeployCommandOptions extends ProjectOptions {
  readonly prune?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `lava deploy`. */
export const registerDeploy: Register = (program, context) => {
  addProjectOptions(
    program
      .command("deploy")
      .description(
        "build, plan, and carry out the plan; nothing that changed meanwhile is overwritten",
      )
      .option("--prune", "delete what this project owns in the realm and no longer has")
      .option("--force", "take over what another project deployed")
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava deploy --env uat", "to AWS, as the environment says"],
          ["lava deploy --env dev --dev --prune", "to the dev realm, removing what has gone"],
        ),
      ),
    context,
  ).action((options: DeployCommandOptions) => deploy(options, context));
};

async function deploy(options: DeployCommandOptions, context: CliContext): Promise<void> {
  const { buildProject, deployPlan, planDeployment } = await import("@lava/framework");
  const project = await openCurrentProject(context);
  await withEnvironmentRealm(project, options, context, async (realm) => {
    const build = await buildProject(project, {
      env: options.env,
      realmInfo: await realmInfoOf(realm),
    });
    if (!options.json) printFindings(build.warnings, context);
    const plan = await planDeployment(build, realm, { prune: options.prune, force: options.force });
    if (!options.json) printPlan(plan, context);
    if (plan.refused.length > 0) context.exitStatus = EXIT.failure;
    if (isEmptyPlan(plan)) {
      if (options.json)
        printJson(context.stdout, {
          ok: plan.refused.length === 0,
          steps: [],
          refused: plan.refused,
        });
      else printLine(context.stdout, "nothing to do");
      return;
    }
    const progress = createProgress(context.stderr, options.json === true);
    const result = await deployPlan(plan, realm, {
      signal: context.signal,
      onProgress: ({ done, total, step }) => {
        progress.step(`deploying ${done}/${total} ${step.kind} ${step.id}`);
      },
    });
    progress.done();
    if (!result.ok) context.exitStatus = EXIT.failure;
    if (options.json) printJson(context.stdout, { ...result, refused: plan.refused });
    else printDeployResult(result, context);
  });
}
