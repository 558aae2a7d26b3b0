import {
  connectSql,
  missingS3Object,
  type S3Location,
  s3AccessKeys,
  s3Region,
  statS3Object,
} from "@lava/connectors";
import { errorText, isTruthy, LavaError, parseSize } from "@lava/core";
import { defineHandler, type Job, type JobContext, type JobResult } from "../handler.ts";
import { loadTable } from "../load/load-table.ts";
import type { LoadTarget, TargetContext } from "../load/load-target.ts";
import { loadTargets } from "../load/load-targets.ts";
import { loadNames } from "../load/table-names.ts";

/** `db_from_s3`: loads an object of S3 into a table (JOB-db_from_s3-01..40). */
export const db_from_s3 = defineHandler({
  type: "db_from_s3",
  async run(job, context) {
    const { jinja, skip_missing, vars } = job.parameters;
    const { realm, logger } = context;
    const text = (name: "bucket" | "key" | "table" | "schema", more: object = {}): string => {
      const given = job.parameters[name];
      return jinja
        ? context.render(given, { vars, ...more }, { path: ["parameters", name] })
        : given;
    };
    const source = { bucket: text("bucket"), key: text("key") };
    if (skip_missing && (await statS3Object(realm.clients, source)) === undefined) {
      // S3 answers the same for a bucket that is not there, which is no data that is late.
      const missing = await missingS3Object(realm.clients, source);
      if (missing.code === "NO_SUCH_BUCKET") throw loadFailed(missing, source);
      logger.info({}, `Object s3://${source.bucket}/${source.key} does not exist - skipping`);
      return { exit_status: 0, ...source, events: ["Skipped missing object"] };
    }
    const names = loadNames(
      { table: text("table", source), schema: text("schema", source) },
      source.key,
      context.clock,
    );
    return await load(job, context, { source, names });
  },
});

interface LoadPlace {
  readonly source: { readonly bucket: string; readonly key: string };
  readonly names: { readonly schema: string; readonly table: string };
}

async function load(
  job: Job<"db_from_s3">,
  context: JobContext,
  { source, names }: LoadPlace,
): Promise<JobResult> {
  const { args, columns, db_conn_id, min_size, mode, s3_conn_id, s3_iam_role } = job.parameters;
  const { realm } = context;
  const opening = { realm, job_id: job.job_id, env: context.env, tmpdir: context.tmpdir };
  const keys = s3_conn_id === undefined ? undefined : await s3AccessKeys(s3_conn_id, opening);
  const makeTarget = await targetOf(db_conn_id, context);
  const events: string[] = [];
  try {
    await using client = await connectSql(db_conn_id, opening);
    const { target } = makeTarget({ client, context, signal: context.signal });
    const request = {
      ...names,
      source,
      args,
      columns: columns?.length === 0 ? undefined : columns,
      minSize: parseSize(min_size),
      keys,
      role: s3_iam_role,
      region: keys?.region ?? (await s3Region(realm)),
    };
    await loadTable(client, target, mode, request, events);
    return { exit_status: 0, ...source, events };
  } catch (thrown) {
    context.signal.throwIfAborted();
    const error: unknown = thrown instanceof SuppressedError ? thrown.suppressed : thrown;
    throw loadFailed(error, source);
  }
}

function loadFailed(error: unknown, source: S3Location): LavaError {
  return new LavaError("LOAD_FAILED", `Copy failed: ${errorText(error)}`, {
    cause: error,
    data: { exit_status: 1, ...source, error: errorText(error) },
    ...(error instanceof LavaError ? { retry: error.retry, hint: error.hint } : {}),
  });
}

/** How the connection's database is loaded. @throws {LavaError} NO_SUCH_CONNECTION, UNSUPPORTED_CONNECTION */
async function targetOf(
  conn_id: string,
  { realm }: JobContext,
): Promise<(host: Omit<TargetContext, "preserveCase">) => { readonly target: LoadTarget }> {
  const connection = await realm.connections.get(conn_id);
  if (connection === undefined) {
    throw new LavaError("NO_SUCH_CONNECTION", `${conn_id}: No such connection`, {
      retry: "never",
    });
  }
  const make = Object.hasOwn(loadTargets, connection.type)
    ? loadTargets[connection.type]
    : undefined;
  if (make === undefined) {
    throw new LavaError(
      "UNSUPPORTED_CONNECTION",
      `db_from_s3 does not support ${connection.type} databases`,
      { retry: "never" },
    );
  }
  const preserveCase = isTruthy(connection.raw["preserve_case"] ?? false);
  return (host) => ({ target: make({ ...host, preserveCase }) });
}
