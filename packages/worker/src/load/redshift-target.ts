import { type S3AccessKeys } from "@lava/connectors";
import { LavaError } from "@lava/core";
import { s3Uri } from "./load-objects.ts";
import { readLoadOptions } from "./load-options.ts";
import type { LoadTarget, TargetContext } from "./load-target.ts";
import { isRunt } from "./mysql-target.ts";
import { sqlTarget } from "./sql-target.ts";

const OPTIONS = [
  ...["ACCEPTANYDATE", "ACCEPTINVCHARS", "AVRO", "BLANKSASNULL", "BZIP2", "COMPROWS", "COMPUPDATE"],
  ...["CSV", "DATEFORMAT", "DELIMITER", "EMPTYASNULL", "ENCODING", "ENCRYPTED", "ESCAPE"],
  ...["EXPLICIT_IDS", "FILLRECORD", "FIXEDWIDTH", "FORMAT", "GZIP", "IGNOREBLANKLINES"],
  ...["IGNOREHEADER", "JSON", "LZOP", "MANIFEST", "MAXERROR", "NOLOAD", "NULL", "READRATIO"],
  ...["REGION", "REMOVEQUOTES", "ROUNDEC", "SHAPEFILE", "STATUPDATE", "TIMEFORMAT"],
  ...["TRIMBLANKS", "TRUNCATECOLUMNS", "ZSTD"],
];

/** `redshift` and `redshift-serverless`: the cluster reads S3 itself (JOB-db_from_s3-35). */
export function redshiftTarget(host: TargetContext): LoadTarget {
  const { client, context, signal } = host;
  const target = sqlTarget(host, {
    quotes: ['"', '"'],
    placeholder: (position) => `$${position}`,
    tables: { tables: "svv_tables", columns: "svv_columns" },
  });
  return {
    ...target,
    async load(request, events) {
      const { args, columns = [], schema, table, source } = request;
      readLoadOptions(args, OPTIONS);
      const authorization = redshiftAuthorization(request.role, request.keys);
      if (await isRunt(request, context)) {
        events.push(`Skipping runt file ${s3Uri(source)}`);
        return;
      }
      const list = target.columnNames(columns).join(",");
      const sql = (credentials: string): string =>
        [
          `COPY ${target.objectName(schema, table)}${list === "" ? "" : `(${list})`}`,
          `FROM '${s3Uri(source).replaceAll("'", "''")}'`,
          credentials,
          ...args,
        ].join(" ");
      events.push(sql("{authorization}"), `Running COPY command for ${schema}.${table}`);
      await client.execute(sql(authorization), { signal });
      events.push(`Copy to ${schema}.${table} complete`);
    },
  };
}

/**
 * How COPY and UNLOAD are told who may read and write S3 (JOB-db_from_s3-39); a role wins.
 *
 * @throws {LavaError} BAD_S3_AUTHORIZATION
 */
export function redshiftAuthorization(
  role: string | undefined,
  keys: S3AccessKeys | undefined,
): string {
  const bad = (message: string): LavaError =>
    new LavaError("BAD_S3_AUTHORIZATION", message, { retry: "never" });
  const { accessKeyId, secretAccessKey, sessionToken } = keys ?? {};
  const given = [role, accessKeyId, secretAccessKey, sessionToken];
  if (given.some((text) => text?.includes("'"))) {
    throw bad("Bad Redshift authorization component: must not contain quotes");
  }
  if (role) return `IAM_ROLE '${role}'`;
  if (!accessKeyId || !secretAccessKey) throw bad("Either IAM role or access keys required");
  const token = sessionToken ? ` SESSION_TOKEN '${sessionToken}'` : "";
  return `ACCESS_KEY_ID '${accessKeyId}' SECRET_ACCESS_KEY '${secretAccessKey}'${token}`;
}
