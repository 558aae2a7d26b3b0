import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { DataMap } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { startMariadb, startPostgres, type TestSqlServer } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sqlConnection } from "./sql-connection.ts";
import { workerRealm, type WorkerRealm } from "./worker-realm.ts";

const stack = new AsyncDisposableStack();
let folder = "";
let postgres: TestSqlServer;
let mariadb: TestSqlServer;
let connections: DataMap[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-sql-jobs-"));
  stack.defer(() => rm(folder, { recursive: true }));
  postgres = stack.use(await startPostgres({ ...process.env }));
  mariadb = stack.use(await startMariadb({ ...process.env }));
  const file = join(folder, "lite.db");
  using database = new DatabaseSync(file);
  database.exec("create table city (name text, size integer)");
  connections = [
    { conn_id: "lite", type: "sqlite3", host: file, port: 1, enabled: true },
    await sqlConnection("pg", "postgres", postgres, {
      folder,
      database: await postgres.createDatabase(),
    }),
    await sqlConnection("maria", "mariadb", mariadb, {
      folder,
      database: await mariadb.createDatabase(),
    }),
  ];
}, 90_000);
afterAll(() => stack.disposeAsync());

const info = ({ log }: RunRecord, status: string): unknown =>
  // Numbers of records are exact ones; here plain ones will do.
  JSON.parse(JSON.stringify(log.find((entry) => entry.status === status)?.info ?? null));

async function output(setup: WorkerRealm, run: RunRecord, name: string): Promise<string> {
  return Buffer.from((await setup.realm.temp.getOutput(run, name)) ?? []).toString();
}

