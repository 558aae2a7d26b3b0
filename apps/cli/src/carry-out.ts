import type { Plan, Project } from "@lava/framework";
import type { Realm } from "@lava/realm";
import type { CliContext } from "./command.ts";
import { printJson, printLine } from "./output.ts";
import { isEmptyPlan, printDeployResult } from "./plan-text.ts";
import { createProgress } from "./progress.ts";
import { EXIT } from "./report-error.ts";

/** Carries out a plan that was printed, with progress, and prints how it went; the exit status says so too. */
export async function carryOut(
  plan: Plan,
  project: Project,
  realm: Realm,
  context: CliContext,
  options: { readonly json?: boolean | undefined },
): Promise<void> {
  if (plan.refused.length > 0) context.exitStatus = EXIT.failure;
  const { refused } = plan;
  if (isEmptyPlan(plan)) {
    if (options.json) printJson(context.stdout, { ok: refused.length === 0, steps: [], refused });
    else printLine(context.stdout, "nothing to do");
    return;
  }
  const { deployPlan } = await import("@lava/framework");
  const progress = createProgress(context.stderr, options.json === true);
  const result = await deployPlan(plan, realm, {
    by: { user: project.host.user, host: project.host.hostname },
    signal: context.signal,
    environ: context.env,
    onProgress: ({ done, total, step }) => {
      progress.step(`deploying ${done}/${total} ${step.kind} ${step.id}`);
    },
  });
  progress.done();
  if (!result.ok) context.exitStatus = EXIT.failure;
  if (options.json) printJson(context.stdout, { ...result, refused });
  else printDeployResult(result, context);
}
