import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { DataMap } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { startMssqlDouble, startPostgres, type TestSqlServer } from "@lava/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sqlConnection } from "./sql-connection.ts";
import { workerRealm, type WorkerRealm } from "./worker-realm.ts";

const stack = new AsyncDisposableStack();
let folder = "";
let postgres: TestSqlServer;
let setup: WorkerRealm;
let database = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-load-jobs-"));
  stack.defer(() => rm(folder, { recursive: true }));
  postgres = stack.use(await startPostgres({ ...process.env }));
  database = await postgres.createDatabase();
  const pg = { folder, database };
  const mssql = stack.use(await startMssqlDouble({ ...process.env }));
  const passwordFile = join(folder, "mssql.password");
  await writeFile(passwordFile, mssql.password, { mode: 0o600 });
  setup = stack.use(
    await workerRealm({
      connections: [
        await sqlConnection("pg", "postgres", postgres, pg),
        await sqlConnection("rds", "postgres-rds", postgres, pg),
        await sqlConnection("maria", "mariadb", postgres, pg),
        {
          conn_id: "mssql",
          type: "mssql",
          enabled: true,
          host: mssql.host,
          port: mssql.port,
          user: mssql.user,
          database: mssql.database,
          "x-lava-password-file": passwordFile,
        },
        { conn_id: "lite", type: "sqlite3", host: join(folder, "lite.db"), port: 1, enabled: true },
      ],
    }),
  );
  await setup.start();
}, 90_000);
afterAll(() => stack.disposeAsync());

let count = 0;
let table = "";
beforeEach(() => {
  count += 1;
  table = `t${count}`;
});

const COLUMNS = ["a integer", "b text"];