describe("a sql job", () => {
  test("runs files in order on one connection, and stores each result under the file's name (JOB-sql-08..12, WF-153, WF-164)", async () => {
    await using setup = await workerRealm({
      connections,
      jobs: [
        {
          job_id: "a",
          type: "sql",
          payload: ["one/", "two.sql"],
          parameters: { conn_id: "pg", header: true, vars: { n: 2 }, doublequote: true },
        },
      ],
      payloads: {
        "one/a.sql":
          "create temporary table t (a integer, b text);\ninsert into t values (1, 'x');",
        "one/b.sql": "insert into t values ({{ vars.n }}, 'y|\"z');;",
        "two.sql": "-- all of it\nselect * from t order by a;\nselect count(*) as n from t",
      },
    });
    await setup.start();

    const run = await setup.run("a");

    expect(info(run, "complete")).toMatchObject({
      exit_status: 0,
      output: {
        "a.sql": [],
        "b.sql": [],
        "two.sql": [0, 1].map((n) => `${setup.realm.temp.runUri(run)}/two.sql.${n}.out`),
      },
    });
    expect(await output(setup, run, "two.sql.0.out")).toBe('a|b\r\n1|x\r\n2|"y|""z"\r\n');
    expect(await output(setup, run, "two.sql.1.out")).toBe("n\r\n2\r\n");
  });

  test("prints values of each database as the original does (T-15)", async () => {
    const pg = [
      "1::int",
      "1.50::numeric",
      "2::float8",
      "1e16::float8",
      "true",
      "null::text",
      "'2026-01-02 03:04:05.5'::timestamp",
      "'2026-01-02'::date",
      "'1 day 00:00:05'::interval",
      `'{"a": [1, null, "x"]}'::json`,
      "'\\x61ff'::bytea",
      "array[1,2]",
      "'5e0f6c8e-3a4b-4c5d-8e9f-0a1b2c3d4e5f'::uuid",
    ];
    const maria = [
      "1",
      "1.50",
      "2e0",
      "true",
      "null",
      "timestamp'2026-01-02 03:04:05.5'",
      "date'2026-01-02'",
      "time'26:00:05'",
      `json_object('a', 1)`,
      "x'61ff'",
    ];
    const parameters = { doublequote: true, delimiter: ";" };
    await using setup = await workerRealm({
      connections,
      jobs: [
        {
          job_id: "pg",
          type: "sqli",
          payload: `select ${pg.join(", ")}`,
          parameters: { conn_id: "pg", ...parameters },
        },
        {
          job_id: "maria",
          type: "sqli",
          payload: `select ${maria.join(", ")}`,
          parameters: { conn_id: "maria", ...parameters },
        },
      ],
    });
    await setup.start();

    const [first, second] = [await setup.run("pg"), await setup.run("maria")];

    expect(await output(setup, first, "0.0.out")).toBe(
      "1;1.50;2.0;1e+16;True;;2026-01-02 03:04:05.500000;2026-01-02;1 day, 0:00:05;" +
        "{'a': [1, None, 'x']};b'a\\xff';[1, 2];5e0f6c8e-3a4b-4c5d-8e9f-0a1b2c3d4e5f\r\n",
    );
    expect(await output(setup, second, "0.0.out")).toBe(
      "1;1.50;2.0;1;;2026-01-02 03:04:05.500000;2026-01-02;1 day, 2:00:05;" +
        '"{""a"": 1}";b\'a\\xff\'\r\n',
    );
  });

  test("writes the same bytes by COPY as row by row (T-10..T-15)", async () => {
    const payload = `select n, n * 1.5 as f, (n * 0.25)::float8 as g, (n::numeric / 10000000) as small, n % 2 = 0 as b,
      case when n % 3 = 0 then null else 'a|b "' || n || E'" \\\\ \\n\\t\\r é' end as t, null as nothing,
      timestamp '2026-01-02 03:04:05' + n * interval '0.5 seconds' as ts, timestamptz '2026-01-02 03:04:05+00' as tz,
      date '2026-01-02' + n as d, array[n, null] as l, json_build_object('n', n) as j, '\\x61ff'::bytea as x,
      n * interval '1 hour' as i, '' as e from generate_series(1, 300) as s(n)`;
    const job = { type: "sqli" };
    const formats: DataMap[] = [
      { doublequote: true },
      { doublequote: true, delimiter: ",", escapechar: "\\", header: true },
      { quoting: "none", escapechar: "\\", dialect: "unix" },
      { quoting: "all", doublequote: true },
      { quoting: "nonnumeric", doublequote: true },
    ];
    // What is in parentheses is run row by row.
    const payloads = [payload, "select null::text as a union all select 'x' union all select ''"];
    const jobs = formats.flatMap((format, index) => [
      { ...job, job_id: `${index}-rows`, payload: payloads.map((sql) => `(${sql})`), format },
      { ...job, job_id: `${index}-copy`, payload: payloads, format },
      {
        ...job,
        job_id: `${index}-work`,
        payload: payloads,
        format: { ...format, transaction: true },
      },
    ]);
    await using setup = await workerRealm({
      connections,
      jobs: jobs.map(({ format, ...given }) => ({
        ...given,
        parameters: { conn_id: "pg", ...format },
      })),
    });
    await setup.start();

    for (const [index] of formats.entries()) {
      const rows = await setup.run(`${index}-rows`);
      for (const way of ["copy", "work"]) {
        const copy = await setup.run(`${index}-${way}`);
        expect(copy.status).toBe(rows.status);
        for (const name of ["0.0.out", "1.0.out"]) {
          expect(await output(setup, copy, name)).toBe(await output(setup, rows, name));
        }
      }
    }
  });

  test("goes on in its transaction after a query that cannot be copied (JOB-sql-07)", async () => {
    await using setup = await workerRealm({
      connections,
      jobs: [
        {
          job_id: "mixed",
          type: "sqli",
          payload: [
            "create temporary table t (a integer); insert into t values (1)",
            "with gone as (delete from t returning a) select a from gone; select count(*) from t",
          ],
          parameters: { conn_id: "pg", transaction: true },
        },
      ],
    });
    await setup.start();

    const run = await setup.run("mixed");

    expect(await output(setup, run, "1.0.out")).toBe("1\r\n");
    expect(await output(setup, run, "1.1.out")).toBe("0\r\n");
  });

  test("stops at its timeout, on the server too (JOB-sql-16)", async () => {
    await using setup = await workerRealm({
      connections,
      jobs: [
        {
          job_id: "slow",
          type: "sqli",
          payload: "select 'lava slow', pg_sleep(60)",
          parameters: { conn_id: "pg", timeout: "0.3s" },
        },
      ],
    });
    await setup.start();

    const run = await setup.run("slow");

    expect(run.status).toBe("failed");
    expect(JSON.stringify(run.log)).toContain("Timed out after 0.3 seconds");
    const left = await postgres.sql(
      "select count(*) from pg_stat_activity where state = 'active' and query like 'select ''lava slow%'",
    );
    expect(left).toBe("0");
  });

  test("that loses its connection in the middle of a result stores nothing of it", async () => {
    await using setup = await workerRealm({
      connections,
      jobs: [
        {
          job_id: "lost",
          type: "sqli",
          payload: `select 1; select n, case when n = 5000 then pg_terminate_backend(pg_backend_pid()) end from generate_series(1, 9000) as s(n)`,
          parameters: { conn_id: "pg", batch_size: 100 },
        },
      ],
    });
    await setup.start();

    const run = await setup.run("lost");

    expect(run.status).toBe("failed");
    expect(await output(setup, run, "0.0.out")).toBe("1\r\n");
    expect(await setup.realm.temp.getOutput(run, "0.1.out")).toBeUndefined();
  });

  test("says which statement the database refused, and its code (T-49)", async () => {
    await using setup = await workerRealm({
      connections,
      jobs: [
        {
          job_id: "bad",
          type: "sqli",
          payload: "select 1; select * from nope",
          parameters: { conn_id: "pg" },
        },
      ],
    });
    await setup.start();

    const run = await setup.run("bad");

    const text = JSON.stringify(run.log);
    expect(run.status).toBe("failed");
    expect(text).toContain("'C': '42P01'");
    expect(setup.logs).toContainEqual(
      expect.objectContaining({
        level: "error",
        message: expect.stringContaining("Statement 1 of 0: select * from nope"),
        fields: expect.objectContaining({ code: "SQL_ERROR" }),
      }),
    );
  });

  test("warns of files of one name, of which the last stays (JOB-sql-14)", async () => {
    await using setup = await workerRealm({
      connections,
      jobs: [
        {
          job_id: "same",
          type: "sql",
          payload: ["x/a.sql", "y/a.sql"],
          parameters: { conn_id: "lite" },
        },
      ],
      payloads: { "x/a.sql": "select 1", "y/a.sql": "select 2" },
    });
    await setup.start();

    const run = await setup.run("same");

    expect(await output(setup, run, "a.sql.0.out")).toBe("2\r\n");
    expect(setup.logs.filter(({ fields }) => fields["code"] === "SAME_PAYLOAD_NAME")).toHaveLength(
      1,
    );
  });
});

