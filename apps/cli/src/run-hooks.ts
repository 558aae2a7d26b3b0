import type { HookOperation, Project } from "@lava/framework";
import type { CliContext } from "./command.ts";
import type { ProjectOptions } from "./project-access.ts";
import { findRealm } from "./realm-access.ts";

/** Runs what the project has of its own for an operation (`misc/Makefile.local`, `misc/hooks/`); its output is on stderr. */
export async function runProjectHooks(
  project: Project,
  operation: HookOperation,
  options: Pick<ProjectOptions, "env" | "dev">,
  context: CliContext,
): Promise<void> {
  const { runHooks } = await import("@lava/framework");
  // With --dev they get the dev realm's endpoint and credentials.
  const environ =
    options.dev === true ? (await findRealm({ dev: true }, context)).env : context.env;
  const { signal } = context;
  for (const { output } of await runHooks(project, options.env, operation, { environ, signal })) {
    context.stderr.write(output);
  }
}