async function put(name: string, content: string | Uint8Array): Promise<string> {
  await setup.realm.payloads.put(name, Buffer.from(content));
  return setup.realm.payloads.uri(name).replace(/^s3:\/\/[^/]+\//, "");
}

async function load(parameters: DataMap): Promise<RunRecord> {
  const job_id = `load-${count}-${Math.random().toString(36).slice(2)}`;
  const bucket = setup.emulated.bucket;
  const item = {
    job_id,
    type: "db_from_s3",
    worker: "core",
    enabled: true,
    owner: "",
    payload: "--",
    parameters: {
      bucket,
      schema: "public",
      table,
      mode: "append",
      db_conn_id: "pg",
      columns: COLUMNS,
      args: ["FORMAT CSV"],
      ...parameters,
    },
  };
  await setup.realm.jobs.put(item);
  return setup.run(job_id);
}

function events(run: RunRecord): unknown {
  const info: unknown = JSON.parse(
    JSON.stringify(run.log.find(({ status }) => status === "complete")?.info ?? null),
  );
  if (info === null) throw new Error(JSON.stringify(run.log));
  return Reflect.get(Object(info), "events");
}

const errorOf = (run: RunRecord): unknown =>
  JSON.parse(JSON.stringify(run.log.find(({ status }) => status === "failed")?.info ?? run.log));

const rows = (name = table): Promise<string> =>
  postgres.sql(
    `select string_agg(a || '=' || coalesce(b, 'null'), ',' order by a, b) from ${name}`,
    database,
  );

describe("a db_from_s3 job into PostgreSQL", () => {
  test("makes a missing table and loads the object into it (JOB-db_from_s3-20, 25, 26, 31)", async () => {
    const key = await put("a.csv", 'a,b\n1,x\n2,"y, {z}"\n');

    const run = await load({ key, args: ["FORMAT CSV", "HEADER"] });

    expect(events(run)).toEqual([
      `Creating table "public"."${table}"`,
      `Created table "public"."${table}"`,
      `Running COPY command(s) for public.${table}`,
      `COPY command: COPY "public"."${table}"("a","b") FROM STDIN WITH (FORMAT CSV, HEADER)`,
      `Copying s3://${setup.emulated.bucket}/${key}`,
      "Copy complete",
      "COPY 2",
      `Commit "public"."${table}"`,
    ]);
    expect(await rows()).toBe("1=x,2=y, {z}");
  });

  test.each([
    ["append", "0=old,1=x", []],
    ["delete", "1=x", ["Deleting from table T", "Deleted from table T"]],
    ["truncate", "1=x", ["Truncating table T", "Truncated table T"]],
    ["drop", "1=x", ["Dropping table T", "Dropped table T", "Creating table T", "Created table T"]],
  ])(
    "in mode %s (JOB-db_from_s3-20, JOB-db_from_s3-22, JOB-db_from_s3-23, JOB-db_from_s3-24, JOB-db_from_s3-26)",
    async (mode, expected, first) => {
      await postgres.sql(
        `create table ${table} (a integer, b text); insert into ${table} values (0, 'old')`,
        database,
      );
      const key = await put("b.csv", "1,x\n");

      const run = await load({ key, mode });

      const name = `"public"."${table}"`;
      expect(events(run)).toEqual([
        ...first.map((text) => text.replace(" T", ` ${name}`)),
        `Running COPY command(s) for public.${table}`,
        expect.stringMatching(/^COPY command: /),
        expect.stringMatching(/^Copying s3:/),
        "Copy complete",
        "COPY 1",
        `Commit ${name}`,
      ]);
      expect(await rows()).toBe(expected);
    },
  );

  test("in mode switch loads the empty table of two, and empties the other (JOB-db_from_s3-27)", async () => {
    const key = await put("c.csv", "1,x\n");

    const first = await load({ key, mode: "switch" });
    const second = await load({ key, mode: "switch" });
    await postgres.sql(`insert into ${table}_a values (7, '')`, database);
    const third = await load({ key, mode: "switch" });

    expect(events(first)).toEqual(
      expect.arrayContaining([
        `Creating table public.${table}_a`,
        `Table public.${table}_a is empty - setting as load target`,
        `Truncated table public.${table}_b`,
        `Commit public.${table}`,
      ]),
    );
    expect(events(second)).toContain(`Table public.${table}_b is empty - setting as load target`);
    expect(await rows(`${table}_b`)).toBe("1=x");
    expect(errorOf(third)).toMatchObject({
      error: `Copy failed: Neither A nor B switch table is empty for public.${table}`,
    });
  });

  test.each(["append", "delete", "truncate", "drop"])(
    "leaves a table as it was when a load in mode %s fails, and says in which line (JOB-db_from_s3-12, 20..24)",
    async (mode) => {
      await postgres.sql(
        `create table ${table} (a integer, b text); insert into ${table} values (0, 'old')`,
        database,
      );
      const key = await put("d.csv", "1,x\nnope,y\n");

      const run = await load({ key, mode });

      expect(errorOf(run)).toMatchObject({
        error: expect.stringMatching(/^Copy failed: .*'C': '22P02'.*line 2/),
        error_data: { exit_status: 1, bucket: setup.emulated.bucket, key },
      });
      expect(await rows()).toBe("0=old");
    },
  );

  test("leaves no table behind that a failed load has made, and both of a switch as they were (JOB-db_from_s3-25, 27)", async () => {
    const key = await put("d.csv", "1,x\nnope,y\n");
    const tables = (): Promise<string> =>
      postgres.sql(`select count(*) from pg_tables where tablename like '${table}%'`, database);

    await load({ key });
    expect(await tables()).toBe("0");
    await load({ key, mode: "switch" });
    expect(await tables()).toBe("0");

    await load({ key: await put("good.csv", "1,x\n"), mode: "switch" });
    await load({ key, mode: "switch" });
    expect(await rows(`${table}_a`)).toBe("1=x");
    expect(await rows(`${table}_b`)).toBe("");
  });

  test("of several objects takes all or none (JOB-db_from_s3-33)", async () => {
    const { bucket } = setup.emulated;
    const keys = [await put("m1.csv", "1,x\n"), await put("m2.csv", "nope,y\n")];
    const entries = keys.map((key) => ({ url: `s3://${bucket}/${key}` }));
    const key = await put("m.manifest", JSON.stringify({ entries }));
    await postgres.sql(`create table ${table} (a integer, b text)`, database);

    const run = await load({ key, args: ["FORMAT CSV", "MANIFEST"] });

    expect(errorOf(run)).toMatchObject({ error: expect.stringContaining("22P02") });
    expect(await rows()).toBe("");
  });

  test("unpacks gzip, reads manifests, leaves small objects out, expands * (JOB-db_from_s3-07, JOB-db_from_s3-32, JOB-db_from_s3-33, WF-165)", async () => {
    const { bucket } = setup.emulated;
    const keys = [
      await put("e1.csv.gz", gzipSync("1,\n")),
      await put("e2.csv.gz", gzipSync("2,y\n")),
      await put("e3.csv.gz", "x"),
    ];
    const entries = keys.map((key) => ({ url: `s3://${bucket}/${key}` }));
    const key = await put("e.manifest", JSON.stringify({ entries }));

    const run = await load({
      key,
      min_size: "5B",
      args: ["FORMAT CSV", "GZIP", "MANIFEST", "FORCE_NOT_NULL *", "force_null  *"],
    });

    expect(events(run)).toEqual(
      expect.arrayContaining([
        `Reading manifest s3://${bucket}/${key}`,
        `Skipping runt file s3://${bucket}/${keys[2]}`,
        expect.stringContaining('FORCE_NOT_NULL ("a", "b"), FORCE_NULL ("a", "b")'),
      ]),
    );
    expect(await rows()).toBe("1=,2=y");
  });

  test("skips a missing object when told to, else fails; a missing bucket is always a fault (JOB-db_from_s3-06)", async () => {
    const skipped = await load({ key: "none.csv", skip_missing: true });
    const failed = await load({ key: "none.csv" });
    const lost = await load({ bucket: "no-such-bucket", key: "none.csv", skip_missing: true });

    expect(events(skipped)).toEqual(["Skipped missing object"]);
    expect(errorOf(failed)).toMatchObject({
      error: `Copy failed: Download failed: s3://${setup.emulated.bucket}/none.csv - there is no such object`,
    });
    expect(errorOf(lost)).toMatchObject({
      error: "Copy failed: Download failed: s3://no-such-bucket/none.csv - there is no such bucket",
    });
  });

  test.each([
    [
      { args: ["HEADERS", "FORMAT CSV", "NOPE"] },
      "Copy failed: Invalid COPY arguments: HEADERS, NOPE",
    ],
    [{ columns: [] }, /^Copy failed: Table "public"."t\d+" doesn't exist and no column spec/],
    [{ table: 'x"y' }, 'Copy failed: Bad database object name: x"y'],
    [{ table: "/(nope)" }, /^Object name .*\/f does not match table regex$/],
    [{ table: "/f" }, "Regex for table does not contain a capture group"],
    [{ schema: "/^(nope)/" }, /^Object name .*\/f does not match schema regex$/],
    [{ schema: "/f" }, "Regex for schema does not contain a capture group"],
    [{ schema: "nope" }, /^Copy failed: .*'C': '3F000'.*schema "nope" does not exist/],
    [
      { bucket: "no-such-bucket" },
      /^Copy failed: Download failed: s3:\/\/no-such-bucket\/.* - there is no such bucket$/,
    ],
    [{ bucket: "no-such-bucket", args: ["MANIFEST"] }, /no-such-bucket.*bucket does not exist/],
    [
      { args: ["FORMAT CSV", "GZIP"] },
      /^Copy failed: Gunzip failed: s3:.*f\.csv - incorrect header/,
    ],
    [{ args: ["FORMAT CSV", "MANIFEST"] }, /^Copy failed: Manifest s3:.*f\.csv is not JSON/],
    [{ db_conn_id: "maria" }, "db_from_s3 does not support mariadb databases"],
    [{ db_conn_id: "gone" }, "gone: No such connection"],
  ])(
    "refuses %o (JOB-db_from_s3-04, JOB-db_from_s3-09, JOB-db_from_s3-11, JOB-db_from_s3-14, JOB-db_from_s3-38)",
    async (parameters, message) => {
      const key = await put("f.csv", "1,x\n");

      const run = await load({ key, ...parameters });

      expect(errorOf(run)).toMatchObject({
        error: typeof message === "string" ? message : expect.stringMatching(message),
      });
    },
  );

  test("refuses a table that exists in mode abort (JOB-db_from_s3-21)", async () => {
    await postgres.sql(`create table ${table} (a integer, b text)`, database);
    const key = await put("g.csv", "1,x\n");

    expect(errorOf(await load({ key, mode: "abort" }))).toMatchObject({
      error: `Copy failed: Table "public"."${table}" already exists`,
    });
  });

  test("takes the table's name out of the key, in lower case (JOB-db_from_s3-09, JOB-db_from_s3-10)", async () => {
    const key = await put(`a/My_${table}.Tab.csv`, "1,x\n");

    const run = await load({ key, table: "/([^/]*)$" });

    expect(events(run)).toContain(`Commit "public"."my_${table}"`);
  });
});

test("postgres-rds lets the server read S3, with bound values (JOB-db_from_s3-30, 40)", async () => {
  await postgres.sql(
    `create schema if not exists aws_s3; create table if not exists aws_s3.calls (call text);
     create or replace function aws_s3.table_import_from_s3(text, text, text, text, text, text, text, text, text) returns text
     language sql as $$ insert into aws_s3.calls values (array[$1,$2,$3,$4,$5,$6,$7,$8,$9]::text) returning '3 rows imported' $$`,
    database,
  );
  const key = await put("it's {odd}.csv", "1,x\n");

  const run = await load({ key, db_conn_id: "rds", args: ["FORMAT CSV", "DELIMITER ','"] });

  expect(events(run)).toEqual(expect.arrayContaining(["Copy complete", "3 rows imported"]));
  const call = await postgres.sql("select call from aws_s3.calls", database);
  expect(call).toContain(`it's {odd}.csv`);
  expect(call).toContain("(FORMAT CSV, DELIMITER ',')");
});

describe("a db_from_s3 job into SQLite", () => {
  test("inserts rows of CSV as Python reads them (JOB-db_from_s3-36, 37, 40)", async () => {
    const key = await put("h.csv", "a|b\n1|'x|y'\n2|p\\|q\n");

    const args = [
      "DELIMITER '|'",
      "QUOTECHAR '''",
      "ESCAPECHAR '\\'",
      "HEADER false",
      "DOUBLEQUOTE",
    ];
    const run = await load({ key, db_conn_id: "lite", schema: "main", args, mode: "truncate" });
    await setup.realm.jobs.put({
      job_id: `read-${table}`,
      type: "sqli",
      worker: "core",
      enabled: true,
      owner: "",
      payload: `select * from ${table} order by a`,
      parameters: { conn_id: "lite", delimiter: "," },
    });
    const read = await setup.run(`read-${table}`);

    expect(events(run)).toEqual([
      `Creating table "${table}"`.replace('"t', '"main"."t'),
      `Created table "main"."${table}"`,
      `Running INSERTs for "main"."${table}"`,
      `Inserting data from s3://${setup.emulated.bucket}/${key}`,
      `Inserted 2 rows from s3://${setup.emulated.bucket}/${key}`,
      `Commit "main"."${table}"`,
    ]);
    const text = Buffer.from((await setup.realm.temp.getOutput(read, "0.0.out")) ?? []).toString();
    expect(text).toBe("1,x|y\r\n2,p|q\r\n");
  });

  test.each(["append", "delete", "truncate", "drop"])(
    "leaves a table as it was when a load in mode %s fails (JOB-db_from_s3-12, 20..24)",
    async (mode) => {
      await load({ key: await put("old.csv", "0,old\n"), ...lite });

      const run = await load({ key: await put("bad.csv", "1,x\n2\n"), ...lite, mode });

      expect(errorOf(run)).toMatchObject({ error: expect.stringContaining("(line 2)") });
      expect(await select("lite")).toBe("0,old\r\n");
    },
  );

  test("makes the table of another schema, and does not find it there (JOB-db_from_s3-37)", async () => {
    const run = await load({ key: await put("s.csv", "1,x\n"), ...lite, schema: "s" });

    expect(errorOf(run)).toMatchObject({ error: `Copy failed: no such table: s.${table}` });
    expect(await select("lite")).toBe("");
  });

  const lite = { db_conn_id: "lite", schema: "", args: [] };

  test.each<[string, string | Uint8Array, string[], string]>([
    [
      "is not UTF-8",
      Buffer.concat([
        Buffer.from("1,x\n2,\u{e9}\n3,"),
        Buffer.from([0xe9]),
        Buffer.from("\n4,z\n"),
      ]),
      [],
      "KEY is not UTF-8 text (line 3)",
    ],
    [
      "has a word for a number",
      "1,2\n3,four\n",
      ["QUOTING 'nonnumeric'"],
      "could not convert string to float: 'four' (line 2)",
    ],
    [
      "has a quote that is never closed",
      '1,x\n2,"y\n3,z\n4,w\n',
      [],
      "KEY: A quote is never closed (line 2)",
    ],
  ])(
    "says in which line a file %s (JOB-db_from_s3-12, JOB-db_from_s3-36)",
    async (_what, text, args, message) => {
      await load({ key: await put("old.csv", "0,old\n"), ...lite });
      const key = await put("odd.csv", text);

      const run = await load({ key, ...lite, args });

      const uri = `s3://${setup.emulated.bucket}/${key}`;
      expect(errorOf(run)).toMatchObject({ error: `Copy failed: ${message.replace("KEY", uri)}` });
      expect(await select("lite")).toBe("0,old\r\n");
    },
  );

  test("says in which line a row has the wrong width", async () => {
    const key = await put("i.csv", '1,"x\ny"\n2\n');

    const run = await load({ key, db_conn_id: "lite", schema: "", args: [] });

    expect(errorOf(run)).toMatchObject({
      error: `Copy failed: s3://${setup.emulated.bucket}/${key}: Expected 2 columns but got 1 (line 3)`,
    });
  });
});

describe("a db_from_s3 job into SQL Server (its double)", () => {
  const into = { db_conn_id: "mssql", schema: "dbo", columns: ["a int", "b nvarchar(20)"] };

  test("inserts rows into a table that it makes, names in brackets (JOB-db_from_s3-36, 37)", async () => {
    const key = await put("ms.csv", "a;b\n1;it's\n2;\n");

    const run = await load({ key, ...into, args: ["HEADER", "DELIMITER ';'"] });

    expect(events(run)).toEqual([
      `Creating table [dbo].[${table}]`,
      `Created table [dbo].[${table}]`,
      `Running INSERTs for dbo.${table}`,
      `Inserting data from s3://${setup.emulated.bucket}/${key}`,
      `Inserted 2 rows from s3://${setup.emulated.bucket}/${key}`,
      `Commit [dbo].[${table}]`,
    ]);
    expect(await select("mssql")).toBe("1,it's\r\n2,\r\n");
  });

  test.each(["append", "delete", "truncate", "drop"])(
    "in mode %s, whole or not at all (JOB-db_from_s3-12, 20..24)",
    async (mode) => {
      await load({ key: await put("old.csv", "0,old\n"), ...into, args: [] });
      const failing = await load({
        key: await put("bad.csv", "1,x\n2\n"),
        ...into,
        args: [],
        mode,
      });
      const before = await select("mssql");

      const run = await load({ key: await put("new.csv", "1,x\n"), ...into, args: [], mode });

      expect(errorOf(failing)).toMatchObject({ error: expect.stringContaining("(line 2)") });
      expect(before).toBe("0,old\r\n");
      expect(events(run)).toContain(`Commit [dbo].[${table}]`);
      expect(await select("mssql")).toBe(mode === "append" ? "0,old\r\n1,x\r\n" : "1,x\r\n");
    },
  );
});

/** The rows of the test's table as CSV. */
async function select(conn_id: string): Promise<string> {
  const job_id = `read-${Math.random().toString(36).slice(2)}`;
  await setup.realm.jobs.put({
    job_id,
    type: "sqli",
    worker: "core",
    enabled: true,
    owner: "",
    payload: `select * from ${table} order by a`,
    parameters: { conn_id, delimiter: "," },
  });
  const run = await setup.run(job_id);
  if (run.status !== "complete") throw new Error(JSON.stringify(run.log));
  return Buffer.from((await setup.realm.temp.getOutput(run, "0.0.out")) ?? []).toString();
}
