import { checkBucketSecurity, connectSql, s3AccessKeys, type SqlClient } from "@lava/connectors";
import { errorText, formatLocalTime, LavaError } from "@lava/core";
import { defineHandler, type Job, type JobContext } from "../handler.ts";
import { readLoadOptions } from "../load/load-options.ts";
import { redshiftAuthorization } from "../load/redshift-target.ts";
import { unloadOption, unloadOptions, unloadSql } from "../load/unload-sql.ts";

/** What became of one relation (JOB-redshift_unload-12). */
interface UnloadResult {
  readonly schema: string;
  readonly relation: string;
  readonly bucket: string;
  prefix: string;
  readonly ts_start: string;
  sql?: string;
  ts_finish?: string;
  /** Whole seconds. */
  duration?: number;
  status?: "complete" | "failed";
  error?: string;
}

/** `redshift_unload`: unloads relations of Redshift into S3 (JOB-redshift_unload-01..13). */
export const redshift_unload = defineHandler({
  type: "redshift_unload",
  async run(job, context) {
    const { args, bucket, conn_id, insecure, key, s3_conn_id, s3_iam_role } = job.parameters;
    const { logger, realm } = context;
    if (key !== undefined) {
      const warning = "Deprecation warning: key parameter should be replaced by prefix";
      logger.warn({}, `${job.job_id}: ${warning}`);
    }
    readLoadOptions(args, unloadOptions, "UNLOAD");
    const opening = { realm, job_id: job.job_id, env: context.env, tmpdir: context.tmpdir };
    const keys =
      s3_iam_role === undefined && s3_conn_id !== undefined
        ? await s3AccessKeys(s3_conn_id, opening)
        : undefined;
    if (insecure) logger.warn({}, `${realm.name}@${job.job_id}: Possible insecure redshift_unload`);
    else await checkBucketSecurity(realm.clients, bucket);
    const unloads: UnloadResult[] = [];
    const failures: string[] = [];
    try {
      await using client = await connectSql(conn_id, opening);
      const authorization = redshiftAuthorization(s3_iam_role, keys);
      await unloadAll({ job, context, client, authorization, unloads, failures });
    } catch (thrown) {
      context.signal.throwIfAborted();
      const error: unknown = thrown instanceof SuppressedError ? thrown.suppressed : thrown;
      const text = errorText(error);
      throw new LavaError("UNLOAD_FAILED", `Unload failed: ${text}`, {
        cause: error,
        data: { exit_status: 1, unloads, error: text },
      });
    }
    if (failures.length > 0) {
      throw new LavaError("UNLOAD_FAILED", `${failures.length} unloads failed`, {
        data: { exit_status: 0, unloads, failures },
      });
    }
    if (unloads.length > 0) return { exit_status: 0, unloads };
    const { start } = job.parameters;
    throw new LavaError("UNLOAD_FAILED", "No unloads were attempted", {
      retry: "never",
      ...(start === undefined ? {} : { data: { start } }),
    });
  },
});

interface UnloadRun {
  readonly job: Job<"redshift_unload">;
  readonly context: JobContext;
  readonly client: SqlClient;
  readonly authorization: string;
  readonly unloads: UnloadResult[];
  readonly failures: string[];
}

async function unloadAll(run: UnloadRun): Promise<void> {
  const { job, context, unloads, failures } = run;
  const { relation: given, schema, start, stop_on_fail } = job.parameters;
  const relations = typeof given === "string" ? [given] : given;
  // Compared in lower case, so that it has to be given in lower case (JOB-redshift_unload-10).
  const first = start ? relations.findIndex((name) => name.toLowerCase() === start) : 0;
  for (const relation of first < 0 ? [] : relations.slice(first)) {
    context.signal.throwIfAborted();
    const began = context.clock.now();
    const result: UnloadResult = {
      schema,
      relation,
      bucket: job.parameters.bucket,
      prefix: job.parameters.prefix ?? job.parameters.key ?? "",
      ts_start: formatLocalTime(began),
    };
    result.prefix = renderPrefix(result, run);
    try {
      await unloadOne(result, run);
    } catch (error) {
      context.signal.throwIfAborted();
      unloads.push({ ...result, status: "failed", error: errorText(error) });
      if (stop_on_fail) throw error;
      context.logger.warn({}, `Unload of ${schema}.${relation} failed: ${errorText(error)}`);
      failures.push(relation);
      continue;
    }
    const ended = context.clock.now();
    const duration = Math.round((ended - began) / 1000);
    unloads.push({ ...result, ts_finish: formatLocalTime(ended), duration, status: "complete" });
  }
}

function renderPrefix(
  { prefix, relation, schema }: UnloadResult,
  { job, context }: UnloadRun,
): string {
  try {
    const extra = { vars: job.parameters.vars, schema, relation };
    const rendered = context.render(prefix, extra, { path: ["parameters", "prefix"] });
    if (rendered.includes("'")) throw new Error("Single quote not allowed in S3 prefix");
    return rendered;
  } catch (error) {
    const message = `Bad prefix parameter: ${errorText(error)}`;
    throw new LavaError("BAD_PREFIX", message, { cause: error, retry: "never" });
  }
}

async function unloadOne(result: UnloadResult, run: UnloadRun): Promise<void> {
  const { job, context, client, authorization } = run;
  const { args, dateformat, vars, where } = job.parameters;
  const { relation, schema } = result;
  const render = (text: string, ...path: readonly (string | number)[]): string =>
    context.render(text, { vars, schema, relation }, { path: ["parameters", ...path] });
  const options: string[] = [];
  for (const [index, arg] of args.entries()) {
    options.push(await unloadOption(arg, result, client, (text) => render(text, "args", index)));
  }
  const sql = await unloadSql(
    {
      ...result,
      where: where ? render(where, "where") : undefined,
      dateformat,
      options,
    },
    client,
    context.signal,
  );
  result.sql = sql("{authorization}");
  await client.execute(sql(authorization), { signal: context.signal });
}
