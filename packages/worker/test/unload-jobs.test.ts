import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DataMap } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { startPostgres, type TestSqlServer } from "@lava/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sqlConnection } from "./sql-connection.ts";
import { workerRealm, type WorkerRealm } from "./worker-realm.ts";

// PostgreSQL plays Redshift up to the statement UNLOAD, which it does not know: it says so, and that is recorded.
const stack = new AsyncDisposableStack();
let postgres: TestSqlServer;
let setup: WorkerRealm;
let database = "";
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "lava-unload-jobs-"));
  stack.defer(() => rm(folder, { recursive: true }));
  postgres = stack.use(await startPostgres({ ...process.env }));
  database = await postgres.createDatabase();
  await postgres.sql(
    `create table sales (id integer, "day" date);
     create view svv_columns as select table_catalog, table_schema, table_name, column_name, data_type, ordinal_position from information_schema.columns;
     create view svv_tables as select table_catalog, table_schema, table_name from information_schema.tables;
     create table parts (schema_name text, rel_name text, partitions text);
     insert into parts values ('public', 'sales', 'year, month')`,
    database,
  );
  setup = stack.use(
    await workerRealm({
      connections: [
        await sqlConnection("rs", "redshift", postgres, { folder, database }),
        { conn_id: "s3", type: "aws", access_keys: "/keys", enabled: true },
      ],
    }),
  );
  await setup.start();
}, 90_000);
afterAll(() => stack.disposeAsync());

let count = 0;
async function unload(parameters: DataMap): Promise<RunRecord> {
  count += 1;
  const job_id = `unload-${count}`;
  await setup.realm.jobs.put({
    job_id,
    type: "redshift_unload",
    worker: "core",
    enabled: true,
    owner: "",
    payload: "--",
    parameters: {
      conn_id: "rs",
      bucket: setup.emulated.bucket,
      prefix: "out/{{ schema }}/{{ relation }}/",
      schema: "public",
      relation: "sales",
      args: ["GZIP"],
      s3_iam_role: "arn:aws:iam::123456789012:role/r",
      insecure: true,
      ...parameters,
    },
  });
  return setup.run(job_id);
}

const failed = (run: RunRecord): unknown =>
  JSON.parse(JSON.stringify(run.log.find(({ status }) => status === "failed")?.info ?? run.log));

test("writes the statement with conditions, dates, partitions and braces, without credentials in what it tells (JOB-redshift_unload-02..07, 12, 13)", async () => {
  const run = await unload({
    args: ["PARTITION BY @public.parts", "NULL '{}'"],
    dateformat: "YYYY-MM-DD",
    where: "day = '{{ vars.day }}' and '{x}' <> ''",
    vars: { day: "2026-01-02" },
  });

  expect(failed(run)).toMatchObject({
    error: expect.stringMatching(/^Unload failed: .*syntax error at or near "UNLOAD"/),
    error_data: {
      exit_status: 1,
      unloads: [
        {
          schema: "public",
          relation: "sales",
          bucket: setup.emulated.bucket,
          prefix: "out/public/sales/",
          status: "failed",
          ts_start: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/),
          sql:
            String.raw`UNLOAD ('SELECT "id", to_char("day", \'YYYY-MM-DD\') AS "day" FROM "public"."sales" WHERE day = \'2026-01-02\' and \'{x}\' <> \'\'')` +
            ` TO 's3://${setup.emulated.bucket}/out/public/sales/' {authorization} PARTITION BY ("year","month") NULL '{}';`,
        },
      ],
    },
  });
});

test("goes on after a failure when told to, from the relation that `start` names (JOB-redshift_unload-09, 10)", async () => {
  const run = await unload({ relation: ["a", "B", "c"], stop_on_fail: false, start: "b" });
  const none = await unload({ relation: ["a"], start: "z" });

  expect(failed(run)).toMatchObject({
    error: "2 unloads failed",
    error_data: { failures: ["B", "c"], unloads: [{ relation: "B" }, { relation: "c" }] },
  });
  expect(failed(none)).toMatchObject({
    error: "No unloads were attempted",
    error_data: { start: "z" },
  });
});

test.each([
  [{ args: ["NOPE", "GZIP"] }, "Invalid UNLOAD arguments: NOPE"],
  [
    { prefix: "it's" },
    "Unload failed: Bad prefix parameter: Single quote not allowed in S3 prefix",
  ],
  [{ prefix: "{{ x.y }}" }, /^Unload failed: Bad prefix parameter: /],
  [{ args: ["PARTITION"] }, "Unload failed: PARTITION option requires argument(s)"],
  [
    { relation: "other", args: ["PARTITION BY @public.parts"] },
    "Unload failed: Cannot get partition info from public.parts for public.other: Not found",
  ],
  [{ insecure: false }, /^Bucket lava-\w+ is insecure: /],
  [
    { s3_iam_role: "it's" },
    "Unload failed: Bad Redshift authorization component: must not contain quotes",
  ],
])("refuses %o (JOB-redshift_unload-02..04, 08)", async (parameters, message) => {
  expect(failed(await unload(parameters))).toMatchObject({
    error: typeof message === "string" ? message : expect.stringMatching(message),
  });
});
