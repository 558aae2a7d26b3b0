import { LavaError } from "@lava/core";
import type { LoadTarget, TargetContext } from "./load-target.ts";
import type { LoadNames } from "./table-names.ts";

/** How a dialect writes what the modes of a load need. */
export interface TargetDialect {
  /** Marks around names; a name that holds one is refused (JOB-db_from_s3-38). */
  readonly quotes: readonly [open: string, close: string];
  placeholder(position: number): string;
  /** A query for one row when the table has rows. */
  readonly anyRow?: (table: string) => string;
  /** Names of the columns of a table, in their order; `true` asks only whether it exists. */
  readonly tables?: { readonly tables: string; readonly columns: string };
}

/** A target for most databases. */
export type SqlTarget = Omit<LoadTarget, "load"> & {
  columns(names: LoadNames): Promise<string[]>;
  /** The names at the heads of column specs, quoted. */
  columnNames(columns: readonly string[]): string[];
};

/** What the modes of a load need, in plain SQL. */
export function sqlTarget(
  { client, preserveCase, signal }: TargetContext,
  { quotes: [open, close], placeholder, anyRow, tables = STANDARD }: TargetDialect,
): SqlTarget {
  const run = async (sql: string): Promise<void> => void (await client.execute(sql, { signal }));
  const objectName = (...parts: readonly string[]): string => {
    const bad = parts.find((part) => part.includes(open) || part.includes(close));
    if (bad !== undefined) throw badName(bad);
    return parts
      .filter((part) => part !== "")
      .map((part) => `${open}${preserveCase ? part : part.toLowerCase()}${close}`)
      .join(".");
  };
  const named = ({ schema, table }: LoadNames): string => objectName(schema, table);
  const ask = (sql: string, { schema, table }: LoadNames) =>
    client.query(
      `${sql} WHERE table_schema = ${placeholder(1)} AND table_name = ${placeholder(2)}`,
      {
        parameters: [schema, table],
        signal,
      },
    );
  return {
    objectName,
    exists: async (names) =>
      (await ask(`SELECT 1 AS found FROM ${tables.tables}`, names)).length > 0,
    async columns({ schema, table }) {
      const rows = await client.query(
        `SELECT column_name FROM ${tables.columns} WHERE table_schema = ${placeholder(1)} AND table_name = ${placeholder(2)} ORDER BY ordinal_position`,
        { parameters: [schema, table], signal },
      );
      return rows.map((row) => String(Object.values(row)[0]).toLowerCase());
    },
    columnNames: (columns) => columns.map((column) => objectName(column.split(" ", 1)[0] ?? "")),
    isEmpty: async (names) => {
      const sql = anyRow?.(named(names)) ?? `SELECT 1 AS found FROM ${named(names)} LIMIT 1`;
      return (await client.query(sql, { signal })).length === 0;
    },
    truncate: (names) => run(`TRUNCATE TABLE ${named(names)}`),
    create: (names, columns) => run(`CREATE TABLE ${named(names)} (${columns.join(", ")})`),
    drop: (names) => run(`DROP TABLE IF EXISTS ${named(names)}`),
    deleteAll: (names) => run(`DELETE FROM ${named(names)}`),
  };
}

const STANDARD = { tables: "information_schema.tables", columns: "information_schema.columns" };

/** A name that cannot be quoted. */
export function badName(name: string): LavaError {
  return new LavaError("BAD_TABLE_NAME", `Bad database object name: ${name}`, { retry: "never" });
}
