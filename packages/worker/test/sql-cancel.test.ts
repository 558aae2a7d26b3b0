import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DataMap } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { startMariadb, startPostgres, type TestSqlServer } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { sqlConnection } from "./sql-connection.ts";
import { workerRealm, type WorkerRealm } from "./worker-realm.ts";

/** A statement that takes a minute, whose text is found in the server's list of what runs. */
const SLOW = {
  postgres: "select 'lava slow', pg_sleep(60)",
  mariadb: "select 'lava slow', sleep(60)",
};
const RUNNING = {
  postgres:
    "select count(*) from pg_stat_activity where state = 'active' and query like '%''lava slow''%' and query not like '%activity%'",
  mariadb:
    "select count(*) from information_schema.processlist where info like '%''lava slow''%' and info not like '%processlist%'",
};
const TYPES = ["sql", "sqli", "sqlc", "sqlv"] as const;

describe.each(["postgres", "mariadb"] as const)("on %s", (database) => {
  const stack = new AsyncDisposableStack();
  let server: TestSqlServer;
  let setup: WorkerRealm;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "lava-sql-cancel-"));
    stack.defer(() => rm(folder, { recursive: true }));
    const start = database === "postgres" ? startPostgres : startMariadb;
    server = stack.use(await start({ ...process.env }));
    const name = await server.createDatabase();
    setup = stack.use(
      await workerRealm({
        connections: [await sqlConnection("db", database, server, { folder, database: name })],
        payloads: { "slow.sql": SLOW[database] },
      }),
    );
    await setup.start({ cancelLook: 0.1 });
  }, 90_000);
  afterAll(() => stack.disposeAsync());

  const running = async (): Promise<number> => Number(await server.sql(RUNNING[database]));

  async function put(type: (typeof TYPES)[number], parameters: DataMap): Promise<string> {
    const job_id = `${type}-${Object.keys(parameters).join("-")}`;
    await setup.realm.jobs.put({
      job_id,
      type,
      worker: "core",
      enabled: true,
      owner: "",
      payload: type === "sqli" ? SLOW[database] : "slow.sql",
      parameters: { conn_id: "db", ...parameters },
    });
    return job_id;
  }

  const failure = ({ log }: RunRecord): unknown =>
    JSON.parse(JSON.stringify(log.find(({ status }) => status === "failed")?.info ?? log));

  test.each(TYPES)(
    "a %s job that is cancelled stops on the server too (JOB-sql-16, JOB-sqlc-01, JOB-sqlv-01)",
    async (type) => {
      const job_id = await put(type, {});
      const run = await setup.realm.dispatch({ job_id });
      await eventually(async () => (await running()) === 1);

      await setup.realm.runs.cancel({ ...run, by: "me", hostname: "here" });
      const record = await setup.ended(run);

      expect(failure(record)).toMatchObject({ error: "Cancelled by me" });
      await eventually(async () => (await running()) === 0);
      expect(await setup.realm.temp.listOutputs(run)).toEqual([]);
    },
  );

  test.each(TYPES)(
    "a %s job ends at its timeout, on the server too (JOB-sql-16, JOB-sqlc-01, JOB-sqlv-01)",
    async (type) => {
      const run = await setup.run(await put(type, { timeout: "0.5s" }));

      expect(failure(run)).toMatchObject({ error: "Timed out after 0.5 seconds" });
      await eventually(async () => (await running()) === 0);
    },
  );
});
