import type { Deployment } from "@lava/framework";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { type Column, printJson, printLine, printTable } from "../output.ts";
import {
  addProjectOptions,
  openCurrentProject,
  type ProjectOptions,
  withEnvironmentRealm,
} from "../project-access.ts";

interface HistoryOptions extends ProjectOptions {
  readonly json?: boolean;
}

/** `lava history`. */
export const registerHistory: Register = (program, context) => {
  addProjectOptions(
    program
      .command("history")
      .description("list the deployments of this project that can be rolled back, the last first"),
    context,
  )
    .option("--json", "print JSON")
    .addHelpText("after", helpExamples(["lava history --env uat", "who deployed what, and when"]))
    .action((options: HistoryOptions) => history(options, context));
};

const columns: readonly Column<Deployment>[] = [
  { title: "DEPLOYMENT", cell: ({ id }) => id },
  { title: "STARTED", cell: ({ started }) => started.slice(0, 19).replace("T", " ") },
  { title: "WHAT", cell: ({ plan }) => plan.purpose },
  { title: "STATE", cell: ({ state }) => state },
  { title: "BY", flexible: true, cell: ({ user, host }) => `${user}@${host}` },
  { title: "CREATED", align: "right", cell: (deployment) => count(deployment, "created") },
  { title: "REPLACED", align: "right", cell: (deployment) => count(deployment, "replaced") },
  { title: "DELETED", align: "right", cell: (deployment) => count(deployment, "deleted") },
];

/** What it has really done; `?` where its record, of an earlier version, does not tell. */
function count({ steps }: Deployment, effect: string): string {
  if (steps.some((step) => step.effect === undefined)) return "?";
  return String(steps.filter((step) => step.kind !== "schedule" && step.effect === effect).length);
}

async function history(options: HistoryOptions, context: CliContext): Promise<void> {
  const { listDeployments, loadDeployment } = await import("@lava/framework");
  const project = await openCurrentProject(context);
  await withEnvironmentRealm(project, options, context, async (realm) => {
    const ids = await listDeployments(realm, project.id, options.env);
    const deployments = await Promise.all(
      ids.map((id) => loadDeployment(realm, project.id, options.env, id)),
    );
    if (options.json) printJson(context.stdout, deployments.map(summary));
    else if (deployments.length === 0) printLine(context.stdout, "no deployments are kept");
    else printTable(context.stdout, columns, deployments);
  });
}

/** A deployment without the items that it replaced. */
function summary(deployment: Deployment): object {
  const { plan, id, state, started, finished, user, host, steps } = deployment;
  const changes = [
    ...plan.items.map(({ action, kind, id }) => ({ action, kind, id })),
    ...plan.payloads.map(({ action, key }) => ({ action, kind: "payload", id: key })),
  ];
  const { purpose, env, realm } = plan;
  return { id, purpose, env, realm, state, started, finished, user, host, changes, steps };
}
