import { readFile, rm } from "node:fs/promises";
import { delimiter, dirname } from "node:path";
import { isMap, LavaError, nullLogger } from "@lava/core";
import type { BuildResult, DeployResult, Plan, Project } from "@lava/framework";
import type { AwsClients, AwsSettings, Realm } from "@lava/realm";
import * as z from "zod";
import type { CliContext } from "../command.ts";
import { isEmptyPlan } from "../plan-text.ts";
import { programArgv } from "../programs.ts";
import type { Progress } from "../progress.ts";
import { awsOfRealm, sqlOfRealm } from "../project-access.ts";
import {
  type BackgroundProcess,
  listBackground,
  startBackground,
  stopBackground,
} from "./background.ts";
import { type DevFolder, loadDevRealm, saveDevRealm } from "./dev-folder.ts";
import { installFunctions } from "./dev-functions.ts";
import { lockDevFolder } from "./dev-lock.ts";
import type { DevRealm } from "./dev-realm-record.ts";
import { connectBuckets } from "./trigger-buckets.ts";

/** Options of {@link startDevRealm}. */
export interface StartOptions {
  readonly environment: string;
  /** 0 for the port of the last time, or a free one. */
  readonly port: number;
  readonly threads: number;
  readonly progress: Progress;
}

/** What `lava dev up` has brought up. */
export interface StartedRealm {
  readonly realm: DevRealm;
  readonly plan: Plan;
  readonly deployed: DeployResult | undefined;
  readonly build: BuildResult;
}

const ready = z.object({
  endpoint: z.string(),
  port: z.number(),
  region: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
});

const AWS = "aws";

/** Starts what is not running yet: the endpoint, the realm in it, the project deployed, its workers. Safe to repeat. */
export async function startDevRealm(
  project: Project,
  folder: DevFolder,
  options: StartOptions,
  context: CliContext,
): Promise<StartedRealm> {
  const { loadEnvironment } = await import("@lava/framework");
  const environment = await loadEnvironment(project, options.environment);
  using _lock = await lockDevFolder(folder, context, () => {
    options.progress.step("waiting for another lava dev command");
  });
  const known = await loadDevRealm(folder);
  const running = (await listBackground(folder)).filter((entry) => entry.running);
  if (known && running.length > 0 && known.environment !== options.environment) {
    throw new LavaError(
      "DEV_REALM_RUNNING",
      `The dev realm runs environment ${known.environment}`,
      {
        hint: "Stop it first with `lava dev down`.",
      },
    );
  }
  const base: DevRealm = {
    ...(await startEndpoint(folder, known, options, context)),
    realm: environment.realm,
    environment: options.environment,
    workers: known?.workers ?? [],
  };
  if (known !== undefined && known.endpoint !== base.endpoint) await stopWorkers(folder, context);
  await saveDevRealm(folder, base);

  const { createAwsClients } = await import("@lava/realm");
  await using clients = createAwsClients(settingsOf(base));
  options.progress.step("functions");
  // Before what is deployed: rules ask whether the functions that they call are there.
  await installFunctions(environment.realm, clients);
  const { realm, build, plan, deployed, workers } = await deployProject(
    project,
    options.environment,
    environment.realm,
    clients,
    {
      env: context.env,
      context,
      progress: options.progress,
    },
  );
  options.progress.step("buckets");
  await connectBuckets(realm);
  const started = { ...base, realm: realm.name, workers };
  await saveDevRealm(folder, started);
  for (const worker of workers) {
    await startWorkerProcess(folder, started, { worker, project }, options, context);
  }
  if (hasSchedules(build)) await startSchedulerProcess(folder, started, options, context);
  return { realm: started, plan, deployed, build };
}

