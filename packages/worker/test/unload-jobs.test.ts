import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { openS3Object } from "@lava/connectors";
import type { DataMap } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { startPostgres, type TestSqlServer } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRedshiftDouble, type UnloadCall } from "./redshift-double.ts";
import { unloadAsRedshift } from "./redshift-unload.ts";
import { sqlConnection } from "./sql-connection.ts";
import { workerRealm, type WorkerRealm } from "./worker-realm.ts";

// PostgreSQL plays Redshift, with a double before it that answers UNLOAD. Without the double (`rs`) PostgreSQL says that it
// does not know the statement, which is how failures are had.
const calls: UnloadCall[] = [];
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
    `create table sales (id integer, "day" date); insert into sales values (1, '2026-01-01'), (2, '2026-01-01'), (3, '2026-01-02');
     create table other (id integer);
     create view svv_columns as select table_catalog, table_schema, table_name, column_name, data_type, ordinal_position from information_schema.columns;
     create view svv_tables as select table_catalog, table_schema, table_name from information_schema.tables;
     create table parts (schema_name text, rel_name text, partitions text);
     insert into parts values ('public', 'sales', 'year, month')`,
    database,
  );
  const double = stack.use(
    await startRedshiftDouble(postgres, {
      async unload(call) {
        calls.push(call);
        await unloadAsRedshift(call, postgres, database, setup.realm);
      },
      copy: () => Promise.reject(new Error("nothing is loaded here")),
    }),
  );
  const { host, port } = double;
  const rs = await sqlConnection("rs", "redshift", postgres, { folder, database });
  setup = stack.use(
    await workerRealm({
      connections: [
        rs,
        { ...rs, conn_id: "cluster", host, port },
        { conn_id: "s3", type: "aws", access_keys: "/keys", enabled: true },
      ],
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
      ...("s3_conn_id" in parameters ? {} : { s3_iam_role: "arn:aws:iam::123456789012:role/r" }),
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
  [{ insecure: false }, /^Bucket lava-\w+ cannot be checked: .*acl/],
  [
    { conn_id: "cluster", relation: "gone" },
    /^Unload failed: .*relation .*public\.gone.* does not exist/s,
  ],
  [
    { conn_id: "cluster", relation: "gone", dateformat: "YYYY" },
    "Unload failed: Cannot get column info for public.gone",
  ],
  [{ conn_id: "cluster", bucket: "gone" }, /^Unload failed: .*bucket/i],
  [
    { s3_iam_role: "it's" },
    "Unload failed: Bad Redshift authorization component: must not contain quotes",
  ],
])("refuses %o (JOB-redshift_unload-02..04, 08)", async (parameters, message) => {
  expect(failed(await unload(parameters))).toMatchObject({
    error: typeof message === "string" ? message : expect.stringMatching(message),
  });
});

describe("an unload that succeeds", () => {
  const done = (run: RunRecord): unknown =>
    JSON.parse(
      JSON.stringify(run.log.find(({ status }) => status === "complete")?.info ?? run.log),
    );

  async function objects(prefix: string): Promise<Record<string, string>> {
    const found = await setup.realm.clients
      .s3()
      .then((s3) =>
        s3.send(new ListObjectsV2Command({ Bucket: setup.emulated.bucket, Prefix: prefix })),
      );
    const read = (found.Contents ?? []).map(async ({ Key = "" }) => {
      const { body } = await openS3Object(setup.realm.clients, {
        bucket: setup.emulated.bucket,
        key: Key,
      });
      const parts: Buffer[] = [];
      for await (const part of body) parts.push(Buffer.from(part));
      const bytes = Buffer.concat(parts);
      const text = Key.endsWith(".gz") ? gunzipSync(bytes) : bytes;
      return [Key.slice(prefix.length), text.toString()] as const;
    });
    return Object.fromEntries(await Promise.all(read));
  }

  test("writes every relation into its place, and tells of each (JOB-redshift_unload-01, 02, 12)", async () => {
    const run = await unload({
      conn_id: "cluster",
      relation: ["sales", "other"],
      prefix: "ok/{{ relation }}/",
      args: ["HEADER", "GZIP"],
    });

    expect(done(run)).toMatchObject({
      exit_status: 0,
      unloads: ["sales", "other"].map((relation) => ({
        schema: "public",
        relation,
        bucket: setup.emulated.bucket,
        prefix: `ok/${relation}/`,
        status: "complete",
        duration: expect.any(Number),
        ts_start: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        ts_finish: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        sql: `UNLOAD ('SELECT * FROM "public"."${relation}"') TO 's3://${setup.emulated.bucket}/ok/${relation}/' {authorization} HEADER GZIP;`,
      })),
    });
    expect(calls.at(-1)?.sql).toContain("IAM_ROLE 'arn:aws:iam::123456789012:role/r' HEADER GZIP;");
    expect(await objects("ok/sales/")).toEqual({
      "0000_part_00.gz": "id|day\n1|2026-01-01\n2|2026-01-01\n",
      "0001_part_00.gz": "id|day\n3|2026-01-02\n",
    });
  });

  test.each([
    ["PARALLEL OFF", { "000": "1|2026-01-01\n2|2026-01-01\n3|2026-01-02\n" }],
    [
      "DELIMITER ';'",
      { "0000_part_00": "1;2026-01-01\n2;2026-01-01\n", "0001_part_00": "3;2026-01-02\n" },
    ],
    [
      "MANIFEST",
      {
        "0000_part_00": "1|2026-01-01\n2|2026-01-01\n",
        "0001_part_00": "3|2026-01-02\n",
        manifest: expect.stringContaining("0001_part_00"),
      },
    ],
    [
      'PARTITION BY ("day")',
      {
        "day=2026-01-01/0000_part_00": "1|2026-01-01\n2|2026-01-01\n",
        "day=2026-01-02/0000_part_00": "3|2026-01-02\n",
      },
    ],
  ])("with the option %s (JOB-redshift_unload-03, 04)", async (option, expected) => {
    const prefix = `options/${count}/`;

    const run = await unload({ conn_id: "cluster", prefix, args: [option] });

    expect(run.status, JSON.stringify(run.log)).toBe("complete");
    expect(calls.at(-1)?.rest).toMatch(new RegExp(`${option.replace(/[()]/g, String.raw`\$&`)}$`));
    expect(await objects(prefix)).toEqual(expected);
  });

  test("writes conditions and dates as Redshift reads them (JOB-redshift_unload-05, 06, 13)", async () => {
    const run = await unload({
      conn_id: "cluster",
      prefix: "where/",
      args: ["PARALLEL OFF"],
      dateformat: "DD.MM.YYYY",
      where: "day = '{{ vars.day }}' and '{x}' <> ''",
      vars: { day: "2026-01-02" },
    });

    expect(run.status, JSON.stringify(run.log)).toBe("complete");
    expect(await objects("where/")).toEqual({ "000": "3|02.01.2026\n" });
  });

  test("goes where something lies only when an option says so (JOB-redshift_unload-03, 11)", async () => {
    const again = (...args: string[]): Promise<RunRecord> =>
      unload({ conn_id: "cluster", prefix: "twice/", args: ["PARALLEL OFF", ...args] });
    const runs = [await again(), await again(), await again("ALLOWOVERWRITE")];
    const clean = await again("CLEANPATH");

    expect(runs.map(({ status }) => status)).toEqual(["complete", "failed", "complete"]);
    expect(failed(runs[1] ?? clean)).toMatchObject({
      error: expect.stringMatching(
        /^Unload failed: .*Specified unload destination on S3 is not empty/,
      ),
    });
    expect(clean.status).toBe("complete");
  });

  test("shows the cluster the keys of the S3 connection, and nobody else (JOB-redshift_unload-07)", async () => {
    const run = await unload({
      conn_id: "cluster",
      prefix: "keys/",
      s3_conn_id: "s3",
    });

    expect(run.status, JSON.stringify(run.log)).toBe("complete");
    expect(calls.at(-1)?.sql).toContain(
      "ACCESS_KEY_ID 'AKIAEXAMPLE' SECRET_ACCESS_KEY 'hidden/key'",
    );
    expect(JSON.stringify([run.log, setup.logs])).not.toContain("hidden/key");
  });
});
