import type { Plan, Project } from "@lava/framework";
import type { Realm } from "@lava/realm";
import type { Command } from "commander";
import type { CliContext } from "./command.ts";
import { confirm } from "./confirm.ts";
import { printJson, printLine } from "./output.ts";
import { isEmptyPlan, printDeployResult } from "./plan-text.ts";
import { createProgress } from "./progress.ts";
import { EXIT } from "./report-error.ts";

/** How a plan is carried out. */
export interface CarryOutOptions {
  readonly json?: boolean | undefined;
  /** What would be asked is answered by yes. */
  readonly yes?: boolean | undefined;
  /** `false` leaves out the look at rights and resources beforehand (FW-237). */
  readonly preflight?: boolean | undefined;
  /** The dev realm: its buckets are connected to what is deployed then. */
  readonly dev?: boolean | undefined;
  /** Asks whatever the environment is: things go. */
  readonly asks?: boolean | undefined;
}

/** Adds `--yes` and `--no-preflight` to a command that carries out plans. */
export function addCarryOutOptions(command: Command): Command {
  return command
    .option("-y, --yes", "do not ask, in a protected environment too")
    .option("--no-preflight", "do not look beforehand whether the realm can be written to");
}

/** Carries out a plan that was printed, with progress, and prints how it went; the exit status says so too. */
export async function carryOut(
  plan: Plan,
  project: Project,
  realm: Realm,
  context: CliContext,
  options: CarryOutOptions,
): Promise<void> {
  if (plan.refused.length > 0) context.exitStatus = EXIT.failure;
  const { refused } = plan;
  if (isEmptyPlan(plan)) {
    if (options.json) printJson(context.stdout, { ok: refused.length === 0, steps: [], refused });
    else printLine(context.stdout, "nothing to do");
    return;
  }
  const { deployPlan, needsConfirmation, preflight } = await import("@lava/framework");
  if ((await needsConfirmation(project, plan.env)) || options.asks === true) {
    await confirm(`${plan.purpose} ${plan.env} (realm ${plan.realm})?`, options.yes, context);
  }
  if (options.preflight !== false) await preflight(plan, realm, context.env);
  const progress = createProgress(context.stderr, options.json === true);
  const result = await deployPlan(plan, realm, {
    by: { user: project.host.user, host: project.host.hostname },
    signal: context.signal,
    environ: context.env,
    onProgress: ({ done, total, step }) => {
      progress.step(`deploying ${done}/${total} ${step.kind} ${step.id}`);
    },
  });
  if (options.dev === true) {
    const { connectBuckets } = await import("./dev/trigger-buckets.ts");
    await connectBuckets(realm);
  }
  progress.done();
  if (!result.ok) context.exitStatus = EXIT.failure;
  if (options.json) printJson(context.stdout, { ...result, refused });
  else printDeployResult(result, context);
}
