import { type Data, DecimalValue, errorText, FloatValue, isMap, LavaError } from "@lava/core";
import type Oracledb from "oracledb";
import type { BindParameters, Connection, Metadata } from "oracledb";
import type { SqlClient, SqlParameters, SqlValue } from "../client.ts";
import { createSqlClient } from "../create-sql-client.ts";
import { pythonDateTime, toDecimal, toFloat, toInteger } from "../python-values.ts";
import type { DriverResult, DriverStatement } from "../sql-driver.ts";
import { connectionLost, type SqlTarget, statementError } from "../sql-errors.ts";

/** What a client is made of. */
export interface OracleClientOptions {
  /** Connected. */
  readonly connection: Connection;
  readonly oracledb: typeof Oracledb;
  readonly target: SqlTarget;
}

/** Faults of a connection that is gone. */
const LOST = /ORA-(?:03113|03114|03135|00028|01012|12571)|NJS-(?:500|501|503)/;

/** A client for Oracle. Rows are fetched batch by batch; a statement is stopped by a break. */
export function createOracleClient(options: OracleClientOptions): SqlClient {
  const { connection, target } = options;
  /** Each statement commits by itself unless a transaction was begun (T-48). */
  let inTransaction = false;
  return createSqlClient({
    dialect: "oracle",
    start: (statement) => start(options, statement, !inTransaction),
    stop: () => connection.break(),
    async begin() {
      inTransaction = true;
    },
    async commit() {
      await connection.commit();
      inTransaction = false;
    },
    async rollback() {
      await connection.rollback();
      inTransaction = false;
    },
    async server() {
      return { version: `Oracle ${connection.oracleServerVersionString}`, tls: undefined };
    },
    toError(error, sql) {
      if (error instanceof LavaError) return error;
      const text = errorText(error);
      if (LOST.test(text)) return connectionLost(target, error);
      const code = /^(?:ORA|DPY|NJS|DPI)-\d+/.exec(text)?.[0];
      return code === undefined
        ? error
        : statementError({ message: text, text, code, sql, cause: error });
    },
    close: () => connection.close().catch(() => undefined),
  });
}

async function start(
  { connection, oracledb }: OracleClientOptions,
  { sql, parameters, exact, batchSize }: DriverStatement,
  autoCommit: boolean,
): Promise<DriverResult> {
  const asText = [oracledb.DB_TYPE_NUMBER, oracledb.DB_TYPE_CLOB, oracledb.DB_TYPE_NCLOB];
  const { resultSet, metaData, rowsAffected } = await connection.execute(sql, bind(parameters), {
    autoCommit,
    resultSet: true,
    outFormat: oracledb.OUT_FORMAT_ARRAY,
    fetchArraySize: batchSize === 0 ? 100 : batchSize,
    fetchTypeHandler: ({ dbType }: Metadata<unknown>) => {
      if (asText.some((type) => type === dbType)) return { type: oracledb.STRING };
      return dbType === oracledb.DB_TYPE_BLOB ? { type: oracledb.BUFFER } : undefined;
    },
  });
  if (resultSet === undefined) {
    return {
      columns: undefined,
      rowsAffected: rowsAffected ?? 0,
      next: async () => undefined,
      async close() {},
    };
  }
  const columns = metaData ?? [];
  return {
    columns: columns.map(({ name, dbTypeName }) =>
      dbTypeName === undefined ? { name } : { name, type: dbTypeName.toLowerCase() },
    ),
    rowsAffected: 0,
    async next() {
      const rows: readonly unknown[] = await resultSet.getRows(batchSize === 0 ? 100 : batchSize);
      if (rows.length === 0) return undefined;
      return rows.map((row) => {
        const cells: readonly unknown[] = Array.isArray(row) ? row : [];
        return cells.map((cell, at) => fromOracle(cell, columns[at], exact));
      });
    },
    close: () => resultSet.close().catch(() => undefined),
  };
}

/** NUMBER arrives as text: an int, or a decimal with all its digits; dates are those of the session, as UTC. */
function fromOracle(
  value: unknown,
  column: Metadata<unknown> | undefined,
  exact: boolean,
): SqlValue {
  if (value === null || value === undefined) return null;
  if (column?.dbTypeName === "NUMBER" && typeof value === "string") {
    return /^-?\d+$/.test(value) ? toInteger(value) : toDecimal(value);
  }
  if (typeof value === "number") return toFloat(value, exact);
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (value instanceof Date) return pythonDateTime(value.toISOString().replace("Z", ""));
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  return String(value);
}

function bind(parameters: SqlParameters = []): BindParameters {
  return isList(parameters)
    ? parameters.map(toInput)
    : Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, toInput(value)]));
}

function isList(value: SqlParameters): value is readonly SqlValue[] {
  return Array.isArray(value);
}

function toInput(value: Data): string | number | bigint | Buffer | null {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof FloatValue) return value.value;
  if (value instanceof DecimalValue) return value.text;
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (isMap(value) || Array.isArray(value)) {
    throw new LavaError(
      "SQL_BAD_PARAMETER",
      "A list or a map cannot be the value of a placeholder",
    );
  }
  return null;
}
