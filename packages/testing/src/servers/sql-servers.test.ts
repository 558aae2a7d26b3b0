import { expect, test } from "vitest";
import { startMariadb } from "./mariadb.ts";
import { startPostgres } from "./postgres.ts";

const PATH = process.env["PATH"];

test.each([
  ["PostgreSQL", startPostgres, "select count(*) from pg_stat_ssl where ssl is not null"],
  [
    "MariaDB",
    startMariadb,
    "select count(*) from information_schema.schemata where schema_name = 'lava'",
  ],
])(
  "%s answers its administrator in a database of a test's own",
  async (_name, start, question) => {
    await using server = await start({ PATH });
    const database = await server.createDatabase();

    await server.sql("create table t (a integer)", database);

    expect(await server.sql("select count(*) from t", database)).toBe("0");
    expect(Number(await server.sql(question))).toBeGreaterThan(0);
  },
  60_000,
);
