import { pipeline } from "node:stream/promises";
import { type ConnectionOptions, TLSSocket } from "node:tls";
import { LavaError } from "@lava/core";
import type { Client, FieldDef } from "pg";
import type { SqlColumn, SqlCopyClient, SqlParameters, SqlValue } from "../client.ts";
import { createSqlClient } from "../create-sql-client.ts";
import type { DriverResult, DriverStatement } from "../sql-driver.ts";
import type { SqlTarget } from "../sql-errors.ts";
import { sendCancelRequest } from "./cancel-request.ts";
import { createCopyOut } from "./copy-out.ts";
import { createPortal, type Portal, type PortalRows } from "./portal.ts";
import { fromPostgresError, sqlState } from "./postgres-errors.ts";
import { postgresReader, postgresTypeName, toPostgresInput } from "./postgres-values.ts";

/** What a client is made of. */
export interface PostgresClientOptions {
  /** Connected. */
  readonly client: Client;
  readonly target: SqlTarget;
  /** TLS options of the connection; undefined without TLS. */
  readonly tls: ConnectionOptions | undefined;
  readonly dialect: "postgresql" | "redshift";
}

/**
 * A client for a PostgreSQL server, or one that speaks its protocol. Rows are fetched batch by batch through a
 * portal of the server, so that memory stays flat; a statement that is stopped is stopped on the server.
 */
export function createPostgresClient(options: PostgresClientOptions): SqlCopyClient {
  const { client, target, tls, dialect } = options;
  // A connection that breaks while nothing runs is told by the next statement.
  client.on("error", () => undefined);
  async function command(sql: string): Promise<string> {
    const { tag } = await runSeveral(client, sql);
    return tag ?? "";
  }

  const inBlock = (): boolean => client.getTransactionStatus() !== "I";
  return createSqlClient({
    dialect,
    start: (statement) => start(client, statement),
    async stop() {
      const processId: unknown = Reflect.get(client, "processID");
      const secretKey: unknown = Reflect.get(client, "secretKey");
      if (typeof processId !== "number" || typeof secretKey !== "number") return;
      await sendCancelRequest({ ...target, tls, processId, secretKey });
    },
    async begin() {
      await command("BEGIN");
    },
    async commit() {
      if (!inBlock()) return;
      if ((await command("COMMIT")).startsWith("ROLLBACK")) {
        throw new LavaError(
          "SQL_ERROR",
          "The transaction was rolled back, because a statement in it had failed",
        );
      }
    },
    async rollback() {
      if (inBlock()) await command("ROLLBACK");
    },
    async server() {
      const { rows } = await runSeveral(client, "select version()");
      const { stream } = client.connection;
      return {
        version: productOf(rows[0]?.[0] ?? ""),
        tls: stream instanceof TLSSocket ? (stream.getProtocol() ?? undefined) : undefined,
      };
    },
    async copyIn(sql, source, signal) {
      const { from } = (await import("pg-copy-streams")).default;
      const copy = from(sql);
      await pipeline(source, client.query(copy), { signal });
      return copy.rowCount;
    },
    copyOut: (sql) => client.query(createCopyOut(sql)).chunks,
    toError: (error, sql) => fromPostgresError(error, sql, target),
    close: () => client.end().catch(() => undefined),
  });
}

async function start(client: Client, statement: DriverStatement): Promise<DriverResult> {
  const { exact, batchSize } = statement;
  const { portal, rows: first } = await open(client, statement);
  const readers = first.fields?.map(({ dataTypeID }) => postgresReader(dataTypeID, exact));
  let { tag } = first;
  let pending: PortalRows | undefined = first;
  const convert = (row: readonly (string | null)[]): SqlValue[] =>
    row.map((text, index) => (text === null ? null : (readers?.[index]?.(text) ?? text)));
  return {
    columns: first.fields?.map(toColumn),
    get rowsAffected() {
      return rowCount(tag);
    },
    async next() {
      if (pending === undefined) {
        if (tag !== undefined || portal === undefined) return undefined;
        pending = await portal.next(batchSize);
        ({ tag } = pending);
      }
      const { rows } = pending;
      pending = undefined;
      return rows.map((row) => convert(row));
    },
    close: async () => portal?.close(),
  };
}

interface Opened {
  /** Undefined for a text of several statements, whose last result is there as a whole. */
  readonly portal: Portal | undefined;
  readonly rows: PortalRows;
}

async function open(
  client: Client,
  { sql, parameters, batchSize }: DriverStatement,
): Promise<Opened> {
  const values = bind(parameters);
  const portal = client.query(createPortal({ sql, values, rows: batchSize }));
  try {
    return { portal, rows: await portal.first() };
  } catch (error) {
    // The extended protocol takes one statement; several of them, as `raw` gives them, go in the simple one.
    if (!isSeveralStatements(error) || values.length > 0) throw error;
  }
  return { portal: undefined, rows: await runSeveral(client, sql) };
}

function isSeveralStatements(error: unknown): boolean {
  return (
    sqlState(error) === "42601" &&
    error instanceof Error &&
    error.message.includes("multiple commands into a prepared statement")
  );
}

/** Runs a text of several statements; the last result is the result. */
async function runSeveral(client: Client, sql: string): Promise<PortalRows> {
  const asText = { getTypeParser: () => (text: string) => text };
  const answer: unknown = await client.query({ text: sql, rowMode: "array", types: asText });
  const results: readonly SimpleResult[] = Array.isArray(answer) ? answer : [answer];
  const last = results.findLast(({ fields }) => fields.length > 0) ?? results.at(-1);
  const { fields, rows, command, rowCount: count } = last ?? EMPTY;
  return {
    fields: fields.length > 0 ? fields : undefined,
    rows,
    tag: `${command ?? ""} ${count ?? 0}`,
  };
}

interface SimpleResult {
  readonly fields: readonly FieldDef[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly command: string | null;
  readonly rowCount: number | null;
}

const EMPTY: SimpleResult = { fields: [], rows: [], command: "", rowCount: 0 };

function bind(parameters: SqlParameters | undefined): (string | Buffer | null)[] {
  if (parameters === undefined) return [];
  if (!isList(parameters)) {
    throw new LavaError("SQL_BAD_PARAMETER", "PostgreSQL fills placeholders by position: $1, $2", {
      hint: "Give the parameters as a list.",
    });
  }
  return parameters.map(toPostgresInput);
}

function isList(value: SqlParameters): value is readonly SqlValue[] {
  return Array.isArray(value);
}

function toColumn({ name, dataTypeID }: FieldDef): SqlColumn {
  const type = postgresTypeName(dataTypeID);
  return type === undefined ? { name } : { name, type };
}

/** The last word of `INSERT 0 5`, `UPDATE 2`; 0 for `CREATE TABLE`. */
function rowCount(tag = ""): number {
  const count = /\d+$/.exec(tag)?.[0];
  return count === undefined ? 0 : Number(count);
}

/** `PostgreSQL 15.7`, or `Redshift 1.0.12` of a text that has both. */
function productOf(version: string): string {
  return /Redshift [\d.]+/.exec(version)?.[0] ?? version.split(" ").slice(0, 2).join(" ");
}
