import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DecimalValue, FloatValue } from "@lava/core";
import { namedServer } from "@lava/testing";
import oracledb from "oracledb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { oracleStandIn } from "../../../test/oracle-stand-in.ts";
import { testSqlClient } from "../../../test/sql-conformance.ts";
import type { SqlClient, SqlOptions, SqlRow, StreamOptions } from "../client.ts";
import { createOracleClient } from "./oracle-client.ts";
import { openOracle } from "./oracle.ts";

/** A server that LAVA_TEST_ORACLE_URL names (`oracle://user:password@host:1521/service`), else the stand-in of the driver. */
const named = namedServer(process.env["LAVA_TEST_ORACLE_URL"], 1521);
let folder = "";
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-oracle-"));
});
afterAll(() => rm(folder, { recursive: true }));

const spec = { conn_id: "conn", type: "oracle", dialect: "oracle", host: "127.0.0.1", port: 1 };

async function connect(): Promise<SqlClient> {
  if (named !== undefined) {
    const { database, ...server } = named;
    return await openOracle({ ...spec, ...server, database, fields: { service_name: database } });
  }
  const connection = oracleStandIn(join(folder, `${count}.db`));
  return createOracleClient({ connection, oracledb, target: spec });
}

async function open(): Promise<SqlClient> {
  count += 1;
  const db = await connect();
  for (const table of named === undefined ? [] : ["t", "city"]) {
    await db.execute(`drop table ${table} purge`).catch(() => undefined);
  }
  return db;
}

/** The suite's statements in Oracle's words; names that are not quoted come in capitals. */
function inOracle(sql: string): string {
  const rows = /^(insert into t) values (\(\d+\)(?:, \(\d+\))+)$/.exec(sql);
  if (rows !== null) {
    const values = rows[2]?.match(/\d+/g) ?? [];
    return `${rows[1]} ${values.map((value) => `select ${value} from dual`).join(" union all ")}`;
  }
  return sql.replace(/\bbigint\b/g, "number(19)").replace(/\bdouble precision\b/g, "binary_double");
}

async function suiteClient(from: () => Promise<SqlClient>): Promise<SqlClient> {
  const db = await from();
  const small = (row: SqlRow): SqlRow =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
  const query = async (sql: string, options?: SqlOptions): Promise<SqlRow[]> =>
    (await db.query(inOracle(sql), options)).map(small);
  return {
    ...db,
    // The suite has no schemas of rows.
    query,
    execute: (sql, options) => db.execute(inOracle(sql), options),
    async stream(sql: string, options?: StreamOptions) {
      const result = await db.stream(inOracle(sql), options);
      const columns = result.columns?.map((column) => ({
        ...column,
        name: column.name.toLowerCase(),
      }));
      return { ...result, columns, [Symbol.asyncDispose]: () => result[Symbol.asyncDispose]() };
    },
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  };
}

describe("as every SqlClient, oracle", () => {
  testSqlClient({
    dialect: "oracle",
    open: () => suiteClient(open),
    again: () => suiteClient(connect),
    placeholder: (position) => `:${position}`,
    series: (rows) =>
      named === undefined
        ? `with s (n) as (select 1 union all select n + 1 from s where n < ${rows}) select n from s`
        : `select level as n from dual connect by level <= ${rows}`,
  });
});

describe("at the border of the driver, oracle", () => {
  const columns = [
    ["D", oracledb.DB_TYPE_NUMBER, "12345678901234567890.0123456789"],
    ["I", oracledb.DB_TYPE_NUMBER, "9007199254740993"],
    ["SMALL", oracledb.DB_TYPE_NUMBER, "0.0000001"],
    ["DAY", oracledb.DB_TYPE_DATE, new Date("2026-01-02T03:04:05Z")],
    ["AT", oracledb.DB_TYPE_TIMESTAMP, new Date("2026-01-02T03:04:05.250Z")],
    ["F", oracledb.DB_TYPE_BINARY_DOUBLE, 2],
    ["C", oracledb.DB_TYPE_CLOB, "é"],
    ["R", oracledb.DB_TYPE_RAW, Buffer.from([0, 255])],
    ["NOTHING", oracledb.DB_TYPE_VARCHAR, null],
  ] as const;
  const metaData = columns.map(([name, dbType]) => ({
    name,
    dbType,
    dbTypeName: dbType.columnTypeName,
  }));

  test("numbers keep all digits, and dates are printed as Python prints them (T-15)", async () => {
    const asked: unknown[] = [];
    const stand = {
      ...oracleStandIn(join(folder, "types.db")),
      async execute(_sql: string, _binds: unknown, options: { fetchTypeHandler: typeof handler }) {
        asked.push(...metaData.map((column) => options.fetchTypeHandler(column)?.type));
        const rows = [columns.map(([, , value]) => value)];
        return {
          metaData,
          resultSet: { getRows: async () => rows.splice(0), close: async () => {} },
        };
      },
    };
    await using db = createOracleClient({
      // What the client calls of it is all there.
      connection: stand as unknown as oracledb.Connection,
      oracledb,
      target: spec,
    });

    const [row] = await db.query("select all of them", { values: "exact" });

    expect(row).toEqual({
      D: new DecimalValue("12345678901234567890.0123456789"),
      I: 9007199254740993n,
      SMALL: new DecimalValue("1E-7"),
      DAY: "2026-01-02 03:04:05",
      AT: "2026-01-02 03:04:05.250000",
      F: new FloatValue(2),
      C: "é",
      R: Uint8Array.from([0, 255]),
      NOTHING: null,
    });
    // Numbers and long texts are asked for as text: as numbers they would lose digits.
    const { STRING } = oracledb;
    expect(asked.map((type) => type === STRING)).toEqual(
      ["D", "I", "SMALL", "DAY", "AT", "F", "C", "R", "NOTHING"].map((name) =>
        ["D", "I", "SMALL", "C"].includes(name),
      ),
    );
  });

  const handler = (_column: object): { readonly type: unknown } | undefined => undefined;

  test.each([
    ["ORA-00942: table or view does not exist", { code: "SQL_ERROR" }],
    ["ORA-03113: end-of-file on communication channel", { code: "CONNECTION_LOST" }],
    ["NJS-500: connection to the Oracle Database was broken", { code: "CONNECTION_LOST" }],
  ])("%s is told as what it is", async (text, expected) => {
    const stand = {
      ...oracleStandIn(join(folder, "faults.db")),
      execute: () => Promise.reject(new Error(text)),
    };
    await using db = createOracleClient({
      connection: stand,
      oracledb,
      target: spec,
    });

    await expect(db.query("select 1 from dual")).rejects.toMatchObject(expected);
  });
});