/** Builds a project and deploys it into a realm that is made where it is missing. */
export async function deployProject(
  project: Project,
  environment: string,
  realmName: string,
  clients: AwsClients,
  use: {
    readonly env: CliContext["env"];
    readonly context: CliContext;
    readonly progress: Progress;
  },
): Promise<{
  realm: Realm;
  build: BuildResult;
  plan: Plan;
  deployed: DeployResult | undefined;
  workers: string[];
}> {
  const { createRealmResources, openRealm } = await import("@lava/realm");
  const { buildProject, deployPlan, planDeployment } = await import("@lava/framework");
  const { context, progress } = use;
  progress.step(`realm ${realmName}`);
  const bucket = `lava-${realmName}`;
  await createRealmResources(clients, { realm: realmName, workers: [], bucket });
  const realm = await openRealm(realmName, {
    clients,
    env: use.env,
    clock: context.clock,
    logger: nullLogger,
  });
  const build = await buildProject(project, {
    env: environment,
    realmInfo: {
      record: realm.record.raw,
      endpoint: clients.settings.endpoint,
      aws: awsOfRealm(realm),
      sql: sqlOfRealm(realm),
    },
    onProgress: ({ done, total, output }) => {
      progress.step(`building ${done}/${total} ${output}`);
    },
  });
  const workers = workersOf(build);
  await createRealmResources(clients, { realm: realmName, workers, bucket });
  // Images are in this machine's engine already, under the names that their jobs have for them.
  const plan = await planDeployment({ ...build, images: [] }, realm, { prune: true });
  if (isEmptyPlan(plan)) return { realm, build, plan, deployed: undefined, workers };
  const deployed = await deployPlan(plan, realm, {
    by: { user: project.host.user, host: project.host.hostname },
    signal: context.signal,
    onProgress: ({ done, total, step }) => {
      progress.step(`deploying ${done}/${total} ${step.kind} ${step.id}`);
    },
  });
  return { realm, build, plan, deployed, workers };
}

/** The workers that the built jobs name. */
function workersOf(build: BuildResult): string[] {
  const names = build.items.flatMap(({ kind, data }) =>
    kind === "job" && isMap(data) && typeof data["worker"] === "string" ? [data["worker"]] : [],
  );
  return [...new Set(names)].sort();
}

/** Whether any of the built jobs is to run by itself: only then a scheduler is of use. */
function hasSchedules(build: BuildResult): boolean {
  return build.items.some(
    ({ kind, data }) =>
      kind === "job" &&
      isMap(data) &&
      typeof data["dispatcher"] === "string" &&
      !["", "--"].includes(data["dispatcher"]),
  );
}

async function startEndpoint(
  folder: DevFolder,
  known: DevRealm | undefined,
  options: StartOptions,
  context: CliContext,
): Promise<Omit<DevRealm, "realm" | "environment" | "workers">> {
  const processes = await listBackground(folder);
  if (known && processes.some(({ name, running }) => name === AWS && running)) {
    if (options.port === 0 || options.port === known.port) return known;
    throw new LavaError("DEV_REALM_RUNNING", `The dev realm runs at port ${known.port}`, {
      hint: "Stop it first with `lava dev down`.",
    });
  }
  options.progress.step("AWS endpoint");
  const start = (port: number): Promise<Readonly<Record<string, unknown>>> =>
    startBackground(
      folder,
      {
        name: AWS,
        argv: [...programArgv("aws"), folder.data, String(port)],
        env: context.env,
        cwd: folder.project,
      },
      context.clock,
    );
  // The port of the last time keeps queue URLs and exported variables true; another program may have it now.
  if (options.port === 0 && known !== undefined) {
    try {
      return ready.parse(await start(known.port));
    } catch (error) {
      if (!(error instanceof LavaError && error.code === "PORT_IN_USE")) throw error;
    }
  }
  return ready.parse(await start(options.port));
}

