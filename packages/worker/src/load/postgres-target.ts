import { setS3Encoding, type SqlClient } from "@lava/connectors";
import { errorText, LavaError } from "@lava/core";
import { withinTimeout } from "../within-timeout.ts";
import { loadObjects, readObject } from "./load-objects.ts";
import { readLoadOptions } from "./load-options.ts";
import type { LoadRequest, LoadTarget, TargetContext } from "./load-target.ts";
import { type SqlTarget, sqlTarget } from "./sql-target.ts";
import type { LoadNames } from "./table-names.ts";

const OPTIONS = [
  ...["FORMAT", "HEADER", "OIDS", "FREEZE", "DELIMITER", "NULL", "QUOTE", "ESCAPE"],
  ...["FORCE_NOT_NULL", "FORCE_NULL", "ENCODING", "MANIFEST", "GZIP"],
];

const SETTLING_MS = 5000;

/** How a load into PostgreSQL is written. */
interface PostgresLoad {
  readonly target: string;
  readonly columns: readonly string[];
  /** Options of COPY, separated by commas. */
  readonly options: string;
  readonly isManifest: boolean;
  readonly isGzip: boolean;
}

/** `postgres` and `psql`: the object goes from S3 into the database by COPY, as a stream (JOB-db_from_s3-31). What comes
 * before it, truncation included, is of the same transaction: a load that fails leaves all as it was. */
export function postgresTarget(host: TargetContext): LoadTarget {
  const { client, context, signal } = host;
  const target = postgresSql(host);
  return {
    ...target,
    async load(request, events) {
      const load = await readLoad(request, target);
      const list = load.columns.length === 0 ? "" : `(${load.columns.join(",")})`;
      const options = load.options === "" ? "" : ` WITH (${load.options})`;
      const sql = `COPY ${load.target}${list} FROM STDIN${options}`;
      events.push(`Running COPY command(s) for ${request.schema}.${request.table}`);
      events.push(`COPY command: ${sql}`);
      const { clock, config, killGraceMs } = context;
      const limit = { signal, clock, graceMs: killGraceMs };
      for await (const object of loadObjects(request, context, load.isManifest, events)) {
        events.push(`Copying ${object.uri}`);
        const rows = await withinTimeout(config.PG_COPY_TIMEOUT, limit, (limited) =>
          copyIn(client, sql, readObject(object, context, load.isGzip), limited),
        );
        events.push("Copy complete", `COPY ${rows}`);
      }
    },
  };
}

async function copyIn(
  client: SqlClient,
  sql: string,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<number> {
  if (client.copyIn === undefined) {
    throw new LavaError(
      "UNSUPPORTED_CONNECTION",
      `A ${client.dialect} client cannot copy from a stream`,
    );
  }
  const { rowsAffected } = await client.copyIn(sql, source, { signal });
  return rowsAffected;
}

/** `postgres-aurora` and `postgres-rds`: the server reads S3 itself, by its extension (JOB-db_from_s3-30). */
export function postgresRdsTarget(host: TargetContext): LoadTarget {
  const { client, context, signal } = host;
  const target = postgresSql(host);
  const parts = ["target", "columns", "options", "bucket", "key", "region"];
  return {
    ...target,
    async load(request, events) {
      const { keys, region } = request;
      const load = await readLoad(request, target);
      const shown = [...parts, "access_key", "secret_key", "session_token"];
      const sql = `SELECT aws_s3.table_import_from_s3(${shown.map((_, index) => `$${index + 1}`).join(", ")})`;
      events.push(`Running COPY command(s) for ${request.schema}.${request.table}`);
      events.push(
        `COPY command: ${sql} -- ${load.target}(${load.columns.join(",")}) (${load.options})`,
      );
      for await (const { location, uri } of loadObjects(
        request,
        context,
        load.isManifest,
        events,
      )) {
        if (load.isGzip) {
          // The extension unpacks what says in S3 that it is gzip; it may see the word a little later.
          await setS3Encoding(context.realm.clients, location, "gzip");
          await context.clock.sleep(SETTLING_MS, signal);
        }
        events.push(`Copying ${uri}`);
        const values = [load.target, load.columns.join(","), `(${load.options})`];
        const place = [location.bucket, location.key, region];
        const secrets = [keys?.accessKeyId, keys?.secretAccessKey, keys?.sessionToken];
        events.push(
          "Copy complete",
          await importText([...values, ...place, ...secrets.map((text) => text ?? "")]),
        );
      }

      async function importText(parameters: readonly string[]): Promise<string> {
        try {
          const rows = await client.query(sql, { parameters, signal });
          return String(Object.values(rows[0] ?? {})[0] ?? "");
        } catch (error) {
          if (errorText(error).includes(" 0 rows were copied successfully"))
            return "File was empty";
          throw error;
        }
      }
    },
  };
}

function postgresSql(host: TargetContext): SqlTarget {
  return sqlTarget(host, {
    quotes: ['"', '"'],
    placeholder: (position) => `$${position}`,
  });
}

async function readLoad(request: LoadRequest, target: SqlTarget): Promise<PostgresLoad> {
  const { schema, table, args, columns = [] } = request;
  const options = readLoadOptions(args, OPTIONS);
  const isManifest = options.delete("MANIFEST");
  const isGzip = options.delete("GZIP");
  for (const name of ["FORCE_NULL", "FORCE_NOT_NULL"]) {
    const [, list = ""] = /^\S+\s+(.*)$/s.exec(options.get(name)?.trim() ?? "") ?? [];
    if (list.trim() === "*") options.set(name, `${name} (${await allColumns(target, request)})`);
  }
  return {
    target: target.objectName(schema, table),
    columns: target.columnNames(columns),
    options: [...options.values()].join(", "),
    isManifest,
    isGzip,
  };
}

async function allColumns(target: SqlTarget, names: LoadNames): Promise<string> {
  return (await target.columns(names)).map((name) => target.objectName(name)).join(", ");
}
