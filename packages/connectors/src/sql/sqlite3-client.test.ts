import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, test } from "vitest";
import { testSqlClient } from "../../test/sql-conformance.ts";
import type { SqlClient } from "./client.ts";
import { createSqlite3Client } from "./sqlite3-client.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-sqlite3-"));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

function connectTo(number: number): SqlClient {
  return createSqlite3Client(new DatabaseSync(join(folder, `${number}.db`)));
}

describe("as every SqlClient, sqlite3", () => {
  testSqlClient({
    dialect: "sqlite3",
    open: async () => connectTo((count += 1)),
    again: async () => connectTo(count),
    placeholder: () => "?",
    series: (rows) =>
      `with recursive s(n) as (select 1 union all select n + 1 from s where n < ${rows}) select n from s`,
  });
});

describe("of its own, sqlite3", () => {
  test("takes a comment for a statement that does nothing (T-46)", async () => {
    await using db = connectTo((count += 1));

    await using result = await db.stream("-- nothing to see");

    expect(result.columns).toBeUndefined();
  });

  test("refuses two statements in one text, but not a comment after one", async () => {
    await using db = connectTo((count += 1));

    await expect(db.query("select 1; select 2")).rejects.toThrow(
      "You can only execute one statement at a time.",
    );
    expect(await db.query("select 1 as a; -- the end")).toEqual([{ a: 1 }]);
  });

  test("gives blobs as bytes and infinity as a float", async () => {
    await using db = connectTo((count += 1));

    const [row] = await db.query("select x'00ff' as b, 9e999 as i");

    expect(row).toEqual({ b: Uint8Array.from([0, 255]), i: Infinity });
  });

  test("names the database's own code for an error", async () => {
    await using db = connectTo((count += 1));
    await db.execute("create table t (a integer unique)");
    await db.execute("insert into t values (1)");

    await expect(db.execute("insert into t values (1)")).rejects.toMatchObject({
      code: "SQL_ERROR",
      message: "UNIQUE constraint failed: t.a",
      hint: "UNIQUE constraint failed: t.a (2067) in: insert into t values (1)",
    });
  });

  test("fills named placeholders", async () => {
    await using db = connectTo((count += 1));

    const rows = await db.query("select :a as a, :b as b", { parameters: { a: 1, b: "x" } });

    expect(rows).toEqual([{ a: 1, b: "x" }]);
  });
});