async function startWorkerProcess(
  folder: DevFolder,
  realm: DevRealm,
  { worker, project }: { readonly worker: string; readonly project: Project },
  options: StartOptions,
  context: CliContext,
): Promise<void> {
  const name = `worker-${worker}`;
  const key = project.plugins?.key;
  const processes = await listBackground(folder);
  const running = processes.find((entry) => entry.name === name && entry.running);
  if (running !== undefined) {
    if (running.key === key) return;
    // Modules that a process has loaded stay as they were.
    options.progress.step(`worker ${worker}: plug-ins have changed`);
    await stopBackground(folder, running, context.clock, 15_000);
  }
  options.progress.step(`worker ${worker}`);
  const argv = [...programArgv("worker"), "--realm", realm.realm, "--worker", worker];
  argv.push("--threads", String(options.threads), "--no-color", "--root");
  const { pluginNames } = project;
  // An own LAVA_PLUGIN_PATH of the user's wins.
  const plugins = pluginNames.length === 0 ? {} : { LAVA_PLUGIN_PATH: pluginNames.join(":") };
  await startBackground(
    folder,
    {
      name,
      argv,
      env: { ...plugins, ...devEnvironment(realm, context.env), LAVA_TMPDIR: folder.tmp },
      cwd: folder.project,
      key,
    },
    context.clock,
  );
}

async function startSchedulerProcess(
  folder: DevFolder,
  realm: DevRealm,
  options: StartOptions,
  context: CliContext,
): Promise<void> {
  const name = "scheduler";
  const processes = await listBackground(folder);
  if (processes.some((entry) => entry.name === name && entry.running)) return;
  options.progress.step("scheduler");
  await startBackground(
    folder,
    {
      name,
      argv: programArgv("scheduler"),
      env: devEnvironment(realm, context.env),
      cwd: folder.project,
    },
    context.clock,
  );
}

/** The environment of everything that works in the dev realm; payloads find the same Node.js that runs lava. */
export function devEnvironment(
  realm: DevRealm,
  env: CliContext["env"],
): Record<string, string | undefined> {
  return {
    ...env,
    PATH: [dirname(process.execPath), env["PATH"]].join(delimiter),
    AWS_ENDPOINT_URL: realm.endpoint,
    AWS_REGION: realm.region,
    AWS_DEFAULT_REGION: realm.region,
    AWS_ACCESS_KEY_ID: realm.accessKeyId,
    AWS_SECRET_ACCESS_KEY: realm.secretAccessKey,
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
    LAVA_REALM: realm.realm,
  };
}

/** SDK settings of the dev realm. */
export function settingsOf(realm: DevRealm): AwsSettings {
  const { accessKeyId, secretAccessKey, endpoint, region } = realm;
  return { region, endpoint, credentials: { accessKeyId, secretAccessKey } };
}

/** Stops the workers, then the endpoint. @returns what became of each */
export async function stopDevRealm(
  folder: DevFolder,
  context: CliContext,
): Promise<(BackgroundProcess & { readonly outcome: string })[]> {
  using _lock = await lockDevFolder(folder, context);
  return await stopProcesses(folder, context);
}

async function stopProcesses(
  folder: DevFolder,
  context: CliContext,
): Promise<(BackgroundProcess & { readonly outcome: string })[]> {
  const stopped = await stopWorkers(folder, context);
  for (const entry of await listBackground(folder)) {
    stopped.push({ ...entry, outcome: await stopBackground(folder, entry, context.clock, 10_000) });
  }
  return stopped;
}

/** Also done when the endpoint comes up at another port: what runs would go on asking the old one. */
async function stopWorkers(
  folder: DevFolder,
  context: CliContext,
): Promise<(BackgroundProcess & { readonly outcome: string })[]> {
  const workers = (await listBackground(folder)).filter(({ name }) => name !== AWS);
  return await Promise.all(
    workers.map(async (entry) => ({
      ...entry,
      outcome: await stopBackground(folder, entry, context.clock, 15_000),
    })),
  );
}

/** Stops everything and removes every trace of it. */
export async function resetDevRealm(folder: DevFolder, context: CliContext): Promise<void> {
  using _lock = await lockDevFolder(folder, context);
  await stopProcesses(folder, context);
  await rm(folder.root, { recursive: true, force: true });
}

/** The end of a log. */
export async function tailLog(file: string, lines: number): Promise<string[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.split("\n").slice(0, -1).slice(-lines);
}
