import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Readable } from "node:stream";
import { formatIssue, LavaError } from "@lava/core";
import type { BuildResult, CiReport, CiStep, Finding, Plan, Project } from "@lava/framework";
import type { Realm } from "@lava/realm";
import type { CliContext, Register } from "../command.ts";
import { confirm } from "../confirm.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine, styles } from "../output.ts";
import { addPlanOptions, imagesOf, type PlanCommandOptions } from "../plan-project.ts";
import { isEmptyPlan } from "../plan-text.ts";
import {
  addProjectOptions,
  openCurrentProject,
  printFindings,
  realmInfoOf,
  withEnvironmentRealm,
} from "../project-access.ts";
import { EXIT } from "../report-error.ts";
import { runProjectHooks } from "../run-hooks.ts";

interface CiOptions extends PlanCommandOptions {
  readonly deploy?: boolean;
  readonly yes?: boolean;
  readonly strict?: boolean;
  readonly markdown?: string;
  readonly junit?: string;
  readonly sarif?: string;
}

/** `lava ci`. */
export const registerCi: Register = (program, context) => {
  const command = program
    .command("ci")
    .description(
      "check, build and plan in one step of a pipeline, and deploy with --deploy; never asks",
    );
  addPlanOptions(addProjectOptions(command, context))
    .option("--deploy", "carry out the plan")
    .option("-y, --yes", "deploy to a protected environment too")
    .option("--strict", "warnings are failures")
    .option("--markdown <file>", "a summary for reviewers (GITHUB_STEP_SUMMARY gets one by itself)")
    .option("--junit <file>", "steps and findings as JUnit XML")
    .option("--sarif <file>", "findings as SARIF, for code scanning")
    .addHelpText(
      "after",
      helpExamples(
        ["lava ci --env uat", "what a merge request needs"],
        ["lava ci --env uat --deploy --prune", "what the main branch does"],
      ),
    )
    .action((options: CiOptions) => ci(options, context));
};

async function ci(options: CiOptions, context: CliContext): Promise<void> {
  const project = await openCurrentProject(context);
  const started = new Date(context.clock.now()).toISOString();
  const steps = createSteps(options, context);
  const done: Done = {};

  await steps.run("check", () => check(project, options));
  if (steps.ok) {
    await withEnvironmentRealm(project, options, context, (realm) =>
      buildAndPlan(project, realm, steps, done, options, context),
    ).catch((error: unknown) => {
      steps.fail("build", error);
    });
  }
  const report: CiReport = {
    project: project.id,
    env: options.env,
    started,
    ok: steps.ok,
    steps: steps.all,
    ...done,
  };
  await writeReports(report, options, context);
  if (options.json) printJson(context.stdout, report);
  if (!report.ok) context.exitStatus = EXIT.failure;
}

/** What a pipeline has made so far. */
interface Done {
  plan?: Plan;
  deployed?: CiReport["deployed"];
}

async function buildAndPlan(
  project: Project,
  realm: Realm,
  steps: Steps,
  done: Done,
  options: CiOptions,
  context: CliContext,
): Promise<void> {
  const { buildProject, deployPlan, needsConfirmation, planDeployment, preflight } =
    await import("@lava/framework");
  const { env, strict, prune, force, only, tracking: trackingFields } = options;
  const built: BuildResult[] = [];
  await steps.run("build", async () => {
    const realmInfo = await realmInfoOf(realm);
    const build = await buildProject(project, { env, strict, only, trackingFields, realmInfo });
    built.push(imagesOf(build, options));
    await runProjectHooks(project, "dist", options, context);
    const { items, payloads, warnings } = build;
    return { summary: `${items.length} items, ${payloads.length} payloads`, findings: warnings };
  });
  await steps.run("plan", async () => {
    const [build] = built;
    if (build === undefined) throw new TypeError("a plan without a build");
    done.plan = await planDeployment(build, realm, { prune, force });
    return planOutcome(done.plan, strict === true);
  });
  if (options.deploy !== true) return;
  await steps.run("deploy", async () => {
    if (done.plan === undefined || isEmptyPlan(done.plan)) {
      // What the project has of its own may still have something to do.
      await runProjectHooks(project, "pre-install", options, context);
      await runProjectHooks(project, "install", options, context);
      return { summary: "nothing to do", findings: [] };
    }
    if (await needsConfirmation(project, env)) {
      // A pipeline is never asked, whatever its standard input is.
      await confirm(`deploy ${env} (realm ${realm.name})?`, options.yes, {
        ...context,
        stdin: Readable.from([]),
      });
    }
    await runProjectHooks(project, "pre-install", options, context);
    await preflight(done.plan, realm, context.env);
    const by = { user: project.host.user, host: project.host.hostname };
    done.deployed = await deployPlan(done.plan, realm, {
      by,
      signal: context.signal,
      environ: context.env,
    });
    if (done.deployed.ok) await runProjectHooks(project, "install", options, context);
    return deployOutcome(done.deployed);
  });
}

/** What a step found. */
interface Outcome {
  readonly summary: string;
  readonly findings: readonly Finding[];
  readonly failed?: boolean;
}

