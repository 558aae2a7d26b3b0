import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { DataMap } from "@lava/core";
import { startMariadb, startPostgres, type TestSqlServer } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectCli } from "../src/connect-cli.ts";
import { checkConnection, connectSql } from "../src/connect.ts";
import { fakeRealm } from "./fake-realm.ts";

const run = promisify(execFile);
const env = { ...process.env };
let folder: string;
const stack = new AsyncDisposableStack();
const servers: Record<string, TestSqlServer> = {};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-sql-"));
  stack.defer(() => rm(folder, { recursive: true }));
  servers["postgres"] = stack.use(await startPostgres(env));
  servers["mariadb"] = stack.use(await startMariadb(env));
}, 90_000);
afterAll(() => stack.disposeAsync());

function server(type: string): TestSqlServer {
  const found = servers[type];
  if (found === undefined) throw new Error(`no server of type ${type}`);
  return found;
}

function record(type: string, more: DataMap = {}): DataMap {
  const { host, port, user, database } = server(type);
  return { type, enabled: true, host, port, user, database, password: "/pw", ...more };
}

function realmWith(type: string, more: DataMap = {}, parameters: Record<string, string> = {}) {
  return fakeRealm({
    connections: { db: record(type, more) },
    parameters: { "/pw": server(type).password, ...parameters },
  });
}

/** Odd characters of every kind that a file or a shell could take for its own. */
const ODD = "a#b'c\"d e:f\\g$h`i;";

