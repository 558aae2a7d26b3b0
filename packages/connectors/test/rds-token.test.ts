import { STSClient } from "@aws-sdk/client-sts";
import { startMariadb, startPostgres, type TestSqlServer } from "@lava/testing";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { connectSql } from "../src/connect.ts";
import { rdsToken } from "../src/credentials/rds-token.ts";
import { fakeRealm } from "./fake-realm.ts";

const env = { ...process.env };
const stack = new AsyncDisposableStack();
const servers = new Map<string, TestSqlServer>();
beforeAll(async () => {
  servers.set("postgres", stack.use(await startPostgres(env)));
  servers.set("mariadb", stack.use(await startMariadb(env)));
}, 90_000);
afterAll(() => stack.disposeAsync());
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ["postgres-rds", "postgres", (token: string) => `create role iam login password '${token}'`],
  ["postgres-aurora", "postgres", (token: string) => `alter role iam password '${token}'`],
  [
    "mariadb-rds",
    "mariadb",
    (token: string) => `create user iam@'%' identified by '${token}'; grant all on *.* to iam@'%'`,
  ],
])(
  "%s logs in with a token of IAM (CON-postgres-aurora-01, CON-postgres-rds-01, CON-mariadb-rds-01)",
  async (type, name, letIn) => {
    const server = servers.get(name);
    if (server === undefined) throw new Error(`no server ${name}`);
    const { host, port, database } = server;
    const fields = { type, enabled: true, host, port, database, user: "iam", ssl: true };
    const realm = fakeRealm({ connections: { db: fields } });
    const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
    const sts = new STSClient({ region: "eu-west-1", credentials });
    Object.assign(realm.clients, { sts: async () => sts });
    // The same second gives the same signature: the server can be told what the connection will show.
    vi.useFakeTimers({ toFake: ["Date"] });
    const { user, password } = await rdsToken(fields, realm);
    await server.sql(letIn(password));

    await using db = await connectSql("db", { realm, env });

    expect(await db.query("select 1 as a")).toEqual([{ a: 1 }]);
    expect(user).toBe("iam");
    const token = new URL(`https://${password}`);
    expect(token.host).toBe(`${host}:${port}`);
    expect(Object.fromEntries(token.searchParams)).toMatchObject({
      Action: "connect",
      DBUser: "iam",
      "X-Amz-Credential": expect.stringMatching(/^AKIDEXAMPLE\/\d{8}\/eu-west-1\/rds-db\//),
      "X-Amz-Expires": "900",
      "X-Amz-Signature": expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(realm.redactor.mask(`as ${password}`)).not.toContain(password);
  },
);
