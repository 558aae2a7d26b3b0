import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { isMap } from "@lava/core";
import oracledb, { type Connection } from "oracledb";

/**
 * A connection of the driver `oracledb` with SQLite behind it: it takes and gives what the driver documents, so that the
 * client is tried up to that border. It is no server, and says nothing of what goes over the wire.
 */
export function oracleStandIn(file: string): Connection {
  const database = new DatabaseSync(file, { timeout: 5000 });
  database.exec("pragma journal_mode = wal");
  let isStopped = false;
  let isOpen = false;
  const stand = {
    oracleServerVersionString: "23.0.0.0.0",
    async execute(
      sql: string,
      given: unknown,
      options: {
        readonly autoCommit: boolean;
        readonly fetchTypeHandler: (column: object) => { readonly type: unknown } | undefined;
      },
    ) {
      isStopped = false;
      if (!options.autoCommit && !isOpen) {
        database.exec("begin");
        isOpen = true;
      }
      try {
        return run(sql, given, options.fetchTypeHandler);
      } catch (error) {
        throw toFault(error);
      }
    },
    commit: async () => end("commit"),
    rollback: async () => end("rollback"),
    async break() {
      isStopped = true;
    },
    async close() {
      if (database.isOpen) database.close();
    },
  };

  function end(how: string): void {
    if (isOpen) database.exec(how);
    isOpen = false;
  }

  function run(
    sql: string,
    given: unknown,
    handler: (column: object) => { readonly type: unknown } | undefined,
  ) {
    const statement = database.prepare(sql.replace(/ from dual\b/gi, ""));
    statement.setReadBigInts(true);
    const bind = toBinds(given);
    const described = statement.columns();
    if (described.length === 0) {
      return { rowsAffected: Number(statement.run(bind).changes) };
    }
    statement.setReturnArrays(true);
    const metaData = described.map(({ name, type }) => {
      const kind = /double|float/i.test(type ?? "")
        ? oracledb.DB_TYPE_BINARY_DOUBLE
        : /char|clob|text/i.test(type ?? "")
          ? oracledb.DB_TYPE_VARCHAR
          : oracledb.DB_TYPE_NUMBER;
      return { name, dbType: kind, dbTypeName: kind.columnTypeName };
    });
    const asText = metaData.map((column) => handler(column)?.type === oracledb.STRING);
    const rows: Iterator<unknown> = statement.iterate(bind);
    const cell = (value: unknown, index: number): unknown => {
      if (value === null || asText[index] !== true) return value;
      return String(value);
    };
    return {
      metaData,
      resultSet: {
        async getRows(count: number) {
          if (isStopped) throw new Error("ORA-01013: user requested cancel of current operation");
          const batch: unknown[][] = [];
          while (batch.length < count) {
            const next = rows.next();
            if (next.done === true) break;
            const cells: readonly unknown[] = Array.isArray(next.value) ? next.value : [];
            batch.push(cells.map(cell));
          }
          return batch;
        },
        async close() {},
      },
    };
  }
  // Only what the client calls of it.
  return stand as unknown as Connection;
}

function toBinds(given: unknown): Record<string, SQLInputValue> {
  const entries = Array.isArray(given)
    ? given.map((value: unknown, index): [string, unknown] => [String(index + 1), value])
    : isMap(given)
      ? Object.entries(given)
      : [];
  return Object.fromEntries(
    entries.map(([name, value]): [string, SQLInputValue] => [
      name,
      typeof value === "string" || typeof value === "number" || typeof value === "bigint"
        ? value
        : value instanceof Uint8Array
          ? value
          : null,
    ]),
  );
}

function toFault(error: unknown): Error {
  const text = error instanceof Error ? error.message : String(error);
  const table = /^no such table: (.*)/.exec(text)?.[1];
  return new Error(
    table === undefined
      ? `ORA-00900: invalid SQL statement: ${text}`
      : `ORA-00942: table or view "${table}" does not exist`,
  );
}