/** Steps of a pipeline, one after the other. */
interface Steps {
  readonly all: readonly CiStep[];
  readonly ok: boolean;
  /** Runs a step, prints how it ended; after a failure it is skipped. */
  run(name: CiStep["name"], step: () => Promise<Outcome>): Promise<void>;
  /** A step that failed before it began. */
  fail(name: CiStep["name"], error: unknown): void;
}

function createSteps(options: CiOptions, context: CliContext): Steps {
  const all: CiStep[] = [];
  const style = styles(context.stdout);
  const isOk = (): boolean => all.every(({ status }) => status === "passed");
  const add = (step: CiStep): void => {
    all.push(step);
    if (options.json) return;
    printFindings(step.findings, context);
    const mark = {
      passed: style.green("passed"),
      failed: style.red("failed"),
      skipped: style.dim("skipped"),
    };
    printLine(
      context.stdout,
      `${step.name.padEnd(6)} ${mark[step.status]}  ${step.summary}`.trimEnd(),
    );
    for (const finding of step.findings) annotate(finding, context);
  };
  const fail = (name: CiStep["name"], error: unknown, seconds = 0): void => {
    if (!(error instanceof LavaError)) throw error;
    const findings = error.issues.map((issue) => ({ ...issue, severity: "error" as const }));
    add({ name, status: "failed", seconds, summary: `${error.message} [${error.code}]`, findings });
  };
  return {
    all,
    get ok() {
      return isOk();
    },
    fail,
    async run(name: CiStep["name"], step: () => Promise<Outcome>) {
      if (!isOk()) {
        add({ name, status: "skipped", seconds: 0, summary: "", findings: [] });
        return;
      }
      const start = context.clock.now();
      const seconds = (): number => (context.clock.now() - start) / 1000;
      try {
        const { summary, findings, failed = false } = await step();
        add({ name, status: failed ? "failed" : "passed", seconds: seconds(), summary, findings });
      } catch (error) {
        fail(name, error, seconds());
      }
    },
  };
}

/** Shows a finding at its line, where the pipeline is one of GitHub's. */
function annotate(finding: Finding, context: CliContext): void {
  if (context.env["GITHUB_ACTIONS"] !== "true" || finding.file === undefined) return;
  const escape = (text: string): string =>
    text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const property = (text: string): string =>
    escape(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
  const place = [`file=${property(finding.file)}`, `line=${finding.line ?? 1}`];
  printLine(
    context.stdout,
    `::${finding.severity} ${place.join(",")}::${escape(formatIssue(finding))}`,
  );
}

async function check(project: Project, options: CiOptions): Promise<Outcome> {
  const { checkProject } = await import("@lava/framework");
  const result = await checkProject(project, { env: options.env, strict: options.strict });
  const errors = result.issues.filter(({ severity }) => severity === "error").length;
  const warnings = result.issues.length - errors;
  return {
    summary: `${result.checked} components, ${errors} errors, ${warnings} warnings`,
    findings: result.issues,
    failed: !result.ok,
  };
}

function planOutcome(made: Plan, strict: boolean): Outcome {
  const count = (action: string): number =>
    [...made.items, ...made.payloads, ...(made.images ?? [])].filter(
      (change) => change.action === action,
    ).length;
  const refused = made.refused.length === 0 ? "" : `, ${made.refused.length} refused`;
  return {
    summary: `${count("create")} to create, ${count("update")} to update, ${count("delete")} to delete${refused}`,
    findings: [
      ...made.refused.map(({ kind, id, reason }) =>
        finding("error", "refused", `${kind} ${id}: ${reason}`),
      ),
      ...made.breaks.map(({ reason }) => finding("warning", "breaks", reason)),
      ...made.warnings.map((message) => finding("warning", "plan", message)),
    ],
    failed: made.refused.length > 0 || (strict && made.breaks.length + made.warnings.length > 0),
  };
}

function finding(severity: Finding["severity"], code: string, message: string): Finding {
  return { severity, code, path: [], message };
}

function deployOutcome(result: NonNullable<CiReport["deployed"]>): Outcome {
  const bad = result.steps.filter(({ outcome }) => outcome !== "done" && outcome !== "already");
  return {
    summary: `${result.steps.length - bad.length} done${bad.length === 0 ? "" : `, ${bad.length} not`}`,
    findings: bad.map(({ kind, id, outcome, reason }) => ({
      severity: "error",
      code: outcome,
      path: [],
      message: `${kind} ${id}: ${reason ?? outcome.replace("_", " ")}`,
    })),
    failed: !result.ok,
  };
}

async function writeReports(
  report: CiReport,
  options: CiOptions,
  context: CliContext,
): Promise<void> {
  const { ciJunit, ciMarkdown, ciSarif } = await import("@lava/framework");
  const write = async (name: string | undefined, content: () => string): Promise<void> => {
    if (name === undefined) return;
    const file = resolve(context.cwd, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content());
  };
  await write(options.markdown, () => ciMarkdown(report));
  await write(options.junit, () => ciJunit(report));
  await write(options.sarif, () => `${JSON.stringify(ciSarif(report), null, 2)}\n`);
  const summary = context.env["GITHUB_STEP_SUMMARY"];
  if (summary !== undefined && summary !== "") await appendFile(summary, ciMarkdown(report));
}
