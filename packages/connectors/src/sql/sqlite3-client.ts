import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Data, DecimalValue, errorText, FloatValue, isMap, LavaError } from "@lava/core";
import type {
  SqlClient,
  SqlColumn,
  SqlOptions,
  SqlParameters,
  SqlResult,
  SqlValue,
} from "./client.ts";
import { inTransaction, rowsToObjects } from "./rows.ts";

const BATCH_SIZE = 1024;

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
  let running: AbortController | undefined;

  /** Prepares one statement; undefined when the text holds none (a comment). */
  function prepare(sql: string): StatementSync | undefined {
    let statement: StatementSync;
    try {
      statement = database.prepare(sql);
    } catch (error) {
      if (errorCode(error) === "ERR_INVALID_ARG_VALUE") return undefined;
      throw sqlError(error);
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

  async function* batches(
    statement: StatementSync,
    parameters: BoundParameters,
    size: number,
    convert: (value: unknown) => SqlValue,
    signals: readonly AbortSignal[],
  ): AsyncGenerator<SqlValue[][]> {
    const rows = iterate(statement, parameters);
    try {
      for (let done = false; !done;) {
        for (const signal of signals) signal.throwIfAborted();
        const batch: SqlValue[][] = [];
        while (batch.length < size) {
          const next = attempt(() => rows.next());
          if (next.done === true) {
            done = true;
            break;
          }
          batch.push(next.value.map((value) => convert(value)));
        }
        if (batch.length > 0) yield batch;
        if (!done) await nextTurn();
      }
    } finally {
      rows.return(undefined);
    }
  }

  async function stream(
    sql: string,
    options: SqlOptions & { batchSize?: number } = {},
  ): Promise<SqlResult> {
    options.signal?.throwIfAborted();
    const statement = prepare(sql);
    const parameters = bind(options.parameters);
    const columns = statement?.columns() ?? [];
    if (statement === undefined || columns.length === 0) {
      if (statement !== undefined) run(statement, parameters);
      return { columns: undefined, batches: noBatches(), async [Symbol.asyncDispose]() {} };
    }
    const controller = new AbortController();
    running = controller;
    const generator = batches(
      statement,
      parameters,
      options.batchSize ?? BATCH_SIZE,
      options.values === "exact" ? toExact : toPlain,
      options.signal === undefined ? [controller.signal] : [controller.signal, options.signal],
    );
    return {
      columns: columns.map(toColumn),
      batches: generator,
      async [Symbol.asyncDispose]() {
        if (running === controller) running = undefined;
        await generator.return(undefined);
      },
    };
  }

  const client: SqlClient = {
    dialect: "sqlite3",
    stream,
    async query(sql, options) {
      await using result = await stream(sql, options);
      return await rowsToObjects(result);
    },
    async execute(sql, options = {}) {
      options.signal?.throwIfAborted();
      const statement = prepare(sql);
      if (statement === undefined) return { rowsAffected: 0 };
      return { rowsAffected: run(statement, bind(options.parameters)) };
    },
    transaction: (work) => inTransaction(client, work),
    async begin() {
      attempt(() => database.exec("BEGIN"));
    },
    async commit() {
      if (database.isTransaction) attempt(() => database.exec("COMMIT"));
    },
    async rollback() {
      if (database.isTransaction) attempt(() => database.exec("ROLLBACK"));
    },
    async cancel() {
      running?.abort(new LavaError("SQL_CANCELLED", "The statement was cancelled"));
    },
    async [Symbol.asyncDispose]() {
      if (!database.isOpen) return;
      database.close();
      await onClose?.();
    },
  };
  return client;
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
  const { changes } = attempt(() =>
    named === undefined ? statement.run(...positional) : statement.run(named, ...positional),
  );
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

async function* noBatches(): AsyncGenerator<SqlValue[][]> {
  // A statement without a result has no rows.
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

function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw sqlError(error);
  }
}

/** The database's own text and number (JOB-sql-13). */
function sqlError(error: unknown): unknown {
  if (errorCode(error) !== "ERR_SQLITE_ERROR") return error;
  const code: unknown = isMap(error) ? error["errcode"] : undefined;
  return new LavaError("SQL_ERROR", errorText(error), {
    cause: error,
    ...(typeof code === "number" ? { hint: `SQLite result code ${code}.` } : {}),
  });
}

function errorCode(error: unknown): unknown {
  return isMap(error) ? error["code"] : undefined;
}
