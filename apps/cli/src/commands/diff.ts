import type { Plan } from "@lava/framework";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { addOnlyOption } from "../option-values.ts";
import { printJson, printLine, styles } from "../output.ts";
import { planProject, type PlanCommandOptions } from "../plan-project.ts";
import { isEmptyPlan } from "../plan-text.ts";
import { addProjectOptions, openCurrentProject, withEnvironmentRealm } from "../project-access.ts";
import { runProjectHooks } from "../run-hooks.ts";

/** Differences are found; 0 and 2 as everywhere (FW-281). */
const DRIFT = 1;

interface DiffOptions extends PlanCommandOptions {
  readonly exitZero?: boolean;
  readonly unified?: boolean;
}

/** `lava diff`. */
export const registerDiff: Register = (program, context) => {
  addProjectOptions(
    addOnlyOption(program.command("diff")).description(
      "show how the realm differs from the project: items, rules, payloads, and what is no longer in the project",
    ),
    context,
  )
    .option("--exit-zero", "end with 0 also when there are differences")
    .option("-u, --unified", "items as JSON: - is the project's alone, + the realm's")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      helpExamples(["lava diff --env prod --json", "drift for a script; 1 when there is any"]),
    )
    .action((options: DiffOptions) => diff(options, context));
};

async function diff(options: DiffOptions, context: CliContext): Promise<void> {
  const project = await openCurrentProject(context);
  await withEnvironmentRealm(project, options, context, async (realm) => {
    // Whatever somebody else has deployed under our ids counts as well; what has gone is shown as such.
    const plan = await planProject(project, realm, { ...options, force: true }, context);
    const same = isEmptyPlan(plan) && plan.orphans.length === 0;
    if (options.json) {
      const { items, payloads, orphans, unchanged } = plan;
      printJson(context.stdout, { same, items, payloads, orphans, unchanged });
    }
    if (options.unified === true && options.json !== true) await printUnified(plan, context);
    await runProjectHooks(project, "diff", options, context);
    if (!same && options.exitZero !== true) context.exitStatus = DRIFT;
  });
}

/** The differences as the original shows them (FW-275 to FW-279). */
async function printUnified({ items }: Plan, context: CliContext): Promise<void> {
  const { jsonDiff } = await import("@lava/framework");
  const style = styles(context.stdout);
  for (const { kind, id, before, after } of items) {
    if (before === undefined || after === undefined) {
      const where = before === undefined ? "in the realm" : "in the project";
      printLine(context.stderr, `${kind} ${id}: not ${where}`);
      continue;
    }
    printLine(context.stdout, `${kind} ${id}`);
    for (const line of jsonDiff(after, before, { ignore: ["[xX]-*"] })) {
      const paint = line.startsWith("-") ? style.red : line.startsWith("+") ? style.green : String;
      printLine(context.stdout, line.startsWith("@") ? style.cyan(line) : paint(line));
    }
  }
}
