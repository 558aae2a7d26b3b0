import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Data, DataMap } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { startPostgres, type TestSqlServer } from "@lava/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedshiftDouble } from "./redshift-double.ts";
import { sqlConnection } from "./sql-connection.ts";
import { workerRealm, type WorkerRealm } from "./worker-realm.ts";

// `s3_conn_id`: the database reads and writes S3 as somebody else than the worker. The double of Redshift takes the keys
// out of the statement and goes to S3 with nothing else, so that keys that are not good get nowhere.
const ROLE = "arn:aws:iam::210987654321:role/loader";
const callers: string[] = [];
const stack = new AsyncDisposableStack();
let postgres: TestSqlServer;
let setup: WorkerRealm;
let database = "";
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "lava-s3-conn-"));
  stack.defer(() => rm(folder, { recursive: true }));
  postgres = stack.use(await startPostgres({ ...process.env }));
  database = await postgres.createDatabase();
  await postgres.sql(
    `create view svv_columns as select * from information_schema.columns;
     create view svv_tables as select * from information_schema.tables;
     create schema aws_s3; create table aws_s3.calls (region text, id text, secret text, token text);
     create function aws_s3.table_import_from_s3(text, text, text, text, text, text, text, text, text) returns text
     language sql as $$ insert into aws_s3.calls values ($6, $7, $8, $9) returning '1 row imported' $$;
     create table sales (a integer, b text)`,
    database,
  );
  const double = stack.use(
    await startRedshiftDouble(postgres, {
      async copy(sql) {
        const [, Bucket, Key] = /FROM 's3:\/\/([^/]+)\/([^']+)'/.exec(sql) ?? [];
        await using s3 = await s3As(keysIn(sql));
        await s3.client.send(new GetObjectCommand({ Bucket, Key }));
      },
      async unload({ sql, bucket, prefix }) {
        await using s3 = await s3As(keysIn(sql));
        const Key = `${prefix}0000_part_00`;
        await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "1\n" }));
      },
    }),
  );
  const { host, port } = double;
  const pg = await sqlConnection("rds", "postgres-rds", postgres, { folder, database });
  const aws = { type: "aws", enabled: true };
  setup = stack.use(
    await workerRealm({
      connections: [
        pg,
        { ...pg, conn_id: "cluster", type: "redshift", host, port },
        { ...aws, conn_id: "session", role_arn: ROLE, region: "eu-west-1", duration: "15m" },
        { ...aws, conn_id: "wrong", access_keys: "/wrong" },
        { ...aws, conn_id: "off", access_keys: "/wrong", enabled: false },
        { ...aws, conn_id: "empty" },
        { ...aws, conn_id: "odd", role_arn: "none" },
      ],
    }),
  );
  const ssm = await setup.realm.clients.ssm();
  await ssm.send(
    new PutParameterCommand({
      Name: "/wrong",
      Type: "SecureString",
      Value: "AKIANOBODY,hidden/key",
    }),
  );
  await setup.realm.payloads.put("in/file.csv", Buffer.from("1,x\n"));
  await setup.start();
}, 90_000);
afterAll(() => stack.disposeAsync());

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

