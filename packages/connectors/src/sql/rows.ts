import type { SqlClient, SqlResult, SqlRow, SqlValue } from "./client.ts";

/** All rows of a result as objects; of columns with one name the last wins. */
export async function rowsToObjects({ columns = [], batches }: SqlResult): Promise<SqlRow[]> {
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
