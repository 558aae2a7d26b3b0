import type { FileTransfer } from "@lava/connectors";
import { errorText, LavaError } from "@lava/core";
import type { Job, JobContext, JobResult } from "./handler.ts";
import { withinTimeout } from "./within-timeout.ts";

/** What smb_get and smb_put name, rendered. */
export interface SmbNames {
  /** Path in the share, without the share. */
  readonly path: string;
  readonly file: string;
  /** `share:path`, for the result. */
  readonly remote: string;
  /** The whole path, as the connection's client has it. */
  readonly full: string;
}

/** Renders the names of a job, unless it says `jinja: false` (JOB-smb_get-02). */
export function smbNames(
  { parameters }: Job<"smb_get" | "smb_put">,
  context: JobContext,
): SmbNames {
  const { jinja, vars, share_name } = parameters;
  const render = (name: "path" | "file"): string =>
    jinja
      ? context.render(parameters[name], { vars }, { path: ["parameters", name] })
      : parameters[name];
  const [path, file] = [render("path"), render("file")];
  return { path, file, remote: `${share_name}:${path}`, full: `/${share_name}/${path}` };
}

/**
 * Opens the connection for the time of one transfer, at most as long as the job may take; a fault carries what
 * the job came to (JOB-smb_get-03).
 */
export async function withShare(
  job: Job<"smb_get" | "smb_put">,
  context: JobContext,
  use: (client: FileTransfer, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { connect } = await import("@lava/connectors");
  const { realm, config, env, tmpdir, signal, clock, killGraceMs } = context;
  const timeout = job.parameters.timeout ?? config.SMB_TIMEOUT;
  try {
    await withinTimeout(timeout, { signal, clock, graceMs: killGraceMs }, async (limited) => {
      const options = { realm, env, tmpdir, job_id: job.job_id, type: "smb" } as const;
      await using client = await connect(job.parameters.conn_id, options);
      await use(client, limited);
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw withResult(cause);
  }
}

function withResult(cause: unknown): LavaError {
  const message = errorText(cause);
  const isTimeout = cause instanceof LavaError && cause.code === "JOB_TIMEOUT";
  const exit_status = isTimeout ? 28 : 1;
  const data: JobResult = { exit_status, output: [{ exit_status }], error: message };
  if (!(cause instanceof LavaError)) {
    return new LavaError("TRANSFER_FAILED", message, { cause, data });
  }
  const { hint, retry } = cause;
  return new LavaError(cause.code, message, {
    cause,
    data,
    retry,
    ...(hint === undefined ? {} : { hint }),
  });
}
