import { errorText, LavaError } from "@lava/core";
import type { RowSchema, SqlClient, SqlOptions, SqlResult, SqlRow, SqlValue } from "./client.ts";

/** The `query` of a client, on what starts a statement. */
export function createQuery(
  start: (sql: string, options: SqlOptions) => Promise<SqlResult>,
): SqlClient["query"] {
  async function query<Row>(
    sql: string,
    options: SqlOptions & { readonly row: RowSchema<Row> },
  ): Promise<Row[]>;
  async function query(sql: string, options?: SqlOptions): Promise<SqlRow[]>;
  async function query(
    sql: string,
    options: SqlOptions & { readonly row?: RowSchema<unknown> } = {},
  ): Promise<unknown[]> {
    await using result = await start(sql, options);
    const rows = await rowsToObjects(result);
    const { row: schema } = options;
    return schema === undefined ? rows : rows.map((row, index) => readRow(schema, row, index));
  }
  return query;
}

function readRow<Row>(schema: RowSchema<Row>, row: SqlRow, index: number): Row {
  try {
    return schema.parse(row);
  } catch (error) {
    throw new LavaError(
      "SQL_BAD_ROW",
      `Row ${index + 1} of the result is not as expected: ${errorText(error)}`,
      { cause: error, retry: "never" },
    );
  }
}

/** All rows of a result as objects; of columns with one name the last wins. */
async function rowsToObjects({ columns = [], batches }: SqlResult): Promise<SqlRow[]> {
  const rows: SqlRow[] = [];
  for await (const batch of batches) {
    for (const values of batch) {
      const row: Record<string, SqlValue> = {};
      for (const [index, column] of columns.entries()) row[column.name] = values[index] ?? null;
      rows.push(row);
    }
  }
  return rows;
}

/** Runs `work` between begin and commit; any failure rolls back and is thrown on. */
export async function inTransaction<T>(
  client: Pick<SqlClient, "begin" | "commit" | "rollback">,
  work: () => Promise<T>,
): Promise<T> {
  await client.begin();
  try {
    const result = await work();
    await client.commit();
    return result;
  } catch (error) {
    // The first fault is the one to tell; a connection that is gone cannot roll back.
    await client.rollback().catch(() => {});
    throw error;
  }
}
