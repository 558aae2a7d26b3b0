import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { DataMap } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { startPostgres, type TestSqlServer } from "@lava/testing";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRedshiftDouble } from "./redshift-double.ts";
import { sqlConnection } from "./sql-connection.ts";
import { workerRealm, type WorkerRealm } from "./worker-realm.ts";

const stack = new AsyncDisposableStack();
let postgres: TestSqlServer;
let setup: WorkerRealm;
let database = "";
const copies: string[] = [];
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "lava-sql-rows-"));
  stack.defer(() => rm(folder, { recursive: true }));
  postgres = stack.use(await startPostgres({ ...process.env }));
  database = await postgres.createDatabase();
  await postgres.sql(
    `create view svv_columns as select * from information_schema.columns;
     create view svv_tables as select * from information_schema.tables`,
    database,
  );
  const double = stack.use(
    await startRedshiftDouble(postgres, {
      unload: () => Promise.reject(new Error("nothing is unloaded here")),
      async copy(sql) {
        copies.push(sql);
        if (sql.includes("broken"))
          throw new Error("Load into table failed. Check stl_load_errors");
      },
    }),
  );
  const { host, port } = double;
  const pg = await sqlConnection("pg", "postgres", postgres, { folder, database });
  setup = stack.use(
    await workerRealm({
      connections: [
        pg,
        { ...pg, conn_id: "case", preserve_case: true },
        { ...pg, conn_id: "cluster", type: "redshift", host, port },
        { conn_id: "s3", type: "aws", access_keys: "/keys", enabled: true },
        {
          conn_id: "other-account",
          type: "aws",
          role_arn: "arn:aws:iam::000000000000:role/reader",
          enabled: true,
        },
      ],
      payloads: {
        "a.sql": "create temporary table only_here (a integer); select 1",
        "rows.sql":
          "select n, (n / 100.0)::numeric(10,2) as price, timestamp '2026-01-02 03:04:05.25' as at from generate_series(1, 1000) as s(n)",
        "b.sql": "select count(*) from pg_tables where tablename = 'only_here'",
      },
    }),
  );
  const ssm = await setup.realm.clients.ssm();
  await ssm.send(
    new PutParameterCommand({
      Name: "/keys",
      Type: "SecureString",
      Value: "AKIAEXAMPLE,hidden/key",
    }),
  );
  await setup.start();
}, 90_000);
afterAll(() => stack.disposeAsync());

let count = 0;
async function run(
  type: string,
  parameters: DataMap,
  payload: DataMap[string] = "--",
): Promise<RunRecord> {
  count += 1;
  const job_id = `job-${count}`;
  const item = { job_id, type, worker: "core", enabled: true, owner: "", payload, parameters };
  await setup.realm.jobs.put(item);
  return setup.run(job_id);
}

const info = ({ log }: RunRecord, status: string): DataMap[string] =>
  JSON.parse(JSON.stringify(log.find((entry) => entry.status === status)?.info ?? log));

