import { relative } from "node:path";
import type { RealmInfo } from "@lava/framework";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine } from "../output.ts";
import { createProgress } from "../progress.ts";
import {
  addProjectOptions,
  openCurrentProject,
  printFindings,
  type ProjectOptions,
  realmInfoOf,
  withEnvironmentRealm,
} from "../project-access.ts";

interface BuildCommandOptions extends ProjectOptions {
  readonly strict?: boolean;
  readonly offline?: boolean;
  readonly tracking: boolean;
  readonly json?: boolean;
}

/** `lava build`. */
export const registerBuild: Register = (program, context) => {
  addProjectOptions(
    program
      .command("build")
      .description("build a project for one environment into dist/<env>; only what has changed")
      .addHelpText("after", helpExamples(["lava build -e dev", "into dist/dev"]))
      .option("--strict", "warnings fail the build")
      .option(
        "--refresh",
        "read the realm's record again (default: the copy of the last build, if there is one)",
      )
      .option("--no-tracking", "leave out the x-lava-* fields that say where a build came from")
      .option("--json", "print JSON"),
    context,
  ).action((options: BuildCommandOptions & { refresh?: boolean }) => build(options, context));
};

async function build(
  options: BuildCommandOptions & { refresh?: boolean },
  context: CliContext,
): Promise<void> {
  const { buildProject } = await import("@lava/framework");
  const project = await openCurrentProject(context);
  const realmInfo: RealmInfo | undefined =
    options.refresh || options.dev
      ? await withEnvironmentRealm(project, options, context, realmInfoOf)
      : undefined;
  const progress = createProgress(
    context.stderr,
    context.stderr.isTTY !== true || options.json === true,
  );
  try {
    const result = await buildProject(project, {
      env: options.env,
      strict: options.strict,
      trackingFields: options.tracking,
      realmInfo,
      onProgress: ({ done, total, output }) => {
        progress.step(`building ${done}/${total} ${output}`);
      },
    });
    progress.done();
    const { built, unchanged, removed, warnings, dist } = result;
    if (options.json) {
      printJson(context.stdout, { dist, built, unchanged, removed, warnings });
      return;
    }
    printFindings(warnings, context);
    const parts = [`${built.length} built`, `${unchanged.length} unchanged`];
    if (removed.length > 0) parts.push(`${removed.length} removed`);
    printLine(context.stdout, `${relative(context.cwd, dist) || dist}: ${parts.join(", ")}`);
  } finally {
    progress.done();
  }
}
