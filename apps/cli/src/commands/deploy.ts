import { resolve } from "node:path";
import { errorText, LavaError } from "@lava/core";
import type { Plan, Project } from "@lava/framework";
import type { Realm } from "@lava/realm";
import { addCarryOutOptions, carryOut, type CarryOutOptions } from "../carry-out.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { addPlanOptions, planProject, type PlanCommandOptions } from "../plan-project.ts";
import { printPlan } from "../plan-text.ts";
import { addProjectOptions, openCurrentProject, withEnvironmentRealm } from "../project-access.ts";
import { isSystemFault } from "../report-error.ts";
import { runProjectHooks } from "../run-hooks.ts";

interface DeployOptions extends PlanCommandOptions, CarryOutOptions {
  readonly json?: boolean;
}

/** `lava deploy`. */
export const registerDeploy: Register = (program, context) => {
  const command = program
    .command("deploy")
    .argument("[plan]", "a plan saved by `lava plan --out`: exactly that is done")
    .description(
      "build, plan, and carry out the plan; nothing that changed meanwhile is overwritten",
    );
  addCarryOutOptions(
    addPlanOptions(addProjectOptions(command, context, ([plan]) => plan !== undefined)),
  )
    .addHelpText(
      "after",
      helpExamples(
        ["lava deploy --env uat", "to AWS, as the environment says"],
        ["lava deploy uat.plan", "what was planned and looked at, and nothing else"],
        ["lava deploy --env dev --only 'app/etl/load*'", "some components"],
        ["lava deploy --env dev --dev --prune", "to the dev realm, removing what has gone"],
      ),
    )
    .action((file: string | undefined, options: DeployOptions) =>
      file === undefined ? deploy(options, context) : deploySaved(file, options, context),
    );
};

async function deploy(options: DeployOptions, context: CliContext): Promise<void> {
  const project = await openCurrentProject(context);
  await withEnvironmentRealm(project, options, context, async (realm) => {
    const plan = await planProject(project, realm, options, context);
    await runProjectHooks(project, "pre-install", options, context);
    await carryOut(plan, project, realm, context, options);
    if (context.exitStatus === 0) await runProjectHooks(project, "install", options, context);
  });
}

async function deploySaved(
  file: string,
  options: DeployOptions,
  context: CliContext,
): Promise<void> {
  const { checkFresh, readPlan } = await import("@lava/framework");
  const plan = readPlan(await readPlanFile(resolve(context.cwd, file), file), file);
  const project = await openCurrentProject(context);
  await withEnvironmentRealm(project, { ...options, env: plan.env }, context, async (realm) => {
    checkPlace(plan, file, project, realm);
    if (!options.json) printPlan(plan, context);
    await checkFresh(plan, realm);
    const { env } = plan;
    await runProjectHooks(project, "pre-install", { ...options, env }, context);
    await carryOut(plan, project, realm, context, options);
    if (context.exitStatus === 0) {
      await runProjectHooks(project, "install", { ...options, env }, context);
    }
  });
}

/** A plan is for one project and one realm; `lava dev` may have a realm of the same name as AWS. */
function checkPlace(plan: Plan, file: string, project: Project, realm: Realm): void {
  if (plan.project !== project.id || plan.realm !== realm.name) {
    throw new LavaError(
      "BAD_PLAN",
      `${file} is for project ${plan.project} in realm ${plan.realm}, not for ${project.id} in ${realm.name}`,
      { hint: "Run it in the project that it was made in." },
    );
  }
  const { endpoint } = realm.clients.settings;
  if ((plan.endpoint === undefined) !== (endpoint === undefined)) {
    const place = (url: string | undefined): string => (url === undefined ? "in AWS" : `at ${url}`);
    throw new LavaError(
      "BAD_PLAN",
      `${file} is for realm ${plan.realm} ${place(plan.endpoint)}, not ${place(endpoint)}`,
      {
        hint:
          plan.endpoint === undefined
            ? "Run it without --dev and without AWS_ENDPOINT_URL."
            : "Give --dev as it was given to lava plan, or set AWS_ENDPOINT_URL.",
      },
    );
  }
  const area = realm.payloads.uri("").replace(/\/$/, "");
  if (plan.payloadArea !== area) {
    throw new LavaError(
      "BAD_PLAN",
      `${file} is for payloads in ${plan.payloadArea}, and realm ${realm.name} has them in ${area}`,
      { hint: "Plan again." },
    );
  }
}

/** The text of a saved plan. */
async function readPlanFile(path: string, name: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (!isSystemFault(error)) throw error;
    throw new LavaError("BAD_PLAN", `Cannot read the plan ${name}: ${errorText(error)}`, {
      kind: "usage",
      hint: "Save one with: lava plan --out FILE",
      cause: error,
    });
  }
}