describe.each(["postgres", "mariadb"])("a %s connection", (type) => {
  test("tells server and TLS when it is checked", async () => {
    const realm = realmWith(type, { ssl: true });
    const plain = await checkConnection("db", { realm: realmWith(type), env });
    const safe = await checkConnection("db", { realm, env });

    expect(plain.server).toMatch(/^(PostgreSQL|MariaDB) \d+/);
    expect(plain.details).toEqual({ tls: null });
    expect(safe.details).toEqual({ tls: expect.stringMatching(/^TLSv1\.[23]$/) });
  });

  test("checks the certificate as far as it says", async () => {
    const { ca = "" } = server(type);
    for (const ssl_verify of ["ca", "full"]) {
      const trusting = realmWith(type, { ssl: true, ssl_verify, ca_cert: ca });
      expect((await checkConnection("db", { realm: trusting, env })).details?.["tls"]).toBeTruthy();
      const wary = realmWith(type, { ssl: true, ssl_verify });
      await expect(connectSql("db", { realm: wary, env })).rejects.toMatchObject({
        code: "CONNECTION_FAILED",
      });
    }
  });

  test.each([
    ["wrong password", { password: "/wrong" }, "LOGIN_FAILED"],
    ["host down", { port: 1 }, "CONNECTION_FAILED"],
    ["no such host", { host: "nowhere.invalid" }, "CONNECTION_FAILED"],
    ["disabled", { enabled: false }, "CONNECTION_DISABLED"],
  ])("%s is one clear failure without the password", async (_name, more, code) => {
    const realm = realmWith(type, more, { "/wrong": "swordfish" });
    const error: unknown = await connectSql("db", { realm, env }).catch((fault: unknown) => fault);

    expect(error).toMatchObject({ code });
    expect(JSON.stringify(error)).not.toContain("swordfish");
  });

  test("takes a password from a container's file, and a rotated one without a restart", async () => {
    const file = join(folder, `${type}-password`);
    const { password: _password, ...fields } = record(type);
    const realm = fakeRealm({ connections: { db: { ...fields, "x-lava-password-file": file } } });
    await writeFile(file, `${server(type).password}\n`);

    await using db = await connectSql("db", { realm, env });

    expect(await db.query("select 1 as a")).toEqual([{ a: 1 }]);
  });

  test("gets credentials anew when the server refuses the remembered ones", async () => {
    const asked: (boolean | undefined)[] = [];
    const realm = realmWith(type);
    const changing = {
      ...realm,
      secrets: {
        ...realm.secrets,
        async parameter(_name: string, options?: { refresh?: boolean }) {
          asked.push(options?.refresh);
          return options?.refresh === true ? server(type).password : "old one";
        },
      },
    };

    await using db = await connectSql("db", { realm: changing, env });

    expect(await db.query("select 1 as a")).toEqual([{ a: 1 }]);
    expect(asked).toEqual([false, true]);
  });

  test("has a command that shows no secret and takes odd characters", async () => {
    const user = "o'dd: #1";
    const { sql } = server(type);
    const quoted = ODD.replaceAll("\\", type === "mariadb" ? "\\\\" : "\\").replaceAll("'", "''");
    await sql(
      type === "postgres"
        ? `create role "${user}" login superuser password '${quoted}'`
        : `create user '${user.replaceAll("'", "''")}'@'%' identified by '${quoted}'; grant all on *.* to '${user.replaceAll("'", "''")}'@'%'`,
    );
    const realm = realmWith(type, { user, password: "/odd" }, { "/odd": ODD });
    const command = await connectCli("db", { realm, workdir: folder, env, job_id: "a 'job'" });

    const script = await readFile(command, "utf8");
    const args = type === "postgres" ? ["-At", "-c"] : ["--skip-column-names", "-e"];
    const { stdout } = await run(command, [...args, "select 'it''s', 1"], { env });
    const secret = join(dirname(command), type === "postgres" ? ".pgpass" : ".mysql.conf");

    expect(stdout.trim()).toMatch(/^it's[|\t]1$/);
    expect(script).not.toContain("e:f");
    expect((await stat(secret)).mode & 0o777).toBe(0o600);
    expect((await stat(command)).mode & 0o777).toBe(0o700);
    const listed = type === "postgres" ? "select pg_sleep(1)" : "select sleep(1)";
    const sleeping = run(command, [...args, listed], { env });
    const { stdout: processes } = await run("ps", ["axww", "-o", "args"]);
    await sleeping;
    expect(processes).not.toContain(ODD);
  });
});

describe("temporary credentials", () => {
  let api: Server;
  let endpoint = "";
  const requests: { headers: Record<string, unknown>; body: string }[] = [];
  beforeAll(async () => {
    const { user, password } = server("postgres");
    api = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        requests.push({ headers: request.headers, body });
        const expiration = new Date(Date.parse("2100-01-01"));
        if (request.headers["x-amz-target"] === "RedshiftServerless.GetCredentials") {
          response.setHeader("content-type", "application/x-amz-json-1.1");
          const answer = {
            dbUser: user,
            dbPassword: password,
            expiration: expiration.getTime() / 1000,
          };
          response.end(JSON.stringify(answer));
          return;
        }
        const fields = `<DbUser>${user}</DbUser><DbPassword>${password}</DbPassword><Expiration>${expiration.toISOString()}</Expiration>`;
        response.setHeader("content-type", "text/xml");
        response.end(
          `<GetClusterCredentialsResponse><GetClusterCredentialsResult>${fields}</GetClusterCredentialsResult></GetClusterCredentialsResponse>`,
        );
      });
    });
    await new Promise<void>((resolve) => {
      api.listen(0, "127.0.0.1", resolve);
    });
    const address = api.address();
    endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  });
  afterAll(() => {
    api.close();
  });

  test.each([
    [
      "redshift",
      { cluster_id: "my-cluster", password_duration: "20m" },
      /ClusterIdentifier=my-cluster.*DurationSeconds=1200|DurationSeconds=1200.*ClusterIdentifier=my-cluster/s,
    ],
    [
      "redshift-serverless",
      { workgroup: "my-group" },
      /"durationSeconds":900.*"workgroupName":"my-group"|"workgroupName":"my-group".*"durationSeconds":900/s,
    ],
  ])(
    "of %s are asked for once and let in (CON-redshift-02, CON-redshift-serverless-01, 02)",
    async (type, more, asked) => {
      const { password: _password, ...fields } = record("postgres", { ...more, type });
      const realm = fakeRealm({ connections: { db: fields } });
      Object.assign(realm.clients.settings, {
        region: "us-east-1",
        endpoint,
        credentials: { accessKeyId: "a", secretAccessKey: "b" },
      });
      requests.length = 0;

      for (let round = 0; round < 2; round += 1) {
        await using db = await connectSql("db", { realm, env });
        expect(db.dialect).toBe("redshift");
        expect(await db.query("select 1 as a")).toEqual([{ a: 1 }]);
      }

      expect(requests).toHaveLength(1);
      expect(requests[0]?.body).toMatch(asked);
    },
  );
});