async function load(parameters: DataMap, content = "1,x\n"): Promise<RunRecord> {
  await setup.realm.payloads.put("load/file.csv", Buffer.from(content));
  const key = setup.realm.payloads.uri("load/file.csv").replace(/^s3:\/\/[^/]+\//, "");
  return run("db_from_s3", {
    bucket: setup.emulated.bucket,
    key,
    schema: "public",
    table: `t${count}`,
    mode: "append",
    db_conn_id: "pg",
    columns: ["a integer", "b text"],
    args: ["FORMAT CSV"],
    ...parameters,
  });
}

describe("a db_from_s3 job", () => {
  test("needs to know what goes where, and how (JOB-db_from_s3-01, JOB-db_from_s3-02)", async () => {
    const bare = await run("db_from_s3", {});
    const odd = await load({ mode: "sideways" });

    expect(info(bare, "failed")).toMatchObject({
      error: "Bad job parameters: Missing keys: bucket, db_conn_id, key, mode, schema, table",
    });
    expect(info(odd, "failed")).toMatchObject({
      error: expect.stringContaining("Bad mode: sideways"),
    });
  });

  test("takes the columns of the file from the job, the names at their heads (JOB-db_from_s3-03)", async () => {
    const done = await load(
      { table: "turned", columns: ["b text not null", "a integer"] },
      "x,1\n",
    );

    expect(info(done, "complete")).toMatchObject({ exit_status: 0 });
    expect(await postgres.sql("select a || b from turned", database)).toBe("1x");
  });

  test("renders place and names, the file's own place among them, unless told not to (JOB-db_from_s3-08)", async () => {
    const done = await load({
      bucket: "{{ vars.bucket }}",
      table: "{{ key.split('/')[-1].split('.')[0] }}_{{ vars.end }}",
      vars: { bucket: setup.emulated.bucket, end: "x" },
    });
    const plain = await load({ bucket: "{{ vars.bucket }}", jinja: false });

    expect(JSON.stringify(info(done, "complete"))).toContain(
      String.raw`Commit \"public\".\"file_x\"`,
    );
    expect(info(plain, "failed")).toMatchObject({
      error: expect.stringContaining("{{ vars.bucket }}"),
    });
  });

  test("tells what it did, and writes nothing into S3 (JOB-db_from_s3-13)", async () => {
    const done = await load({ table: "told" });

    expect(info(done, "complete")).toEqual({
      exit_status: 0,
      bucket: setup.emulated.bucket,
      key: expect.stringMatching(/load\/file\.csv$/),
      events: expect.arrayContaining(["COPY 1"]),
      error: null,
    });
    expect(await setup.realm.temp.listOutputs(done)).toEqual([]);
  });

  test("keeps the case of column names where the connection does (CON-all-16)", async () => {
    await postgres.sql('create table kept ("MyColumn" integer)', database);
    const columns = ["MyColumn integer"];

    const kept = await load({ table: "kept", columns, db_conn_id: "case" }, "1\n");
    const small = await load({ table: "kept", columns }, "1\n");

    expect(kept.status, JSON.stringify(kept.log)).toBe("complete");
    expect(info(small, "failed")).toMatchObject({
      error: expect.stringContaining('column "mycolumn" of relation "kept" does not exist'),
    });
  });
});

describe("a db_from_s3 job into PostgreSQL", () => {
  test("knows its modes, and no other (JOB-db_from_s3-02)", async () => {
    const failing = await load({ mode: "replace" });

    expect(info(failing, "failed")).toMatchObject({
      error: expect.stringContaining("Bad mode: replace"),
    });
  });

  test("writes its names in lower case, even for a connection that keeps case (JOB-db_from_s3-10)", async () => {
    const done = await load({ table: "MixedCase", schema: "PUBLIC", db_conn_id: "case" });

    expect(info(done, "complete")).toMatchObject({
      events: expect.arrayContaining(['Commit "public"."mixedcase"']),
    });
  });

  test("cannot make a table whose columns it does not know (JOB-db_from_s3-14)", async () => {
    const failing = await load({ table: "unknown", columns: [] });

    expect(info(failing, "failed")).toMatchObject({
      error:
        'Copy failed: Table "public"."unknown" doesn\'t exist and no column spec provided to create it',
    });
  });

  test.each([
    ["truncate", ["Truncating table T", "Truncated table T"], "JOB-db_from_s3-22"],
    ["delete", ["Deleting from table T", "Deleted from table T"], "JOB-db_from_s3-23"],
    [
      "drop",
      ["Dropping table T", "Dropped table T", "Creating table T", "Created table T"],
      "JOB-db_from_s3-24",
    ],
  ])(
    "in mode %s tells %o, then the load, then the commit with the quoted name (%s, JOB-db_from_s3-26)",
    async (mode, before) => {
      const table = `told_${mode}`;
      await postgres.sql(
        `create table ${table} (a integer, b text); insert into ${table} values (0, 'old')`,
        database,
      );
      const done = await load({ table, mode });

      const name = `"public"."${table}"`;
      const { events } = Object(info(done, "complete"));
      const told: string[] = events.map((event: unknown) => String(event).replaceAll(name, "T"));
      expect(told.slice(0, before.length)).toEqual(before);
      expect(told.at(-1)).toBe("Commit T");
      expect(await postgres.sql(`select a || b from ${table}`, database)).toBe("1x");
    },
  );

  test.each([
    ["FORCE_NULL *", '1,""\n', "null"],
    ["FORCE_NOT_NULL *", "1,\n", ""],
  ])(
    "%s speaks of every column of the table (JOB-db_from_s3-32)",
    async (option, content, expected) => {
      const table = option.startsWith("FORCE_NULL") ? "forced_null" : "forced_text";
      const done = await load({ table, args: ["FORMAT CSV", option] }, content);

      expect(JSON.stringify(info(done, "complete"))).toContain(
        String.raw`${option.slice(0, -2)} (\"a\", \"b\")`,
      );
      expect(await postgres.sql(`select coalesce(b, 'null') from ${table}`, database)).toBe(
        expected,
      );
    },
  );
});

describe("a db_from_s3 job into Redshift (PostgreSQL with a double before it)", () => {
  test("tells the cluster to copy, and shows the keys of the S3 connection to it alone (JOB-db_from_s3-05, 35)", async () => {
    const done = await load({
      db_conn_id: "cluster",
      table: "sales",
      s3_conn_id: "s3",
      args: ["CSV", "IGNOREHEADER 1", "NULL '{}'"],
    });

    const { key = "" } = Object(info(done, "complete"));
    const place = `s3://${setup.emulated.bucket}/${String(key)}`;
    expect(copies.at(-1)).toBe(
      `COPY "public"."sales"("a","b") FROM '${place}' ACCESS_KEY_ID 'AKIAEXAMPLE' SECRET_ACCESS_KEY 'hidden/key' CSV IGNOREHEADER 1 NULL '{}'`,
    );
    expect(info(done, "complete")).toMatchObject({
      events: [
        'Creating table "public"."sales"',
        'Created table "public"."sales"',
        `COPY "public"."sales"("a","b") FROM '${place}' {authorization} CSV IGNOREHEADER 1 NULL '{}'`,
        "Running COPY command for public.sales",
        "Copy to public.sales complete",
        'Commit "public"."sales"',
      ],
    });
    expect(JSON.stringify([done.log, setup.logs])).not.toContain("hidden/key");
  });

  test("takes a role in place of keys (JOB-db_from_s3-05, 39)", async () => {
    await load({
      db_conn_id: "cluster",
      table: "by_role",
      s3_conn_id: "s3",
      s3_iam_role: "arn:aws:iam::123456789012:role/r",
      args: ["GZIP"],
    });

    expect(copies.at(-1)).toMatch(/ IAM_ROLE 'arn:aws:iam::123456789012:role\/r' GZIP$/);
  });

  test("gives the cluster a session of another account's role, under the job's name (JOB-db_from_s3-05, CON-aws-01, 02)", async () => {
    const done = await load({
      db_conn_id: "cluster",
      table: "other",
      s3_conn_id: "other-account",
      args: ["CSV"],
    });

    const [, accessKeyId = "", secretAccessKey = "", sessionToken = ""] =
      / ACCESS_KEY_ID '(\S+)' SECRET_ACCESS_KEY '(\S+)' SESSION_TOKEN '(\S+)' CSV$/.exec(
        copies.at(-1) ?? "",
      ) ?? [];
    const { endpoint = "", region = "" } = setup.realm.clients.settings;
    const sts = new STSClient({
      endpoint,
      region,
      credentials: { accessKeyId, secretAccessKey, sessionToken },
    });
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    sts.destroy();
    expect(Arn).toMatch(new RegExp(`:assumed-role/reader/lv-\\w+-job-${count}$`));
    expect(done.status, JSON.stringify(done.log)).toBe("complete");
    for (const secret of [secretAccessKey, sessionToken]) {
      expect(JSON.stringify([done.log, setup.logs])).not.toContain(secret);
    }
  });

  test.each([
    ["none", "none: No such connection"],
    ["pg", "Connection pg is of type postgres, not aws"],
  ])("refuses %s as its S3 connection (JOB-db_from_s3-05)", async (s3_conn_id, message) => {
    const failing = await load({ db_conn_id: "cluster", s3_conn_id, args: ["CSV"] });

    expect(info(failing, "failed")).toMatchObject({ error: message });
  });

  test.each(["append", "delete", "drop"])(
    "in mode %s leaves the table as it was when the cluster cannot load (JOB-db_from_s3-12, 20, 23, 24)",
    async (mode) => {
      await postgres.sql(
        "drop table if exists broken; create table broken (a integer, b text); insert into broken values (0, 'old')",
        database,
      );

      const failing = await load({
        db_conn_id: "cluster",
        table: "broken",
        s3_iam_role: "arn:r",
        args: ["CSV"],
        mode,
      });

      expect(info(failing, "failed")).toMatchObject({
        error: expect.stringMatching(/^Copy failed: .*Load into table failed/),
      });
      expect(await postgres.sql("select a || b from broken", database)).toBe("0old");
    },
  );
});

test.each(["sql", "sqli", "sqlc", "sqlv"])(
  "a %s job needs a connection (JOB-sql-01, JOB-sqlc-01, JOB-sqlv-01)",
  async (type) => {
    expect(info(await run(type, {}, "a.sql"), "failed")).toMatchObject({
      error: "Bad job parameters: Missing keys: conn_id",
    });
  },
);

test("a dispatch cannot give a sqli job another statement (JOB-sqli-01)", async () => {
  const job_id = "fixed";
  const item = {
    job_id,
    type: "sqli",
    worker: "core",
    enabled: true,
    owner: "",
    payload: "select 1",
  };
  await setup.realm.jobs.put({ ...item, parameters: { conn_id: "pg" } });

  const sent = await setup.realm.dispatch({ job_id, parameters: { payload: "select 2" } });

  expect(info(await setup.ended(sent), "failed")).toMatchObject({
    error: "Bad job parameters: Unexpected keys: payload",
  });
});

test("the files of a sqlc job have a client each, and no session in common (JOB-sqlc-05)", async () => {
  const done = await run("sqlc", { conn_id: "pg", args: ["-A", "-t"] }, ["a.sql", "b.sql"]);

  const text = await setup.realm.temp.getOutput(done, "b.sql.stdout");
  expect(Buffer.from(text ?? []).toString()).toBe("0\n");
});

test("a sqlv job writes parquet, batch by batch (JOB-sqlv-04, CLI-162)", async () => {
  const done = await run("sqlv", { conn_id: "pg", format: "parquet", batch_size: 400 }, "rows.sql");

  const file = Uint8Array.from((await setup.realm.temp.getOutput(done, "stdout")) ?? []);
  const rows = await parquetReadObjects({ file: file.buffer });
  expect(rows).toHaveLength(1000);
  expect(rows.at(-1)).toEqual({ n: 1000n, price: 10, at: new Date("2026-01-02T03:04:05.250Z") });
});

test("a sqlv job takes the options of lava-sql, and no variables (JOB-sqlv-02, 07)", async () => {
  const done = await run(
    "sqlv",
    {
      conn_id: "pg",
      delimiter: ";",
      quoting: "all",
      doublequote: true,
      dialect: "unix",
      header: true,
      raw: true,
    },
    "b.sql",
  );
  const odd = await run("sqlv", { conn_id: "pg", env: { A: "b" } }, "b.sql");

  const text = await setup.realm.temp.getOutput(done, "stdout");
  expect(Buffer.from(text ?? []).toString()).toBe('"count"\n"0"\n');
  expect(info(odd, "failed")).toMatchObject({
    error: "Bad job parameters: Unexpected keys: env",
  });
});
