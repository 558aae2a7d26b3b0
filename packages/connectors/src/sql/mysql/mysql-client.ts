import { Readable } from "node:stream";
import { TLSSocket } from "node:tls";
import { LavaError } from "@lava/core";
import type { Connection, FieldPacket, QueryOptions } from "mysql2";
import type { SqlColumn, SqlCopyInClient, SqlParameters, SqlValue } from "../client.ts";
import { createSqlClient } from "../create-sql-client.ts";
import type { DriverResult, DriverStatement } from "../sql-driver.ts";
import type { SqlTarget } from "../sql-errors.ts";
import { fillPlaceholders } from "./fill-placeholders.ts";
import { fromMysqlError } from "./mysql-errors.ts";
import { mysqlReader, mysqlTypeName, toMysqlLiteral } from "./mysql-values.ts";
import { createRowSource } from "./row-source.ts";

/** What a client is made of. */
export interface MysqlClientOptions {
  /** Connected. */
  readonly connection: Connection;
  /** Opens another connection to the same server: the only way to stop a statement. */
  readonly another: () => Promise<Connection>;
  readonly target: SqlTarget;
}

/** Rows fetched ahead where nobody reads them. */
const AHEAD = 1024;

/**
 * A client for a MySQL or MariaDB server. Rows are read from the connection as they are asked for, so that memory
 * stays flat; a statement that is stopped is stopped on the server (`KILL QUERY`).
 */
export function createMysqlClient({
  connection,
  another,
  target,
}: MysqlClientOptions): SqlCopyInClient {
  // A connection that breaks while nothing runs is told by the next statement.
  connection.on("error", () => undefined);
  let inTransaction = false;

  async function command(sql: string, more: Partial<QueryOptions> = {}): Promise<number> {
    const source = createRowSource(connection, connection.query({ ...more, sql }), AHEAD);
    await source.started;
    await source.drain();
    await source.next(1);
    return source.rowsAffected;
  }

  async function stop(): Promise<void> {
    const killer = await another();
    const { promise, resolve } = Promise.withResolvers<void>();
    killer.query(`KILL QUERY ${connection.threadId}`, () => resolve());
    await promise;
    killer.destroy();
  }

  async function end(name: "COMMIT" | "ROLLBACK"): Promise<void> {
    await command(name);
    inTransaction = false;
  }

  return createSqlClient({
    dialect: "mysql",
    start: (statement) => start(connection, statement, stop),
    stop,
    async begin() {
      await command("START TRANSACTION");
      inTransaction = true;
    },
    commit: () => end("COMMIT"),
    rollback: () => end("ROLLBACK"),
    async server() {
      const result = await start(
        connection,
        { sql: "select version()", parameters: undefined, exact: false, batchSize: 1 },
        stop,
      );
      const [row] = (await result.next()) ?? [];
      await result.close();
      const version = String(row?.[0]);
      const socket: unknown = Reflect.get(connection, "stream");
      return {
        version: `${/mariadb/i.test(version) ? "MariaDB" : "MySQL"} ${version.replace(/-MariaDB.*/i, "")}`,
        tls: socket instanceof TLSSocket ? (socket.getProtocol() ?? undefined) : undefined,
      };
    },
    async copyIn(sql, source, signal) {
      // The protocol cannot say that a file has ended before its time: what was loaded of it is taken back.
      await command(inTransaction ? "SAVEPOINT lava_copy" : "START TRANSACTION");
      let failure: { readonly error: unknown } | undefined;
      async function* bytes(): AsyncGenerator<Buffer> {
        try {
          for await (const chunk of source) {
            signal.throwIfAborted();
            yield* packetsOf(chunk);
          }
        } catch (error) {
          failure = { error };
        }
      }
      try {
        const count = await command(sql, {
          infileStreamFactory: () => Readable.from(bytes(), { objectMode: false }),
        });
        signal.throwIfAborted();
        if (failure !== undefined) throw failure.error;
        await command(inTransaction ? "RELEASE SAVEPOINT lava_copy" : "COMMIT");
        return count;
      } catch (error) {
        await command(inTransaction ? "ROLLBACK TO SAVEPOINT lava_copy" : "ROLLBACK").catch(
          () => undefined,
        );
        throw failure === undefined ? error : failure.error;
      }
    },
    toError: (error, sql) => fromMysqlError(error, sql, target),
    async close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      connection.end(() => resolve());
      // Without a reader the server's goodbye would wait behind the rest of a result.
      connection.resume();
      await promise;
      connection.destroy();
    },
  });
}

/** Bytes of one packet of a file. */
const PACKET = 1 << 20;

function* packetsOf(chunk: Uint8Array): Generator<Buffer> {
  for (let start = 0; start < chunk.length; start += PACKET) {
    const part = chunk.subarray(start, start + PACKET);
    yield Buffer.from(part.buffer, part.byteOffset, part.byteLength);
  }
}

async function start(
  connection: Connection,
  { sql, parameters, exact, batchSize }: DriverStatement,
  stop: () => Promise<void>,
): Promise<DriverResult> {
  const text = bind(sql, parameters);
  const query = connection.query({ sql: text, rowsAsArray: true, typeCast: false });
  const size = batchSize === 0 ? AHEAD : batchSize;
  const source = createRowSource(connection, query, size);
  await source.started;
  const { fields } = source;
  const readers = fields?.map((field) => mysqlReader(field, exact));
  return {
    columns: fields?.map(toColumn),
    get rowsAffected() {
      return source.rowsAffected;
    },
    async next() {
      const rows = await source.next(size);
      return rows?.map((row) =>
        Array.isArray(row) ? row.map((value: unknown, at) => read(value, readers?.[at])) : [],
      );
    },
    async close() {
      if (!source.over) await stop().catch(() => undefined);
      await source.drain();
    },
  };
}

function read(value: unknown, reader: ((bytes: Buffer) => SqlValue) | undefined): SqlValue {
  return Buffer.isBuffer(value) && reader !== undefined ? reader(value) : null;
}

function bind(sql: string, parameters: SqlParameters | undefined): string {
  if (parameters === undefined) return sql;
  if (isList(parameters)) return fillPlaceholders(sql, parameters.map(toMysqlLiteral));
  throw new LavaError("SQL_BAD_PARAMETER", "MySQL fills placeholders by position: ?, ?", {
    hint: "Give the parameters as a list.",
  });
}

function isList(value: SqlParameters): value is readonly SqlValue[] {
  return Array.isArray(value);
}

function toColumn(field: FieldPacket): SqlColumn {
  const type = mysqlTypeName(field);
  return type === undefined ? { name: field.name } : { name: field.name, type };
}
