import type { DataMap } from "@lava/core";
import { namedServer, startPostgres, type TestSqlServer } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testSqlClient } from "../../../test/sql-conformance.ts";
import type { SqlCopyClient } from "../client.ts";
import { openPostgres } from "./open-postgres.ts";

let server: TestSqlServer;
let database = "";
beforeAll(async () => {
  server = await startPostgres({ ...process.env });
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

function openDatabase(): Promise<SqlCopyClient> {
  const { host, port, user, password } = server;
  const spec = { conn_id: "conn", type: "postgres", dialect: "postgresql", fields: {} };
  return openPostgres({ ...spec, host, port, user, password, database }, "postgresql", "lv-test");
}

const open = async (): Promise<SqlCopyClient> => {
  database = await server.createDatabase();
  return openDatabase();
};

describe("as every SqlClient, postgresql", () => {
  testSqlClient({
    dialect: "postgresql",
    open,
    again: openDatabase,
    placeholder: (position) => `$${position}`,
    series: (rows) => `select n::integer as n from generate_series(1, ${rows}) as s(n)`,
  });
});

/** Redshift speaks PostgreSQL's protocol: a server that LAVA_TEST_REDSHIFT_URL names, else PostgreSQL itself. */
const redshift = namedServer(process.env["LAVA_TEST_REDSHIFT_URL"], 5439);

describe("as every SqlClient, redshift", () => {
  const made: string[] = [];
  const connect = (name?: string): Promise<SqlCopyClient> => {
    const { host, port, user, password, database: first } = redshift ?? server;
    const fields: DataMap = redshift === undefined ? {} : { ssl: true };
    const spec = { conn_id: "conn", type: "redshift", dialect: "redshift", fields };
    const target = { ...spec, host, port, user, password, database: name ?? first };
    return openPostgres(target, "redshift", "lv-test");
  };
  afterAll(async () => {
    await using admin = await connect();
    for (const name of made) await admin.execute(`drop database ${name}`);
  });
  testSqlClient({
    dialect: "redshift",
    async open() {
      const name = `lava_redshift_${process.pid}_${made.length}`;
      await using admin = await connect();
      await admin.execute(`create database ${name}`);
      made.push(name);
      return await connect(name);
    },
    again: () => connect(made.at(-1)),
    placeholder: (position) => `$${position}`,
    series: (rows) => `select n::integer as n from generate_series(1, ${rows}) as s(n)`,
  });
});

async function* parts(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
}

describe("of its own, postgresql", () => {
  test("tells the server its name (CON-all-13)", async () => {
    await using db = await open();

    expect(await db.query("select current_setting('application_name') as name")).toEqual([
      { name: "lv-test" },
    ]);
  });

  test("copies bytes in and out", async () => {
    await using db = await open();
    await db.execute("create table t (a integer, b text)");

    const { rowsAffected } = await db.copyIn("copy t from stdin", parts("1\ta\n2", "\tb\n"));

    expect(rowsAffected).toBe(2);
    expect(await textOf(db.copyOut("copy (select * from t order by a) to stdout"))).toBe(
      "1\ta\n2\tb\n",
    );
  });

  test("keeps nothing of a copy that breaks off, and goes on", async () => {
    await using db = await open();
    await db.execute("create table t (a integer)");
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("1\n");
      throw new Error("the source broke");
    }

    await expect(db.copyIn("copy t from stdin", broken())).rejects.toThrow("the source broke");
    await expect(db.copyIn("copy t from stdin", parts("1\nx\n"))).rejects.toMatchObject({
      data: { sql_code: "22P02" },
    });

    expect(await db.query("select count(*) as n from t")).toEqual([{ n: 0 }]);
  });

  test("copies out what is longer than any chunk, and rows of every length", async () => {
    await using db = await open();
    const query = "select repeat('x', n * n * 7) as a, n from generate_series(0, 300) as s(n)";

    const text = await textOf(db.copyOut(`copy (${query}) to stdout`));

    const lines = Array.from({ length: 301 }, (_, n) => `${"x".repeat(n * n * 7)}\t${n}\n`);
    expect(text).toBe(lines.join(""));
    expect(await db.query("select 1 as a")).toEqual([{ a: 1 }]);
  });

  test.each([
    ["copy (select 1 / (3 - n) from generate_series(1, 9) as s(n)) to stdout", "22012"],
    ["copy nowhere to stdout", "42P01"],
    ["create table copied (a integer); copy copied from stdin", "57014"],
  ])("tells what is wrong with %s, and goes on", async (sql, code) => {
    await using db = await open();

    await expect(textOf(db.copyOut(sql))).rejects.toMatchObject({ data: { sql_code: code } });
    expect(await db.query("select 1 as a")).toEqual([{ a: 1 }]);
  });

  test("a connection that drops in the middle of a copy is a failure", async () => {
    await using db = await open();
    const [row] = await db.query("select pg_backend_pid() as pid");
    const reading = (async () => {
      for await (const chunk of db.copyOut("copy (select generate_series(1, 3000000)) to stdout")) {
        if (chunk[0] === 0x31 && chunk[1] === 0x0a)
          await server.sql(`select pg_terminate_backend(${String(row?.["pid"])})`);
      }
    })();

    await expect(reading).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  });

  test("can leave a copy in its middle", async () => {
    await using db = await open();
    for await (const chunk of db.copyOut(
      "copy (select * from generate_series(1, 1000000)) to stdout",
    )) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }

    expect(await db.query("select 1 as a")).toEqual([{ a: 1 }]);
  });

  test("stops a statement on the server", async () => {
    await using db = await open();
    const signal = AbortSignal.timeout(100);

    await expect(db.query("select pg_sleep(30)", { signal })).rejects.toMatchObject({
      name: "TimeoutError",
    });

    expect(await db.query("select 1 as a")).toEqual([{ a: 1 }]);
  });

  test("tells code, text and place of a refused statement (T-49)", async () => {
    await using db = await open();

    await expect(db.query("select a from missing_table")).rejects.toMatchObject({
      message: expect.stringMatching(
        /^\{'S': 'ERROR', 'V': 'ERROR', 'C': '42P01', 'M': 'relation "missing_table" does not exist', 'P': '15'/,
      ),
      data: { sql_code: "42P01", statement: "select a from missing_table" },
    });
  });

  test("a connection that drops in the middle of a result is a failure", async () => {
    await using db = await open();
    const [row] = await db.query("select pg_backend_pid() as pid");
    await using result = await db.stream("select n from generate_series(1, 100000) as s(n)");
    const reading = (async () => {
      for await (const batch of result.batches) {
        if (batch[0]?.[0] === 1)
          await server.sql(`select pg_terminate_backend(${String(row?.["pid"])})`);
      }
    })();

    await expect(reading).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  });
});
