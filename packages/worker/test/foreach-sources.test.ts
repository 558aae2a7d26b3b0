import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DecimalValue } from "@lava/core";
import { parseS3Uri, type RunRecord } from "@lava/realm";
import { expect, test } from "vitest";
import { type WorkerRealm, workerRealm } from "./worker-realm.ts";

const n = (value: number): DecimalValue => new DecimalValue(String(value));
const last = ({ log }: RunRecord): unknown => log.at(-1)?.info;

const say = (text: string) => ({
  job_id: "say",
  payload: "sh",
  parameters: { args: ["-c", `echo "${text}"`] },
});

async function said({ realm }: WorkerRealm, run: RunRecord, index: number): Promise<string> {
  const name = index === 0 ? "stdout" : `stdout.${index}`;
  const bytes = await realm.temp.getOutput({ job_id: "say", run_id: run.run_id }, name);
  return Buffer.from(bytes ?? [])
    .toString()
    .trim();
}

test("a foreach takes the rows of a query, each by the names of its columns (JOB-foreach-09)", async () => {
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "each",
        type: "foreach",
        payload: "say",
        parameters: {
          foreach: {
            type: "query",
            conn_id: "db",
            query: "select id, name, size from t where name <> '{{ not rendered }}' order by id",
          },
        },
      },
      say("{{ globals.id }} {{ globals.name }} {{ globals.size }}"),
    ],
  });
  const file = join(setup.folder, "a.db");
  using database = new DatabaseSync(file);
  database.exec("create table t (id integer, name text, size real)");
  database.exec("insert into t values (1, 'one', 1.0), (2, null, 2.5), (3, 'three', null)");
  await setup.realm.connections.put({
    ...{ conn_id: "db", type: "sqlite3", enabled: true },
    ...{ host: file, port: 1 },
  });
  await setup.start();

  const run = await setup.run("each");

  expect(last(run)).toMatchObject({ foreach_len: n(2), jobs_completed: n(2) });
  expect([await said(setup, run, 0), await said(setup, run, 1)]).toEqual([
    "1 one 1.0",
    "3 three None",
  ]);
});

test("a query that fails, or has a reserved name, fails before anything runs", async () => {
  const foreach = (query: string) => ({ foreach: { type: "query", conn_id: "db", query } });
  const job = { type: "foreach", payload: "say" };
  await using setup = await workerRealm({
    jobs: [
      { job_id: "bad", ...job, parameters: foreach("select * from nowhere") },
      { job_id: "reserved", ...job, parameters: foreach("select 1 as lava_x") },
      { job_id: "many", ...job, parameters: foreach("select value from json_each('[1,2,3,4]')") },
      say("x"),
    ],
    env: { LAVA_FOREACH_LIMIT: "3" },
  });
  await setup.realm.connections.put({
    ...{ conn_id: "db", type: "sqlite3", enabled: true },
    ...{ host: join(setup.folder, "a.db"), port: 1 },
  });
  await setup.start();

  const [bad, reserved, many] = await Promise.all(
    ["bad", "reserved", "many"].map((job_id) => setup.run(job_id)),
  );

  expect(last(bad as RunRecord)).toMatchObject({ error: expect.stringContaining("nowhere") });
  expect(last(reserved as RunRecord)).toMatchObject({
    error: 'foreach field names may not start with "lava"',
  });
  expect(last(many as RunRecord)).toMatchObject({
    error: "foreach value list exceeds limit of 3",
  });
});

test("a foreach takes the objects of a bucket whose keys match (JOB-foreach-10)", async () => {
  await using setup = await workerRealm({
    jobs: [
      {
        job_id: "each",
        type: "foreach",
        payload: "say",
        parameters: {
          foreach: {
            type: "s3list",
            bucket: "{{ globals.bucket }}",
            prefix: "{{ globals.prefix }}",
            glob: ["*.csv", "*/b/*"],
          },
        },
      },
      say("{{ globals.s3obj.Key }} {{ globals.s3obj.Size }} {{ globals.s3obj.LastModified }}"),
    ],
  });
  for (const name of ["in/a.csv", "in/B.CSV", "in/b/c d+é.txt", "out/a.csv"]) {
    await setup.realm.temp.put(name, name);
  }
  const { bucket, prefix } = parseS3Uri(setup.realm.temp.uri("in/"));
  await setup.start();

  const run = await setup.run("each", { job_id: "each", globals: { bucket, prefix } });

  expect(last(run)).toMatchObject({ foreach_len: n(2) });
  expect(await said(setup, run, 0)).toMatch(
    new RegExp(`^${prefix}a\\.csv 8 \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\+00:00$`),
  );
  expect(await said(setup, run, 1)).toContain(`${prefix}b/c d+é.txt 15 `);
});
