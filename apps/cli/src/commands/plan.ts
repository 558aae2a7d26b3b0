import { resolve } from "node:path";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine } from "../output.ts";
import { addPlanOptions, planProject, type PlanCommandOptions } from "../plan-project.ts";
import { addProjectOptions, openCurrentProject, withEnvironmentRealm } from "../project-access.ts";

/** `lava plan`. */
export const registerPlan: Register = (program, context) => {
  const command = program
    .command("plan")
    .description("build, and show what a deployment would create, update and delete");
  addPlanOptions(addProjectOptions(command, context))
    .option("-o, --out <file>", "save the plan, for `lava deploy FILE`")
    .addHelpText(
      "after",
      helpExamples(
        ["lava plan --env uat", "against AWS"],
        ["lava plan --env uat --out uat.plan", "to be looked at, then carried out as it is"],
        ["lava plan --env dev --dev --json | jq .items", "against the dev realm, for a script"],
      ),
    )
    .action((options: PlanCommandOptions & { readonly out?: string }) => plan(options, context));
};

async function plan(
  options: PlanCommandOptions & { readonly out?: string },
  context: CliContext,
): Promise<void> {
  const project = await openCurrentProject(context);
  await withEnvironmentRealm(project, options, context, async (realm) => {
    const result = await planProject(project, realm, options, context);
    if (options.json) printJson(context.stdout, result);
    if (options.out === undefined) return;
    const { planToText } = await import("@lava/framework");
    const { writeFile } = await import("node:fs/promises");
    const file = resolve(context.cwd, options.out);
    await writeFile(file, planToText(result), { mode: 0o600 });
    if (!options.json)
      printLine(
        context.stdout,
        `saved in ${options.out}; \`lava deploy ${options.out}\` carries it out`,
      );
  });
}
