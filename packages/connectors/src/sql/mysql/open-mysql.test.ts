import { namedServer, startMariadb, type TestSqlServer } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testSqlClient } from "../../../test/sql-conformance.ts";
import type { SqlCopyInClient } from "../client.ts";
import type { SqlSpec } from "../sql-spec.ts";
import { openMysql } from "./open-mysql.ts";

let server: TestSqlServer;
let database = "";
beforeAll(async () => {
  server = await startMariadb({ ...process.env });
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

function spec(more: Partial<SqlSpec> = {}): SqlSpec {
  const { host, port, user, password } = server;
  const common = { conn_id: "conn", type: "mariadb", dialect: "mysql", fields: {} };
  return { ...common, host, port, user, password, database, ...more };
}

const open = async (): Promise<SqlCopyInClient> => {
  database = await server.createDatabase();
  return await openMysql(spec(), "lv-test");
};

describe("as every SqlClient, mysql", () => {
  testSqlClient({
    dialect: "mysql",
    open,
    again: () => openMysql(spec(), undefined),
    placeholder: () => "?",
    series: (rows) => `select seq as n from seq_1_to_${rows}`,
  });
});

/** MySQL itself, where LAVA_TEST_MYSQL_URL names a server; else MariaDB once more, in the words that both know. */
const mysql = namedServer(process.env["LAVA_TEST_MYSQL_URL"], 3306);

describe("as every SqlClient, mysql in words that both know", () => {
  const made: string[] = [];
  const connect = (name?: string): Promise<SqlCopyInClient> => {
    const { host, port, user, password, database: first } = mysql ?? server;
    const common = { conn_id: "conn", type: "mysql", dialect: "mysql", fields: {} };
    const target = { ...common, host, port, user, password, database: name ?? first };
    return openMysql(target, "lv-test");
  };
  afterAll(async () => {
    await using admin = await connect();
    for (const name of made) await admin.execute(`drop database ${name}`);
  });
  testSqlClient({
    dialect: "mysql",
    async open() {
      const name = `lava_mysql_${process.pid}_${made.length}`;
      await using admin = await connect();
      await admin.execute(`create database ${name}`);
      made.push(name);
      return await connect(name);
    },
    again: () => connect(made.at(-1)),
    placeholder: () => "?",
    series: (rows) =>
      `with recursive s (n) as (select 1 union all select n + 1 from s where n < ${rows}) select n from s`,
  });
});

async function* parts(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe("of its own, mysql", () => {
  test("gives values as Python's driver prints them (T-15)", async () => {
    await using db = await open();
    await db.execute("create table t (j json)");
    await db.execute(`insert into t values ('{"a": 1}')`);
    const rows = await db.query(
      `select cast('1.50' as decimal(5,2)) as d, cast(7 as signed) as i, time('26:03:04.5') as t,
       cast('2024-01-02 03:04:05.120000' as datetime(6)) as dt, date('2024-01-02') as day,
       j, x'00ff' as b, true as yes, 'é''\\\\' as s, 1.5e0 as f from t`,
    );
    expect(rows).toMatchObject([
      {
        d: { text: "1.50" },
        i: 7,
        t: "1 day, 2:03:04.500000",
        dt: "2024-01-02 03:04:05.120000",
        day: "2024-01-02",
        j: '{"a": 1}',
        b: Uint8Array.from([0, 255]),
        yes: 1,
        s: "é'\\",
        f: 1.5,
      },
    ]);
  });

  test("loads a file from a stream, and nothing of one that breaks off", async () => {
    await using db = await open();
    await db.execute("create table t (a integer, b varchar(20))");
    const load = "load data local infile 'x' into table t fields terminated by ','";

    expect(await db.copyIn(load, parts("1,a\n2,", "b\n"))).toEqual({ rowsAffected: 2 });
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("3,c\n");
      throw new Error("the source broke");
    }
    await expect(db.copyIn(load, broken())).rejects.toThrow("the source broke");

    expect(await db.query("select a, b from t order by a")).toEqual([
      { a: 1, b: "a" },
      { a: 2, b: "b" },
    ]);
  });

  test("tells the number and the text of a refused statement", async () => {
    await using db = await open();
    await expect(db.query("select a from missing_table")).rejects.toMatchObject({
      message: `(1146, "Table '${database}.missing_table' doesn't exist")`,
      data: { sql_code: "1146", statement: "select a from missing_table" },
    });
  });

  test("gives any text through a placeholder, whatever backslashes mean", async () => {
    await using db = await open();
    const text = "it's \\' \"?\" \u0000 ✓";
    for (const mode of ["", "NO_BACKSLASH_ESCAPES"]) {
      await db.execute(`set sql_mode = '${mode}'`);
      expect(await db.query("select ? as a, '?' as b", { parameters: [text] })).toEqual([
        { a: text, b: "?" },
      ]);
    }
  });

  test("uses TLS where the record says so, and says so", async () => {
    database = server.database;
    const { ca = "" } = server;
    await using db = await openMysql(spec({ fields: { ssl: true, ca_cert: ca } }), undefined);
    expect(await db.server()).toEqual({
      version: expect.stringMatching(/^MariaDB \d+\./),
      tls: expect.stringMatching(/^TLSv1\.[23]$/),
    });
  });

  test.each([
    ["wrong password", { password: "nope" }, "LOGIN_FAILED"],
    ["host down", { port: 1 }, "CONNECTION_FAILED"],
    ["no database", { database: undefined }, "BAD_CONNECTION_RECORD"],
  ])("%s is one clear failure", async (_name, more, code) => {
    database = server.database;
    await expect(openMysql(spec(more), undefined)).rejects.toMatchObject({ code });
  });

  test("a connection that drops in the middle of a result is a failure", async () => {
    await using db = await open();
    await using result = await db.stream(
      "select seq as n, repeat('x', 1000) as x from seq_1_to_100000",
    );
    const [own] = (await server.sql("show processlist", database))
      .split("\n")
      .filter((line) => line.includes("seq_1_to"));
    const reading = (async () => {
      let killed = false;
      for await (const batch of result.batches) {
        if (batch.length === 0 || killed) continue;
        killed = true;
        await server.sql(`kill connection ${own?.split("\t")[0] ?? ""}`);
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  });
});