describe("a sqlc job", () => {
  test.each([
    ["pg", ["-A", "-t"], "x\ny 2\n"],
    ["maria", ["--skip-column-names"], "x\ny 2\n"],
    ["lite", [], "x\ny 2\n"],
  ])(
    "feeds each rendered file to the client of %s (JOB-sqlc-01..04)",
    async (conn_id, args, text) => {
      await using setup = await workerRealm({
        connections,
        jobs: [
          {
            job_id: "c",
            type: "sqlc",
            payload: "q/a.sql",
            parameters: { conn_id, args, vars: { n: 2 } },
          },
        ],
        payloads: {
          "q/a.sql": "{% include 'a.sql.inc' %}select 'y {{ vars.n }}';\n",
          "q/a.sql.inc": "select 'x';\n",
        },
        env: { LAVA_PAYLOAD_EXACT: "false" },
      });
      await setup.start();

      const run = await setup.run("c");

      expect(info(run, "complete"), JSON.stringify(run.log)).toMatchObject({
        exit_status: 0,
        output: [{ exit_status: 0, payload: "a.sql" }, { payload: "a.sql.inc" }],
      });
      expect(await output(setup, run, "a.sql.stdout")).toBe(text);
    },
  );

  test("tells the server who it is, and stops at the first failure (JOB-sqlc-03, 04, WF-269)", async () => {
    await using setup = await workerRealm({
      connections,
      jobs: [
        {
          job_id: "c",
          type: "sqlc",
          payload: ["a.sql", "b.sql", "c.sql"],
          parameters: { conn_id: "pg", args: ["-A", "-t", "-v", "ON_ERROR_STOP=1"] },
        },
      ],
      payloads: {
        "a.sql": "select current_setting('application_name');\n\\! echo \"[$LAVA_JOB_ID]\"\n",
        "b.sql": "select nope;",
        "c.sql": "select 1;",
      },
    });
    await setup.start();

    const run = await setup.run("c");

    expect(info(run, "failed")).toMatchObject({
      error: "Failed with exit status 3",
      error_data: {
        exit_status: 3,
        error: expect.stringContaining('column "nope" does not exist'),
        output: [{ payload: "a.sql" }, { payload: "b.sql", exit_status: 3 }],
      },
    });
    expect(await output(setup, run, "a.sql.stdout")).toMatch(/^.*c.*\n\[\]\n$/);
  });

  test("tells of a template that fails (JOB-sqlc-02)", async () => {
    await using setup = await workerRealm({
      connections,
      jobs: [{ job_id: "c", type: "sqlc", payload: "a.sql", parameters: { conn_id: "lite" } }],
      payloads: { "a.sql": "select {{ vars.nope.x }};" },
    });
    await setup.start();

    const run = await setup.run("c");

    expect(info(run, "failed")).toMatchObject({
      error: "Failed with exit status 1",
      error_data: {
        exit_status: 1,
        error: expect.stringMatching(/^Jinja2 render failed on a\.sql: /),
      },
    });
  });

  test("kills the client at its timeout (JOB-sqlc-01)", async () => {
    await using setup = await workerRealm({
      connections,
      jobs: [
        {
          job_id: "c",
          type: "sqlc",
          payload: "a.sql",
          parameters: { conn_id: "pg", timeout: "0.5s" },
        },
      ],
      payloads: { "a.sql": "select pg_sleep(60);" },
    });
    await setup.start();

    const run = await setup.run("c");

    expect(info(run, "failed")).toMatchObject({
      error: "Timed out after 0.5 seconds",
      error_data: { exit_status: 28 },
    });
  });
});

