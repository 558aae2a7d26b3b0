import { LavaError, errorText, isMap } from "@lava/core";
import type { EnvironmentOptions, JobContext } from "./handler.ts";
import { makeTempDir } from "./job-tmpdir.ts";
import type { RunServices } from "./run-services.ts";

/**
 * The environment of a job's processes, later ones winning: the worker's own, the job's `env`, the handler's, the
 * LAVA_ variables, TMPDIR, the connections (WK-120 to WK-126).
 */
export async function jobEnvironment(
  options: EnvironmentOptions,
  context: JobContext,
  services: RunServices,
  epoch: number,
): Promise<Record<string, string>> {
  const { job, realm } = context;
  const { s3_key } = realm.record;
  const isPrivate = options.privateTmpdir === true && realm.config.JOB_LOCAL_TMPDIR;
  return {
    ...definedOnly(services.env),
    ...renderEnvironment(options, context),
    ...options.extras,
    LAVA_REALM: realm.name,
    LAVA_WORKER: job.worker,
    LAVA_OWNER: job.owner,
    LAVA_JOB_ID: job.job_id,
    LAVA_RUN_ID: job.run_id,
    ...(s3_key === undefined ? {} : { LAVA_S3_KEY: s3_key }),
    // Higher after each takeover of the run: what a payload needs to fence its own writes (design 5).
    LAVA_EPOCH: String(epoch),
    ...(isPrivate ? { TMPDIR: await makeTempDir(context.tmpdir, ".lava.", ".tmp") } : {}),
    ...(await connectionVariables(options, context, services)),
  };
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) result[name] = value;
  return result;
}

/** The job's `env`: templates, which must be text (WK-125). */
function renderEnvironment(
  { env = {}, jinja = true, vars = {} }: EnvironmentOptions,
  context: JobContext,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (typeof value !== "string") {
      throw new LavaError(
        "BAD_ENVIRONMENT",
        `Bad environment variable: ${name}: must be a string`,
        {
          hint: "Write the value in quotes.",
          retry: "never",
        },
      );
    }
    try {
      result[name] = jinja
        ? context.render(value, { vars }, { path: ["parameters", "env", name] })
        : value;
    } catch (error) {
      throw new LavaError(
        "BAD_ENVIRONMENT",
        `Bad environment variable: ${name}: ${errorText(error)}`,
        { cause: error },
      );
    }
  }
  return result;
}

/** LAVA_CONNID_<LABEL> and LAVA_CONN_<LABEL> for each connection (WK-126). */
async function connectionVariables(
  { connections = {} }: EnvironmentOptions,
  context: JobContext,
  services: RunServices,
): Promise<Record<string, string>> {
  if (!isMap(connections)) {
    throw new LavaError("BAD_CONNECTIONS", "connections parameter must be a map", {
      retry: "never",
    });
  }
  const result: Record<string, string> = {};
  for (const [label, conn_id] of Object.entries(connections)) {
    if (!/^[\p{L}\p{N}_]+$/u.test(label) || typeof conn_id !== "string") {
      throw new LavaError("BAD_CONNECTIONS", `Bad connection label: ${label}`, { retry: "never" });
    }
    const name = label.toUpperCase();
    result[`LAVA_CONNID_${name}`] = conn_id;
    result[`LAVA_CONN_${name}`] = await services.connectionCommand(
      conn_id,
      context.tmpdir,
      context,
    );
  }
  return result;
}
