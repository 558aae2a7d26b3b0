import { join, relative } from "node:path";
import { errorText, formatIssue, LavaError } from "@lava/core";
import type { BuildResult, Project, RealmInfo } from "@lava/framework";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { addOnlyOption } from "../option-values.ts";
import { printJson, printLine, styles } from "../output.ts";
import { createProgress } from "../progress.ts";
import {
  addProjectOptions,
  openCurrentProject,
  printFindings,
  type ProjectOptions,
  realmInfoOf,
  withEnvironmentRealm,
} from "../project-access.ts";
import { isSystemFault } from "../report-error.ts";
import { runProjectHooks } from "../run-hooks.ts";

interface BuildCommandOptions extends ProjectOptions {
  readonly strict?: boolean;
  readonly refresh?: boolean;
  readonly only?: readonly string[];
  readonly watch?: boolean;
  readonly tracking: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** `lava build`. */
export const registerBuild: Register = (program, context) => {
  const command = program
    .command("build")
    .description("build a project for one environment into dist/<env>; only what has changed")
    .addHelpText(
      "after",
      helpExamples(
        ["lava build -e dev", "into dist/dev"],
        ["lava build -e dev --watch", "again after each change, until Ctrl-C"],
        ["lava build -e dev --only 'lava-jobs/load/*'", "a part of it"],
      ),
    )
    .option("--strict", "warnings fail the build")
    .option("-w, --watch", "build again whenever a source changes")
    .option(
      "--refresh",
      "read the realm's record again (default: the copy of the last build, if there is one; read where templates ask for it)",
    )
    .option("--no-tracking", "leave out the x-lava-* fields that say where a build came from")
    .option("-v, --verbose", "a line for each output that is built")
    .option("--json", "print JSON");
  addProjectOptions(addOnlyOption(command), context).action((options: BuildCommandOptions) =>
    options.watch === true ? watch(options, context) : build(options, context),
  );
};

async function build(options: BuildCommandOptions, context: CliContext): Promise<void> {
  const project = await openCurrentProject(context);
  const realmInfo = await infoOf(project, options, context);
  const progress = createProgress(
    context.stderr,
    context.stderr.isTTY !== true || options.json === true,
  );
  try {
    const result = await buildOnce(
      project,
      realmInfo,
      options,
      context,
      ({ done, total, output }) => {
        progress.step(`building ${done}/${total} ${output}`);
      },
    );
    progress.done();
    await runProjectHooks(project, "dist", options, context);
    if (options.json) {
      const { built, unchanged, removed, warnings, dist } = result;
      printJson(context.stdout, { dist, built, unchanged, removed, warnings });
      return;
    }
    printFindings(result.warnings, context);
    if (options.verbose === true) {
      const dist = relative(context.cwd, result.dist);
      for (const output of result.built) printLine(context.stdout, `Build  ${join(dist, output)}`);
    }
    printLine(context.stdout, summary(result, context));
  } finally {
    progress.done();
  }
}

/** One line for each build: what was done, or what is wrong. */
async function watch(options: BuildCommandOptions, context: CliContext): Promise<void> {
  if (options.json === true) {
    throw new LavaError("BAD_OPTIONS", "--watch and --json exclude each other", { kind: "usage" });
  }
  const { watchProject } = await import("../watch-build.ts");
  const { readBuildInputs } = await import("@lava/framework");
  const { dir } = await openCurrentProject(context);
  const style = styles(context.stdout);
  let realmInfo: RealmInfo | undefined;
  let isFirst = true;
  await watchProject(
    dir,
    async () => {
      const start = context.clock.now();
      const time = new Date(start).toTimeString().slice(0, 8);
      const say = (text: string): void => {
        printLine(context.stdout, `${style.dim(time)} ${text}`);
      };
      try {
        // Environments come and go with the files of config.
        const project = await openCurrentProject(context);
        if (isFirst) realmInfo = await infoOf(project, options, context);
        isFirst = false;
        const result = await buildOnce(project, realmInfo, options, context);
        await runProjectHooks(project, "dist", options, context);
        const warnings = result.warnings.length;
        const more = warnings === 0 ? "" : `, ${warnings} warning${warnings === 1 ? "" : "s"}`;
        say(`${summary(result, context)}${more} (${context.clock.now() - start} ms)`);
        return readBuildInputs(result.dist);
      } catch (error) {
        // A file that went away while it was read, a folder without rights: the next change may mend it.
        if (!(error instanceof LavaError) && !isSystemFault(error)) throw error;
        say(`${style.red("failed")}: ${errorText(error)}`);
        if (!(error instanceof LavaError)) return undefined;
        for (const issue of error.issues) printLine(context.stderr, `  ${formatIssue(issue)}`);
        return undefined;
      }
    },
    context.signal,
  );
}

async function buildOnce(
  project: Project,
  realmInfo: RealmInfo | undefined,
  options: BuildCommandOptions,
  context: CliContext,
  onProgress?: (event: { done: number; total: number; output: string }) => void,
): Promise<BuildResult> {
  const { buildProject } = await import("@lava/framework");
  const { env, strict, only, tracking: trackingFields } = options;
  const readRealm = (): Promise<RealmInfo> =>
    withEnvironmentRealm(project, options, context, realmInfoOf);
  return await buildProject(project, {
    ...{ env, strict, only, trackingFields, realmInfo, readRealm, onProgress },
  });
}

async function infoOf(
  project: Project,
  options: BuildCommandOptions,
  context: CliContext,
): Promise<RealmInfo | undefined> {
  return options.refresh || options.dev
    ? await withEnvironmentRealm(project, options, context, realmInfoOf)
    : undefined;
}

function summary({ built, unchanged, removed, dist }: BuildResult, context: CliContext): string {
  const parts = [`${built.length} built`, `${unchanged.length} unchanged`];
  if (removed.length > 0) parts.push(`${removed.length} removed`);
  return `${relative(context.cwd, dist) || dist}: ${parts.join(", ")}`;
}
