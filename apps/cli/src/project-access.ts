import { LavaError, nullLogger } from "@lava/core";
import { formatIssue } from "@lava/core";
import type { AwsLookup, Finding, Project, RealmInfo, SqlLookup } from "@lava/framework";
import type { Realm } from "@lava/realm";
import type { Command } from "commander";
import type { CliContext } from "./command.ts";
import { devFolder, findProject, loadDevRealm } from "./dev/dev-folder.ts";
import { printLine, styles } from "./output.ts";
import { findRealm, type RealmTarget } from "./realm-access.ts";
import { sqlLookup, sqlOfEnvironment } from "./sql-lookup.ts";

/** Options of every command on an environment of a project. */
export interface ProjectOptions {
  readonly env: string;
  readonly dev?: boolean;
  readonly profile?: string;
}

/**
 * Adds `--env`, and where the realm is.
 *
 * @param knowsItself Whether these arguments say which environment is meant, as a saved plan does
 */
export function addProjectOptions(
  command: Command,
  context: CliContext,
  knowsItself: (args: readonly string[]) => boolean = () => false,
): Command {
  return command
    .option(
      "-e, --env <name>",
      "environment: the name of a file of config/ (default with --dev: that of lava dev)",
    )
    .option("--dev", "the realm that lava dev runs for this project, not AWS")
    .option("--profile <name>", "AWS profile")
    .hook("preAction", async (_program, action) => {
      const { env, dev } = action.opts<Partial<ProjectOptions>>();
      if (env === undefined && !knowsItself(action.args))
        action.setOptionValue("env", await environmentOfDev(dev === true, context));
    });
}

async function environmentOfDev(dev: boolean, context: CliContext): Promise<string> {
  const project = findProject(context.cwd);
  const realm = dev && project !== undefined ? await loadDevRealm(devFolder(project)) : undefined;
  if (realm !== undefined) return realm.environment;
  if (dev && project !== undefined) {
    throw new LavaError("NO_DEV_REALM", "This project has no dev realm", {
      hint: "Start it with `lava dev up`.",
      kind: "usage",
    });
  }
  const { environments } = await openCurrentProject(context);
  throw new LavaError("BAD_OPTIONS", "Which environment? Give --env NAME", {
    kind: "usage",
    hint: `Environments of this project: ${environments.join(", ")}. Or --dev for the dev realm.`,
  });
}

/** The project that the user stands in. */
export async function openCurrentProject(context: CliContext): Promise<Project> {
  const { openProject, withPlugins } = await import("@lava/framework");
  const project = await openProject(context.cwd, {
    clock: context.clock,
    environ: context.env,
    sql: sqlOfEnvironment(context),
  });
  if (project.pluginNames.length === 0) return project;
  const { loadProjectPlugins } = await import("./project-plugins.ts");
  return withPlugins(project, await loadProjectPlugins(project));
}

/** The realm of an environment: in AWS, or with `--dev` the dev realm if it is this one. */
export async function environmentTarget(
  realm: string,
  options: ProjectOptions,
  context: CliContext,
): Promise<RealmTarget> {
  if (options.dev !== true) return await findRealm({ ...options, dev: false, realm }, context);
  const target = await findRealm({ dev: true }, context);
  if (target.realm !== realm) {
    throw new LavaError(
      "WRONG_DEV_REALM",
      `The dev realm is ${target.realm}, and environment ${options.env} is for realm ${realm}`,
      {
        hint: `Start the other one with \`lava dev down\` and \`lava dev up --env ${options.env}\`.`,
      },
    );
  }
  return target;
}

/** Without any AWS, the realm of `lava dev` may have been meant. */
async function orDevRealm(error: unknown, realm: string, context: CliContext): Promise<unknown> {
  if (!(error instanceof LavaError) || error.code !== "AWS_NO_REGION") return error;
  const project = findProject(context.cwd);
  const dev = project === undefined ? undefined : await loadDevRealm(devFolder(project));
  if (dev?.realm !== realm) return error;
  return new LavaError(error.code, error.message, {
    cause: error,
    hint: "Set AWS_REGION and credentials, or give --dev for the dev realm of this project.",
  });
}

/** Opens the realm of an environment for the time of `use`. */
export async function withEnvironmentRealm<T>(
  project: Project,
  options: ProjectOptions,
  context: CliContext,
  use: (realm: Realm) => Promise<T>,
): Promise<T> {
  const { loadEnvironment } = await import("@lava/framework");
  const environment = await loadEnvironment(project, options.env);
  const target = await environmentTarget(environment.realm, options, context);
  const { createAwsClients, openRealm } = await import("@lava/realm");
  await using clients = createAwsClients(target.settings);
  const realm = await openRealm(target.realm, {
    clients,
    env: target.env,
    clock: context.clock,
    logger: nullLogger,
  }).catch(async (error: unknown) => {
    throw await orDevRealm(error, target.realm, context);
  });
  return await use(realm);
}

/** What templates and checks are told of an open realm. */
export async function realmInfoOf(realm: Realm): Promise<RealmInfo> {
  const workers = await realm.listWorkers();
  const { endpoint } = realm.clients.settings;
  return {
    record: realm.record.raw,
    ...(endpoint === undefined ? {} : { endpoint }),
    workers,
    aws: awsOfRealm(realm),
    sql: sqlOfRealm(realm),
  };
}

/** Where the templates of a build ask who calls AWS: where the realm is. */
export function awsOfRealm(realm: Realm): AwsLookup {
  const { settings } = realm.clients;
  const { region, endpoint, credentials, profile } = settings;
  return {
    key: JSON.stringify([region, endpoint, credentials?.accessKeyId, profile]),
    async identity() {
      const { callerIdentity, createAwsClients } = await import("@lava/realm");
      // The realm may be closed by then.
      await using clients = createAwsClients(settings);
      return await callerIdentity(clients);
    },
  };
}

/** Where the templates of a build find database connections: where the realm is. */
export function sqlOfRealm({ clients: { settings }, clock }: Realm): SqlLookup {
  return sqlLookup(async () => settings, { env: {}, clock });
}

/** Findings on stderr, errors in red. */
export function printFindings(findings: readonly Finding[], context: CliContext): void {
  const style = styles(context.stderr);
  for (const finding of findings) {
    const label = finding.severity === "error" ? style.red("error") : style.yellow("warning");
    printLine(context.stderr, `${label}: ${formatIssue(finding)}`);
  }
}
