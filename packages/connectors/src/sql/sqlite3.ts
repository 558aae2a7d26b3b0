import { LavaError } from "@lava/core";
import type { StoredConnection } from "@lava/spec";
import { type ConnectorContext, defineConnector } from "../connector.ts";
import { toS3Location, stageObject } from "../s3-file.ts";
import { checkSql } from "./check-sql.ts";
import type { SqlClient } from "./client.ts";
import { resolveSqlSpec, type SqlSpec } from "./sql-spec.ts";
import { createSqlite3Client } from "./sqlite3-client.ts";
import { sqlite3Script } from "./sqlite3-script.ts";

/** Milliseconds to wait for another process's lock, as Python's driver does. */
const BUSY_TIMEOUT = 5_000;

/** `sqlite3`: a database file on this machine or in S3; for both the record's `host` says where (CON-sqlite3-01). */
export const sqlite3 = defineConnector({
  type: "sqlite3",
  family: "sql",
  open: openClient,
  async cli(connection, context) {
    const { host } = await resolve(connection, context);
    return {
      command: "sqlite3",
      files: [{ name: "sqlite3", content: sqlite3Script(host), mode: 0o700 }],
    };
  },
  check: (connection, context) => checkSql(() => openClient(connection, context)),
});

async function openClient(
  connection: StoredConnection,
  context: ConnectorContext,
): Promise<SqlClient> {
  const { host } = await resolve(connection, context);
  const location = toS3Location(host);
  if (location === undefined) return createSqlite3Client(await openDatabase(host));
  const staged = await stageObject(context.realm.clients, location, context.tmpdir);
  try {
    return createSqlite3Client(await openDatabase(staged.path), {
      onClose: () => staged.release(),
    });
  } catch (error) {
    await staged.discard();
    throw error;
  }
}

/** SQLite has no users: those of the record are ignored, and invented when absent. */
function resolve(connection: StoredConnection, context: ConnectorContext): Promise<SqlSpec> {
  return resolveSqlSpec(connection, context.realm, {
    dialect: "sqlite3",
    subtypes: ["sqlite3"],
    credentials: async () => ({ user: "", password: "" }),
  });
}

async function openDatabase(path: string) {
  const { DatabaseSync } = await import("node:sqlite");
  try {
    // As Python's driver opens it: no foreign keys, double-quoted text is text where it names no column.
    return new DatabaseSync(path, {
      enableForeignKeyConstraints: false,
      enableDoubleQuotedStringLiterals: true,
      timeout: BUSY_TIMEOUT,
    });
  } catch (error) {
    throw new LavaError("SQL_ERROR", "unable to open database file", {
      cause: error,
      hint: `Is ${path} in a folder that exists and may be written?`,
    });
  }
}
