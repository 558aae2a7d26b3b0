import { DecimalValue } from "@lava/core";
import { namedServer, startMssqlDouble } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testSqlClient } from "../../../test/sql-conformance.ts";
import type { SqlClient } from "../client.ts";
import { openMssql } from "./open-mssql.ts";

/** A server that LAVA_TEST_MSSQL_URL names, else the double. */
const named = namedServer(process.env["LAVA_TEST_MSSQL_URL"], 1433);
const stack = new AsyncDisposableStack();
let server = named;
const made: string[] = [];
let database = "";
beforeAll(async () => {
  if (server === undefined) server = stack.use(await startMssqlDouble({ ...process.env }));
});
afterAll(async () => {
  {
    await using admin = await connect(server?.database ?? "");
    for (const name of made) await admin.execute(`drop database ${name}`);
  }
  await stack.disposeAsync();
});

async function connect(name: string, fields = {}): Promise<SqlClient> {
  if (server === undefined) throw new Error("no server");
  const { host, port, user, password } = server;
  const common = { conn_id: "conn", type: "mssql", dialect: "mssql", fields };
  return await openMssql({ ...common, host, port, user, password, database: name }, "lv-test");
}

async function open(): Promise<SqlClient> {
  database = `lava_test_${process.pid}_${made.length}`;
  {
    await using admin = await connect(server?.database ?? "");
    await admin.execute(`create database ${database}`);
  }
  made.push(database);
  return await connect(database);
}

describe("as every SqlClient, mssql", () => {
  testSqlClient({
    dialect: "mssql",
    open,
    again: () => connect(database),
    placeholder: (position) => `@p${position}`,
    series: (rows) =>
      `with s (n) as (select 1 union all select n + 1 from s where n < ${rows}) select n from s${named === undefined ? "" : " option (maxrecursion 0)"}`,
  });
});

describe("of its own, mssql", () => {
  test("gives every digit of exact numbers, and dates as Python prints them (T-15)", async () => {
    await using db = await open();
    await db.execute(
      `create table t (d decimal(38,10), m money, s decimal(5,2), day date, t time(7), at datetime2(7),
       tz datetimeoffset(7), old datetime, u uniqueidentifier, yes bit, f float, b varbinary(10), n nvarchar(max))`,
    );
    await db.execute(
      `insert into t values ('1234567890123456789012345678.0123456789',
       '922337203685477.5807', 1.50, '2026-01-02', '03:04:05.1234567',
       '2026-01-02 03:04:05.1234567', '2026-01-02 03:04:05.1234567 +10:30', '2026-01-02 03:04:05.003',
       '5e0f6c8e-3a4b-4c5d-8e9f-0a1b2c3d4e5f', 1, 1.5, 0x00ff, N'é😀')`,
    );

    const [row] = await db.query("select * from t", { values: "exact" });

    expect(row).toEqual({
      d: new DecimalValue("1234567890123456789012345678.0123456789"),
      m: new DecimalValue("922337203685477.5807"),
      s: new DecimalValue("1.50"),
      day: "2026-01-02",
      t: "03:04:05.123456",
      at: "2026-01-02 03:04:05.123456",
      tz: "2026-01-02 03:04:05.123456+10:30",
      old: "2026-01-02 03:04:05.003000",
      u: "5E0F6C8E-3A4B-4C5D-8E9F-0A1B2C3D4E5F",
      yes: true,
      f: 1.5,
      b: Uint8Array.from([0, 255]),
      n: "é😀",
    });
  });

  test("stops a statement on the server", async () => {
    await using db = await open();
    const signal = AbortSignal.timeout(100);

    await expect(db.query("waitfor delay '00:00:30'", { signal })).rejects.toMatchObject({
      name: "TimeoutError",
    });

    expect(await db.query("select 1 as a")).toEqual([{ a: 1 }]);
  });

  test("tells number and text of a refused statement (T-49)", async () => {
    await using db = await open();

    await expect(db.query("select a from missing_table")).rejects.toMatchObject({
      message: `(208, "Invalid object name 'missing_table'.")`,
      data: { sql_code: "208", statement: "select a from missing_table" },
    });
  });

  test.each(["wrong", ""])("refuses the password %o without showing it", async (password) => {
    const failing = openMssql(
      {
        conn_id: "conn",
        type: "mssql",
        dialect: "mssql",
        fields: {},
        host: server?.host ?? "",
        port: server?.port ?? 0,
        user: "sa",
        password,
        database: server?.database ?? "",
      },
      undefined,
    );

    await expect(failing).rejects.toMatchObject({ code: "LOGIN_FAILED" });
  });
});