describe("a sqlv job", () => {
  const files = {
    "a.sql": "select 1 as a, '<x> & y' as b;;\nselect {{ vars.n }} as a, null as b",
    "b.sql": "create temporary table z (a integer)",
  };
  const job = (parameters: DataMap): DataMap => ({
    job_id: "v",
    type: "sqlv",
    payload: ["a.sql", "b.sql"],
    parameters: { conn_id: "pg", vars: { n: 2 }, ...parameters },
  });

  test("writes all results into one output and tells what it did (JOB-sqlv-03..05, CLI-158..163)", async () => {
    await using setup = await workerRealm({
      connections,
      jobs: [job({ header: true, delimiter: "," })],
      payloads: files,
    });
    await setup.start();

    const run = await setup.run("v");

    const uri = setup.realm.temp.runUri(run);
    expect(info(run, "complete")).toMatchObject({
      exit_status: 0,
      output: [{ exit_status: 0, stdout: `${uri}/stdout`, stderr: `${uri}/stderr` }],
    });
    expect(await output(setup, run, "stdout")).toBe("a,b\r\n1,<x> & y\r\na,b\r\n2,\r\n");
    expect(await output(setup, run, "stderr")).toBe(
      `v:${run.run_id}: MainThread: a.sql: 3 queries completed, 2 rows returned\n` +
        `v:${run.run_id}: MainThread: b.sql: 1 query completed, 0 rows returned\n`,
    );
  });

  test("rolls a transaction back and says so (JOB-sqlv-06)", async () => {
    await using setup = await workerRealm({
      connections,
      jobs: [job({ transaction: true, format: "jsonl" })],
      payloads: { ...files, "b.sql": "select nope" },
    });
    await setup.start();

    const run = await setup.run("v");

    expect(info(run, "failed")).toMatchObject({
      error: "Failed with exit status 1",
      error_data: {
        exit_status: 1,
        error: expect.stringContaining("MainThread: b.sql: Rollback : {'S': 'ERROR'"),
      },
    });
    expect(await output(setup, run, "stderr")).toContain(
      "MainThread: b.sql: Statement 1: select nope\n",
    );
    expect(await output(setup, run, "stdout")).toBe(
      '{"a": 1, "b": "<x> & y"}\n{"a": 2, "b": null}\n',
    );
  });

  test.each([
    ["select 1; select 'a\"b'", 2, "select 'a\"b'", "need to escape, but no escapechar set"],
    ["select 1;\nselect *\n  from nope", 2, "select * from nope", "'C': '42P01'"],
  ])(
    "says which statement of %o cannot be run or written, and why (T-11, T-49)",
    async (text, number, excerpt, why) => {
      await using setup = await workerRealm({
        connections,
        jobs: [{ ...job({}), payload: "a.sql" }],
        payloads: { "a.sql": text },
      });
      await setup.start();

      const run = await setup.run("v");

      const said = await output(setup, run, "stderr");
      expect(said).toContain(`MainThread: a.sql: Statement ${number}: ${excerpt}\n`);
      expect(said).toContain(why);
      expect(info(run, "failed")).toMatchObject({ error_data: { exit_status: 1 } });
    },
  );

  test.each([
    [{ timeout: "0.3s" }, "select pg_sleep(60)", { error: "Timed out after 0.3 seconds" }],
    [{ format: "html" }, "select 1; select 2", { error: "Failed with exit status 1" }],
    [{ format: "parquet" }, "select 1; select 2", { error: "Failed with exit status 1" }],
    [{}, "select {{ vars.x.y }}", { error: "Failed with exit status 1" }],
  ])("%o fails for %s", async (parameters, text, expected) => {
    await using setup = await workerRealm({
      connections,
      jobs: [{ ...job(parameters), payload: "a.sql" }],
      payloads: { "a.sql": text },
    });
    await setup.start();

    expect(info(await setup.run("v"), "failed")).toMatchObject(expected);
  });
});
