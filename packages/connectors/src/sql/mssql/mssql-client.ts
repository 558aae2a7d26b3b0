import { errorText, isMap, LavaError } from "@lava/core";
import type * as Tedious from "tedious";
import type { Connection, Request } from "tedious";
import { pythonRepr } from "../../python-text.ts";
import type { SqlClient, SqlColumn, SqlParameters, SqlValue } from "../client.ts";
import { createSqlClient } from "../create-sql-client.ts";
import { createRowQueue } from "../row-queue.ts";
import type { DriverResult, DriverStatement } from "../sql-driver.ts";
import { connectionLost, type SqlTarget, statementError } from "../sql-errors.ts";
import { fromMssqlValue, toMssqlInput } from "./mssql-values.ts";

/** What a client is made of. */
export interface MssqlClientOptions {
  /** Connected. */
  readonly connection: Connection;
  readonly tedious: typeof Tedious;
  readonly target: SqlTarget;
  /** Whether the connection has TLS. */
  readonly tls: boolean;
}

const AHEAD = 1024;

/** A client for SQL Server. Rows are read as they are asked for; a statement is stopped by an attention signal. */
export function createMssqlClient(options: MssqlClientOptions): SqlClient {
  const { connection, target, tls } = options;
  connection.on("error", () => undefined);
  // It may end long before it is closed here.
  const ended = Promise.withResolvers<void>();
  connection.once("end", () => ended.resolve());

  function batch(sql: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const request = new options.tedious.Request(sql, (error) => {
      if (error) reject(error);
      else resolve();
    });
    connection.execSqlBatch(request);
    return promise;
  }

  return createSqlClient({
    dialect: "mssql",
    start: (statement) => start(options, statement),
    async stop() {
      connection.cancel();
    },
    begin: () => batch("BEGIN TRANSACTION"),
    commit: () => batch("IF @@TRANCOUNT > 0 COMMIT TRANSACTION"),
    rollback: () => batch("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION"),
    async server() {
      const statement = { parameters: undefined, exact: false, batchSize: 1 };
      const result = await start(options, {
        ...statement,
        sql: "select cast(serverproperty('ProductVersion') as nvarchar(64))",
      });
      const [row] = (await result.next()) ?? [];
      await result.close();
      // The driver does not tell the version of TLS.
      return { version: `SQL Server ${String(row?.[0])}`, tls: tls ? "TLS" : undefined };
    },
    toError(error, sql) {
      if (error instanceof LavaError || !isMap(error)) return error;
      const { number } = error;
      if (typeof number !== "number") {
        return /^E(?:SOCKET|CLOSE|INVALIDSTATE|CONNRESET|PIPE|TIMEDOUT)/.test(String(error["code"]))
          ? connectionLost(target, error)
          : error;
      }
      const text = errorText(error);
      const message = `(${number}, ${pythonRepr(text)})`;
      return statementError({ message, text, code: String(number), sql, cause: error });
    },
    async close() {
      connection.close();
      await ended.promise;
    },
  });
}

async function start(
  { connection, tedious }: MssqlClientOptions,
  { sql, parameters, exact, batchSize }: DriverStatement,
): Promise<DriverResult> {
  const size = batchSize === 0 ? AHEAD : batchSize;
  let columns: readonly SqlColumn[] | undefined;
  let readers: readonly ((value: unknown) => SqlValue)[] = [];
  let affected = 0;
  const request: Request = new tedious.Request(sql, (error, count) => {
    affected = count ?? 0;
    if (error) queue.fail(error);
    else queue.end();
  });
  const queue = createRowQueue({
    ahead: size,
    pause: () => request.pause(),
    resume: () => request.resume(),
  });
  request.on("columnMetadata", (given) => {
    const list = Array.isArray(given) ? given : Object.values(given);
    // Of several results the first is given.
    if (columns !== undefined) return;
    columns = list.map(({ colName, type }) => ({ name: colName, type: type.name.toLowerCase() }));
    readers = list.map(
      ({ type, scale }) =>
        (value: unknown) =>
          fromMssqlValue(value, type.name, scale ?? 0, exact),
    );
    queue.begin();
  });
  request.on("row", (given: unknown) => {
    const cells: readonly unknown[] = Array.isArray(given) ? given : [];
    queue.push(cells.map((cell, at) => readers[at]?.(isMap(cell) ? cell["value"] : null) ?? null));
  });
  const values = bind(parameters);
  for (const [name, { type, value }] of values)
    request.addParameter(name, tedious.TYPES[type], value);
  // Without parameters as a batch of its own: what it sets (`SET`, temporary tables) stays for those after it.
  if (values.length === 0) connection.execSqlBatch(request);
  else connection.execSql(request);
  await queue.begun;
  return {
    columns,
    get rowsAffected() {
      return affected;
    },
    next: () => queue.next(size),
    async close() {
      if (!queue.over) connection.cancel();
      await queue.drain();
    },
  };
}

/** Placeholders are `@p1`, `@p2` for a list, `@name` for a map. */
function bind(parameters: SqlParameters = []): [string, ReturnType<typeof toMssqlInput>][] {
  return isList(parameters)
    ? parameters.map((value, index) => [`p${index + 1}`, toMssqlInput(value)])
    : Object.entries(parameters).map(([name, value]) => [name, toMssqlInput(value)]);
}

function isList(value: SqlParameters): value is readonly SqlValue[] {
  return Array.isArray(value);
}
