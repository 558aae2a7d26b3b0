import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { nullLogger } from "@lava/core";
import { loadEnvironment } from "@lava/framework";
import { startLocalAws } from "@lava/local-aws";
import { createAwsClients, openRealm, type Realm } from "@lava/realm";
import { loadPlugins, startWorker } from "@lava/worker";
import type { CliContext } from "./command.ts";
import { deployProject } from "./dev/dev-realm.ts";
import { createProgress } from "./progress.ts";
import { openCurrentProject } from "./project-access.ts";

/**
 * Makes a realm in a temporary folder, deploys the project that the user stands in, and serves its queues in this
 * process for the time of `use`. Nothing is left behind.
 */
export async function runLocally(
  environmentName: string,
  context: CliContext,
  quiet: boolean,
  use: (realm: Realm) => Promise<void>,
): Promise<void> {
  const project = await openCurrentProject(context);
  const environment = await loadEnvironment(project, environmentName);
  const progress = createProgress(context.stderr, quiet || context.stderr.isTTY !== true);
  const folder = await mkdtemp(join(tmpdir(), "lava-run-"));
  try {
    await using aws = await startLocalAws({ dataDir: join(folder, "aws") });
    const env = {
      ...context.env,
      ...aws.environment,
      AWS_SESSION_TOKEN: undefined,
      AWS_PROFILE: undefined,
      PATH: [dirname(process.execPath), context.env["PATH"]].join(delimiter),
      LAVA_TMPDIR: join(folder, "tmp"),
      LAVA_REALM: environment.realm,
    };
    await using clients = createAwsClients({
      region: aws.region,
      endpoint: aws.endpoint,
      credentials: aws.credentials,
    });
    const { workers } = await deployProject(project, environmentName, environment.realm, clients, {
      env,
      context,
      progress,
    });
    progress.done();
    const realm = await openRealm(environment.realm, {
      clients,
      env,
      clock: context.clock,
      logger: nullLogger,
    });
    await using running = new AsyncDisposableStack();
    const plugins = await loadPlugins(project.pluginNames, { from: project.dir });
    for (const worker of workers)
      running.use(await startWorker({ realm, worker, threads: 1, wait: 1, env, plugins }));
    await use(realm);
  } finally {
    progress.done();
    await rm(folder, { recursive: true, force: true });
  }
}
