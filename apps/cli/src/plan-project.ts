import type { BuildResult, Plan, Project } from "@lava/framework";
import type { Realm } from "@lava/realm";
import type { Command } from "commander";
import type { CliContext } from "./command.ts";
import { addOnlyOption } from "./option-values.ts";
import { printPlan } from "./plan-text.ts";
import { printFindings, type ProjectOptions, realmInfoOf } from "./project-access.ts";
import { runProjectHooks } from "./run-hooks.ts";

/** Options of the commands that build and plan. */
export interface PlanCommandOptions extends ProjectOptions {
  readonly prune?: boolean;
  readonly force?: boolean;
  readonly only?: readonly string[];
  readonly tracking?: boolean;
  readonly json?: boolean;
}

/** Adds them to a command. */
export function addPlanOptions(command: Command): Command {
  return addOnlyOption(command)
    .option("--prune", "delete what this project owns in the realm and no longer has")
    .option("--force", "take over what another project deployed")
    .option("--no-tracking", "leave out the x-lava-* fields that say where a build came from")
    .option("--json", "print JSON");
}

/** A build without its images in the dev realm: they are in this machine's engine already, under their own names. */
export function imagesOf(build: BuildResult, { dev }: Pick<ProjectOptions, "dev">): BuildResult {
  return dev === true ? { ...build, images: [] } : build;
}

/** Builds a project and compares it with its realm; warnings and the plan are printed unless JSON is wanted. */
export async function planProject(
  project: Project,
  realm: Realm,
  options: PlanCommandOptions,
  context: CliContext,
): Promise<Plan> {
  const { buildProject, planDeployment } = await import("@lava/framework");
  const build = await buildProject(project, {
    env: options.env,
    realmInfo: await realmInfoOf(realm),
    only: options.only,
    trackingFields: options.tracking,
  });
  await runProjectHooks(project, "dist", options, context);
  if (!options.json) printFindings(build.warnings, context);
  const plan = await planDeployment(imagesOf(build, options), realm, options);
  if (!options.json) printPlan(plan, context);
  return plan;
}
