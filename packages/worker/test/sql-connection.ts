import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DataMap } from "@lava/core";
import type { TestSqlServer } from "@lava/testing";

/** The record of a connection to a server of a test; its password lies in a file of `folder`. */
export async function sqlConnection(
  conn_id: string,
  type: string,
  server: TestSqlServer,
  { folder, database }: { readonly folder: string; readonly database: string },
): Promise<DataMap> {
  const file = join(folder, `${conn_id}.password`);
  await writeFile(file, server.password, { mode: 0o600 });
  const { host, port, user } = server;
  return {
    conn_id,
    type,
    enabled: true,
    host,
    port,
    user,
    database,
    "x-lava-password-file": file,
  };
}