function keysIn(sql: string): Keys {
  const part = (name: string): string | undefined => new RegExp(`${name} '([^']*)'`).exec(sql)?.[1];
  const sessionToken = part("SESSION_TOKEN");
  return {
    accessKeyId: part("ACCESS_KEY_ID") ?? "",
    secretAccessKey: part("SECRET_ACCESS_KEY") ?? "",
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
}

/** A client of S3 that has these keys only; who they say one is, is noted. */
async function s3As(credentials: Keys): Promise<{ client: S3Client } & AsyncDisposable> {
  const { endpoint = "", region = "" } = setup.realm.clients.settings;
  const sts = new STSClient({ endpoint, region, credentials });
  try {
    callers.push((await sts.send(new GetCallerIdentityCommand({}))).Arn ?? "");
  } finally {
    sts.destroy();
  }
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  return { client, [Symbol.asyncDispose]: async () => client.destroy() };
}

let count = 0;
async function run(type: string, parameters: DataMap): Promise<RunRecord> {
  count += 1;
  const job_id = `job-${count}`;
  const item = { job_id, type, worker: "core", enabled: true, owner: "", payload: "--" };
  await setup.realm.jobs.put({ ...item, parameters });
  return setup.run(job_id);
}

const load = (s3_conn_id: string, more: DataMap = {}): Promise<RunRecord> =>
  run("db_from_s3", {
    bucket: setup.emulated.bucket,
    key: setup.realm.payloads.uri("in/file.csv").replace(/^s3:\/\/[^/]+\//, ""),
    schema: "public",
    table: "sales",
    mode: "append",
    db_conn_id: "cluster",
    args: ["CSV"],
    s3_conn_id,
    ...more,
  });

const unload = (s3_conn_id: string): Promise<RunRecord> =>
  run("redshift_unload", {
    conn_id: "cluster",
    bucket: setup.emulated.bucket,
    prefix: `out/${count}/`,
    schema: "public",
    relation: "sales",
    args: [],
    insecure: true,
    s3_conn_id,
  });

const errorOf = ({ log }: RunRecord): Data | undefined =>
  JSON.parse(JSON.stringify(log.find(({ status }) => status === "failed")?.info ?? null))?.error;

test.each<[string, (s3_conn_id: string) => Promise<RunRecord>]>([
  ["loads", load],
  ["unloads", unload],
])(
  "%s as the role of another account that the aws connection names, and shows its keys to nobody else (JOB-db_from_s3-05, JOB-redshift_unload-07, CON-aws-01, CON-aws-02)",
  async (_name, job) => {
    callers.length = 0;

    const done = await job("session");

    expect(done.status, JSON.stringify(done.log)).toBe("complete");
    expect(callers).toEqual([
      expect.stringMatching(/^arn:aws:sts::210987654321:assumed-role\/loader\/lv-\w+-job-1$/),
    ]);
    expect(JSON.stringify([done, setup.logs])).not.toMatch(/ASIA[A-Z2-7]{16}|SESSION_TOKEN/);
  },
);

test("gives postgres-rds the session's keys, its token and the connection's region (JOB-db_from_s3-05, JOB-db_from_s3-30)", async () => {
  const done = await load("session", { db_conn_id: "rds", args: ["FORMAT CSV"] });

  expect(done.status, JSON.stringify(done.log)).toBe("complete");
  const [region = "", id = "", secret = "", token = ""] = (
    await postgres.sql(
      "select concat_ws(' ', region, id, secret, token) from aws_s3.calls",
      database,
    )
  ).split(" ");
  await using _client = await s3As({
    accessKeyId: id,
    secretAccessKey: secret,
    sessionToken: token,
  });
  expect(callers.at(-1)).toContain(":assumed-role/loader/lv-");
  expect(region).toBe("eu-west-1");
  expect(JSON.stringify([done, setup.logs])).not.toContain(secret);
  expect(JSON.stringify([done, setup.logs])).not.toContain(token);
});

test("asks for the role's session once for a while (CON-aws-03)", async () => {
  await load("session", { db_conn_id: "rds", args: ["FORMAT CSV"] });

  expect(await postgres.sql("select count(distinct id) from aws_s3.calls", database)).toBe("1");
});

test.each([
  ["wrong", /^Copy failed: .*(security token|access key|InvalidClientTokenId|AKIANOBODY)/i],
  ["off", "Connection off: Not enabled"],
  ["empty", "Connection empty: One of access_keys or role_arn is required"],
  ["odd", /^Connection odd: The role cannot be assumed: none is invalid/],
  ["cluster", "Connection cluster is of type redshift, not aws"],
  ["gone", "gone: No such connection"],
])("refuses the S3 connection %s with a clear reason (JOB-db_from_s3-05)", async (id, message) => {
  const failed = await load(id);

  expect(failed.status).toBe("failed");
  expect(errorOf(failed)).toEqual(
    typeof message === "string" ? message : expect.stringMatching(message),
  );
  expect(JSON.stringify([failed, setup.logs])).not.toContain("hidden/key");
});
