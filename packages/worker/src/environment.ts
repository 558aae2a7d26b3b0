import { LavaError, errorText, fnmatch, isMap } from "@lava/core";
import type { RealmConfig } from "@lava/spec";
import type { EnvironmentOptions, JobContext } from "./handler.ts";
import { makeTempDir } from "./job-tmpdir.ts";
import { repeatableRunId } from "./run-ids.ts";
import type { RunInput } from "./run-input.ts";
import type { RunServices } from "./run-services.ts";

/**
 * The environment of a job's processes, later ones winning: the worker's own, the job's `env`, the handler's, the
 * LAVA_ variables, TMPDIR, the connections (WK-120 to WK-126).
 */
export async function jobEnvironment(
  options: EnvironmentOptions,
  context: JobContext,
  services: RunServices,
  { epoch, work }: Pick<RunInput, "epoch" | "work">,
): Promise<Record<string, string>> {
  const { job, realm } = context;
  const { s3_key } = realm.record;
  const isPrivate = options.privateTmpdir === true && realm.config.JOB_LOCAL_TMPDIR;
  return {
    ...baseEnvironment(options.base ?? "worker", services.env, realm.config),
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
    // The same after a takeover, in each retry, and in each retry of a parent; another one for each child and each turn
    // of a foreach.
    LAVA_IDEMPOTENCY_KEY: repeatableRunId(job.run_id, work, job.job_id),
    ...(isPrivate ? { TMPDIR: await makeTempDir(context.tmpdir, ".lava.", ".tmp") } : {}),
    ...(await connectionVariables(options, context, services)),
  };
}

/** Variables of the worker that its jobs see. */
function baseEnvironment(
  base: "worker" | "container",
  env: RunServices["env"],
  { JOB_ENV_MODE, JOB_ENV_BLOCK }: RealmConfig,
): Record<string, string> {
  const isLocal = Object.keys(env).some((name) => name.startsWith("AWS_ENDPOINT_URL"));
  const blocked = (JOB_ENV_BLOCK ?? "").split(/[\s,]+/).filter((pattern) => pattern !== "");
  const isSeen = (name: string): boolean => {
    if (blocked.some((pattern) => fnmatch(name, pattern))) return false;
    // Where AWS is an endpoint of this machine, there is no other way to its credentials.
    if (base === "container")
      return name.startsWith("LAVA_") || (isLocal && name.startsWith("AWS_"));
    return JOB_ENV_MODE !== "isolated" || ESSENTIAL.test(name);
  };
  return definedOnly(Object.fromEntries(Object.entries(env).filter(([name]) => isSeen(name))));
}

/** What an isolated job still has of the worker: the machine's, and where AWS is, without credentials. */
const ESSENTIAL =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|LD_LIBRARY_PATH|AWS_ENDPOINT_URL\w*|AWS_REGION|AWS_DEFAULT_REGION|AWS_CA_BUNDLE|(?:https?|no|all)_proxy|(?:HTTPS?|NO|ALL)_PROXY)$/;

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
    if (name === "" || /[=\0]/.test(name)) {
      const text = `Bad environment variable: ${JSON.stringify(name)}: illegal environment variable name`;
      throw new LavaError("BAD_ENVIRONMENT", text, { retry: "never" });
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
