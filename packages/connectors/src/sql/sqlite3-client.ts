import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Data, DecimalValue, errorText, FloatValue, isMap, LavaError } from "@lava/core";
import type { SqlClient, SqlColumn, SqlParameters, SqlValue } from "./client.ts";
import { createSqlClient } from "./create-sql-client.ts";
import type { DriverResult } from "./sql-driver.ts";
import { statementError } from "./sql-errors.ts";

/** Options of {@link createSqlite3Client}. */
export interface Sqlite3ClientOptions {
  /** Runs after the database is closed. */
  readonly onClose?: () => Promise<void>;
}

/**
 * A client for an open database. SQLite runs inside of this process: a statement holds the event loop until its
 * next row; between batches other work gets its turn, and only there can a statement be cancelled.
 */
export function createSqlite3Client(
  database: DatabaseSync,
  { onClose }: Sqlite3ClientOptions = {},
): SqlClient {
  return createSqlClient({
    dialect: "sqlite3",
    async start({ sql, parameters, exact, batchSize }) {
      const statement = prepare(database, sql);
      const bound = bind(parameters);
      const columns = statement?.columns() ?? [];
      if (statement === undefined || columns.length === 0 || batchSize === 0) {
        return noRows(statement === undefined ? 0 : run(statement, bound));
      }
      return rowsOf(iterate(statement, bound), columns.map(toColumn), {
        size: batchSize,
        convert: exact ? toExact : toPlain,
      });
    },
    // A statement holds this process until its next row: what is to stop is stopped between batches.
    async stop() {},
    async begin() {
      database.exec("BEGIN");
    },
    async commit() {
      if (database.isTransaction) database.exec("COMMIT");
    },
    async rollback() {
      if (database.isTransaction) database.exec("ROLLBACK");
    },
    async server() {
      const [row] = database.prepare("select sqlite_version() as version").all();
      return { version: `SQLite ${String(row?.["version"])}`, tls: undefined };
    },
    toError: sqlError,
    async close() {
      if (!database.isOpen) return;
      database.close();
      await onClose?.();
    },
  });
}

/** Prepares one statement; undefined when the text holds none (a comment). */
function prepare(database: DatabaseSync, sql: string): StatementSync | undefined {
  let statement: StatementSync;
  try {
    statement = database.prepare(sql);
  } catch (error) {
    if (errorCode(error) === "ERR_INVALID_ARG_VALUE") return undefined;
    throw error;
  }
  if (!isBlank(sql.slice(statement.sourceSQL.length))) {
    throw new LavaError("SQL_ERROR", "You can only execute one statement at a time.", {
      hint: "Leave `raw` off, or give each statement an entry of its own.",
    });
  }
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  return statement;
}

function noRows(rowsAffected: number): DriverResult {
  return { columns: undefined, rowsAffected, next: async () => undefined, async close() {} };
}

function rowsOf(
  rows: Generator<unknown[], undefined>,
  columns: readonly SqlColumn[],
  { size, convert }: { size: number; convert: (value: unknown) => SqlValue },
): DriverResult {
  let done = false;
  let first = true;
  return {
    columns,
    rowsAffected: 0,
    async next() {
      if (done) return undefined;
      if (!first) await nextTurn();
      first = false;
      const batch: SqlValue[][] = [];
      while (batch.length < size) {
        const next = rows.next();
        if (next.done === true) {
          done = true;
          break;
        }
        batch.push(next.value.map((value) => convert(value)));
      }
      return batch;
    },
    async close() {
      rows.return(undefined);
    },
  };
}

interface BoundParameters {
  readonly named: Record<string, SQLInputValue> | undefined;
  readonly positional: readonly SQLInputValue[];
}

function bind(parameters: SqlParameters | undefined): BoundParameters {
  if (parameters === undefined) return { named: undefined, positional: [] };
  if (isList(parameters)) return { named: undefined, positional: parameters.map(toInput) };
  const named = Object.entries(parameters).map(([name, value]) => [name, toInput(value)] as const);
  return { named: Object.fromEntries(named), positional: [] };
}

function isList(value: SqlParameters): value is readonly SqlValue[] {
  return Array.isArray(value);
}

function run(statement: StatementSync, { named, positional }: BoundParameters): number {
  const { changes } =
    named === undefined ? statement.run(...positional) : statement.run(named, ...positional);
  return Number(changes);
}

function* iterate(
  statement: StatementSync,
  { named, positional }: BoundParameters,
): Generator<unknown[], undefined> {
  // setReturnArrays makes rows lists, which the declarations do not say.
  const rows: Iterable<unknown> =
    named === undefined
      ? statement.iterate(...positional)
      : statement.iterate(named, ...positional);
  for (const row of rows) if (Array.isArray(row)) yield row;
  return undefined;
}

function toColumn(column: { name: string; type: string | null }): SqlColumn {
  return column.type === null ? { name: column.name } : { name: column.name, type: column.type };
}

/** INTEGER arrives as bigint, REAL as number. */
function toPlain(value: unknown): SqlValue {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (typeof value === "number" || typeof value === "string") return value;
  return value instanceof Uint8Array ? value : null;
}

function toExact(value: unknown): SqlValue {
  return typeof value === "number" && Number.isInteger(value)
    ? new FloatValue(value)
    : toPlain(value);
}

function toInput(value: Data): SQLInputValue {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof FloatValue) return value.value;
  if (value instanceof DecimalValue) return value.text;
  // A whole number is an int; node:sqlite would store it as a float.
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value === "bigint" || typeof value === "string") return value;
  if (value instanceof Uint8Array) return value;
  throw new LavaError("SQL_BAD_PARAMETER", "A list or a map cannot be the value of a placeholder");
}

/** Whether what follows a statement is blanks and comments only. */
function isBlank(rest: string): boolean {
  return rest.replace(/--.*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$)/g, "").trim() === "";
}

/** The database's own text and number (JOB-sql-13). */
function sqlError(error: unknown, sql: string): unknown {
  if (errorCode(error) !== "ERR_SQLITE_ERROR") return error;
  const code: unknown = isMap(error) ? error["errcode"] : undefined;
  const text = errorText(error);
  return statementError({ message: text, text, code: String(code), sql, cause: error });
}

function errorCode(error: unknown): unknown {
  return isMap(error) ? error["code"] : undefined;
}
