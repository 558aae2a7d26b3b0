import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DockerClient, ImageReference } from "@lava/connectors";
import { errorText, LavaError } from "@lava/core";
import { defineHandler, type Job, type JobContext } from "../handler.ts";
import { randomName } from "../job-tmpdir.ts";
import { containerLabels, removeEarlierContainers, removeOrphans } from "../orphan-containers.ts";
import { renderWords, splitCommand } from "../programs/command-words.ts";
import { type ContainerEnd, runContainer } from "../programs/container-run.ts";
import {
  containerHostname,
  type ContainerSettings,
  toContainerSettings,
} from "../programs/host-config.ts";
import { keepOutputs } from "../programs/keep-outputs.ts";
import { pullImage } from "../programs/pull-image.ts";
import { tellCuts, timeoutOf } from "../programs/run-program.ts";

/** `docker`: runs a container (JOB-docker-01..16). */
export const docker = defineHandler({
  type: "docker",
  async run(job, context) {
    const { connect, imageName, parseImageReference } = await import("@lava/connectors");
    if (typeof job.payload !== "string") {
      throw new LavaError("BAD_PAYLOAD", "Bad payload: must be string", { retry: "never" });
    }
    const reference = parseImageReference(job.payload);
    const settings = settingsOf(job, context);
    const command = commandOf(job, context);
    const env = await environmentOf(job, context);
    const conn_id = job.parameters.docker ?? context.realm.record.docker;
    if (!conn_id) {
      throw new LavaError(
        "NO_DOCKER_CONNECTION",
        "docker connection ID must be specified at the job or realm level.",
        { retry: "never" },
      );
    }
    let client: DockerClient;
    try {
      client = await connect(conn_id, {
        realm: context.realm,
        type: "docker",
        env: context.env,
        job_id: job.job_id,
        tmpdir: context.tmpdir,
      });
    } catch (cause) {
      throw new LavaError(
        "CANNOT_OPEN_DOCKER",
        `Cannot get docker client: ${errorText(cause)}`,
        cause instanceof LavaError
          ? { cause, retry: cause.retry, ...(cause.hint === undefined ? {} : { hint: cause.hint }) }
          : { cause },
      );
    }
    await using owned = client;
    if (isFirstUse(context, conn_id)) {
      const { realm, logger } = context;
      await removeOrphans(owned, realm, job.worker, logger).catch((error: unknown) => {
        logger.warn({}, `Orphaned containers cannot be looked for: ${errorText(error)}`);
      });
    }
    if (context.fence.epoch > 1) {
      await removeEarlierContainers(owned, job, context.fence, context.logger);
    }
    await pullImage(owned, imageName(reference), reference.repository, context);
    return finish(await start(owned, reference, { command, env, settings }, job, context), context);
  },
});

/** Daemons that were looked at for orphans, by realm: each connection once in the life of a process. */
const lookedAt = new WeakMap<object, Set<string>>();

function isFirstUse({ realm }: JobContext, conn_id: string): boolean {
  const known = lookedAt.get(realm) ?? new Set();
  lookedAt.set(realm, known);
  const isFirst = !known.has(conn_id);
  known.add(conn_id);
  return isFirst;
}

interface Prepared {
  readonly command: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly settings: ContainerSettings;
}

function settingsOf({ parameters, run_id, worker }: Job<"docker">, context: JobContext) {
  return toContainerSettings(parameters.host_config, {
    working_dir: context.tmpdir,
    user: process.geteuid?.() ?? 0,
    group: process.getegid?.() ?? 0,
    hostname: containerHostname(context.realm.name, worker, run_id),
  });
}

/** Without a command the image's own entry point runs, and `args` are ignored (JOB-docker-01). */
function commandOf({ parameters }: Job<"docker">, context: JobContext): string[] | undefined {
  const { command, args, jinja, vars } = parameters;
  if (!command) return undefined;
  const fault = "Bad command or args";
  const field = ["parameters", "command"];
  return renderWords(splitCommand(command), args, context, {
    jinja,
    vars,
    field,
    text: command,
    fault,
  });
}

function environmentOf(job: Job<"docker">, context: JobContext): Promise<Record<string, string>> {
  const { connections, env, jinja, vars } = job.parameters;
  return context.environment({
    base: "container",
    env,
    jinja,
    vars,
    connections,
    extras: {
      LAVA_S3_TMP: context.realm.temp.runUri(job),
      LAVA_S3_PAYLOAD: `${context.realm.record.s3_payloads}/${String(job.payload)}`,
      LAVA_TMP: context.tmpdir,
    },
  });
}

async function start(
  client: DockerClient,
  reference: ImageReference,
  { command, env, settings }: Prepared,
  job: Job<"docker">,
  context: JobContext,
): Promise<ContainerEnd & { readonly file: string }> {
  const { imageName } = await import("@lava/connectors");
  const file = join(context.tmpdir, `tmp${randomName()}.logs`);
  await writeFile(file, "", { mode: 0o600 });
  const spec = {
    name: `lava-${randomUUID()}`,
    image: imageName(reference),
    command,
    env,
    labels: containerLabels(job, context.fence),
    config: settings.config,
    hostConfig: { ...settings.hostConfig, Binds: [`${context.tmpdir}:${context.tmpdir}:rw`] },
  };
  const timeoutSeconds = timeoutOf(job.parameters.timeout, context.config.DOCKER_TIMEOUT);
  const files = [{ file, name: "logs" }];
  const endWatch = context.watchOutput(files);
  try {
    const end = await runContainer(client, spec, { timeoutSeconds, file }, context);
    return { ...end, file };
  } catch (cause) {
    context.signal.throwIfAborted();
    throw new LavaError(
      "CANNOT_RUN_CONTAINER",
      `Cannot run container from image ${reference.repository}: ${errorText(cause)}`,
      { cause },
    );
  } finally {
    tellCuts(await endWatch(), context);
    await keepOutputs(files, context);
  }
}

async function finish(
  { exit_status, error, file }: ContainerEnd & { readonly file: string },
  context: JobContext,
) {
  const output = context.devMode ? undefined : await context.uploadOutput(file, "logs");
  const result = {
    exit_status,
    ...(error === undefined ? {} : { error }),
    ...(output === undefined ? {} : { output }),
  };
  if (exit_status === 0) return result;
  throw new LavaError("PROGRAM_FAILED", `Failed with exit status ${exit_status}`, { data: result });
}
