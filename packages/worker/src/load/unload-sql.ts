import type { SqlClient } from "@lava/connectors";
import { errorText, LavaError } from "@lava/core";
import { badOption } from "./load-options.ts";

/** One relation to be unloaded. */
export interface Unload {
  readonly schema: string;
  readonly relation: string;
  readonly bucket: string;
  /** Rendered. */
  readonly prefix: string;
  /** Rendered, without the word WHERE. */
  readonly where: string | undefined;
  readonly dateformat: string | undefined;
  /** Options, ready to be used. */
  readonly options: readonly string[];
}

/** The options of UNLOAD that a job may use (JOB-redshift_unload-03). */
export const unloadOptions = [
  ...["ADDQUOTES", "ALLOWOVERWRITE", "BZIP2", "CLEANPATH", "CSV", "DELIMITER", "ENCRYPTED"],
  ...["ESCAPE", "EXTENSION", "FIXEDWIDTH", "FORMAT", "GZIP", "HEADER", "JSON", "KMS_KEY_ID"],
  ...["MANIFEST", "MAXFILESIZE", "NULL", "PARALLEL", "PARQUET", "PARTITION", "ROWGROUPSIZE"],
  "ZSTD",
];

/** The statement UNLOAD for a relation, as a function of the credentials in it (JOB-redshift_unload-05, 06, 13). */
export async function unloadSql(
  unload: Unload,
  client: SqlClient,
  signal: AbortSignal,
): Promise<(authorization: string) => string> {
  const { bucket, options, prefix, relation, schema, where } = unload;
  const columns = await selectedColumns(unload, client, signal);
  const condition = where ? ` WHERE ${where.replaceAll("'", String.raw`\'`)}` : "";
  const query = `SELECT ${columns} FROM "${schema}"."${relation}"${condition}`;
  return (authorization) =>
    [`UNLOAD ('${query}')`, `TO 's3://${bucket}/${prefix}'`, authorization, ...options]
      .join(" ")
      .concat(";");
}

/** All columns; each by its name where dates are to be formatted. */
async function selectedColumns(
  { dateformat, relation, schema }: Unload,
  client: SqlClient,
  signal: AbortSignal,
): Promise<string> {
  if (!dateformat) return "*";
  const found = await client.query(
    "SELECT column_name, LOWER(data_type) AS data_type FROM svv_columns WHERE table_catalog = CURRENT_DATABASE() AND table_schema = $1 AND table_name = $2 ORDER BY ordinal_position",
    { parameters: [schema, relation], signal },
  );
  if (found.length === 0) {
    throw new LavaError("NO_SUCH_TABLE", `Cannot get column info for ${schema}.${relation}`);
  }
  const columns = found.map((row) => {
    const [name, type] = Object.values(row).map(String);
    return { name: name ?? "", isDate: type === "date" };
  });
  if (!columns.some(({ isDate }) => isDate)) return "*";
  return columns
    .map(({ name, isDate }) =>
      isDate ? String.raw`to_char("${name}", \'${dateformat}\') AS "${name}"` : `"${name}"`,
    )
    .join(", ");
}

/** An option as it goes into the statement: PARTITION is rendered, or looked up (JOB-redshift_unload-04). */
export async function unloadOption(
  option: string,
  { schema, relation }: Pick<Unload, "schema" | "relation">,
  client: SqlClient,
  render: (text: string) => string,
): Promise<string> {
  const [, word = "", rest = ""] = /^\s*(\S+)\s*(.*)$/s.exec(option) ?? [];
  if (word.toUpperCase() !== "PARTITION") return option;
  if (rest === "") throw badOption("PARTITION option requires argument(s)");
  const [, metaSchema, metaRelation] = /^BY\s+@\s*([^.]+)\.([^.]+?)\s*$/i.exec(rest) ?? [];
  if (metaSchema === undefined || metaRelation === undefined) return render(option);
  const where = `${metaSchema}.${metaRelation} for ${schema}.${relation}`;
  const fault = (why: string, cause?: unknown): LavaError =>
    new LavaError("NO_PARTITIONS", `Cannot get partition info from ${where}: ${why}`, { cause });
  const rows = await client
    .query(
      `SELECT partitions FROM "${metaSchema}"."${metaRelation}" WHERE schema_name = $1 AND rel_name = $2`,
      { parameters: [schema.toLowerCase(), relation.toLowerCase()] },
    )
    .catch((error: unknown) => {
      throw fault(errorText(error), error);
    });
  const text = rows[0]?.["partitions"];
  if (typeof text !== "string") throw fault("Not found");
  const names = text.split(",").map((name) => `"${name.trim()}"`);
  return `PARTITION BY (${names.join(",")})`;
}
