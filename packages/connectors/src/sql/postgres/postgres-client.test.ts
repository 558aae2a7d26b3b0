import { startPostgres, type TestSqlServer } from "@lava/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testSqlClient } from "../../../test/sql-conformance.ts";
import type { SqlCopyClient } from "../client.ts";
import { createPostgresClient } from "./postgres-client.ts";

let server: TestSqlServer;
beforeAll(async () => {
  server = await startPostgres({ ...process.env });
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

async function openDatabase(database: string): Promise<SqlCopyClient> {
  const { host, port, user, password } = server;
  const client = new pg.Client({ host, port, user, password, database, ssl: false });
  await client.connect();
  const target = { conn_id: "conn", host, port };
  return createPostgresClient({ client, target, tls: undefined, dialect: "postgresql" });
}

let database = "";
const open = async (): Promise<SqlCopyClient> => {
  database = await server.createDatabase();
  return openDatabase(database);
};

describe("as every SqlClient, postgresql", () => {
  testSqlClient({
    dialect: "postgresql",
    open,
    again: () => openDatabase(database),
    placeholder: (position) => `$${position}`,
    series: (rows) => `select n::integer as n from generate_series(1, ${rows}) as s(n)`,
  });
});
