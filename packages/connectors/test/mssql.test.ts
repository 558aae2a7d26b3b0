import type { DataMap } from "@lava/core";
import { type MssqlDouble, startMssqlDouble } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkConnection, connectSql } from "../src/connect.ts";
import { fakeRealm } from "./fake-realm.ts";

const env = { ...process.env };
const stack = new AsyncDisposableStack();
let server: MssqlDouble;
let plain: MssqlDouble;
beforeAll(async () => {
  server = stack.use(await startMssqlDouble(env));
  plain = stack.use(await startMssqlDouble(env, { tls: false }));
});
afterAll(() => stack.disposeAsync());

function realmWith(at: MssqlDouble, more: DataMap = {}) {
  const { host, port, user, database, password } = at;
  const record = { type: "mssql", enabled: true, host, port, user, database, password: "/pw" };
  return fakeRealm({
    connections: { db: { ...record, ...more } },
    parameters: { "/pw": password, "/wrong": "swordfish" },
  });
}

describe("an mssql connection", () => {
  test("tells server and TLS when it is checked", async () => {
    const safe = await checkConnection("db", { realm: realmWith(server), env });
    const bare = await checkConnection("db", { realm: realmWith(plain), env });

    expect(safe).toMatchObject({ server: "SQL Server 16.0.4135.4", details: { tls: "TLS" } });
    expect(bare).toMatchObject({ server: "SQL Server 16.0.4135.4", details: { tls: null } });
  });

  test("refuses a server without TLS where the record asks for it", async () => {
    const realm = realmWith(plain, { ssl: true });

    await expect(connectSql("db", { realm, env })).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
      message: expect.stringContaining("did not negotiate encryption"),
    });
  });

  test("checks the certificate as far as it says", async () => {
    const trusting = realmWith(server, { ssl: true, ssl_verify: "full", ca_cert: server.ca });
    await using db = await connectSql("db", { realm: trusting, env });
    expect(await db.query("select 1 as a")).toEqual([{ a: 1 }]);

    for (const wary of [
      realmWith(server, { ssl: true, ssl_verify: "full" }),
      realmWith(server, { ssl: true, ca_cert: plain.ca }),
    ]) {
      await expect(connectSql("db", { realm: wary, env })).rejects.toMatchObject({
        code: "CONNECTION_FAILED",
      });
    }
  });

  test.each([
    ["wrong password", { password: "/wrong" }, "LOGIN_FAILED"],
    ["host down", { port: 1 }, "CONNECTION_FAILED"],
    ["no such host", { host: "nowhere.invalid" }, "CONNECTION_FAILED"],
    ["no such database", { database: "nowhere" }, "LOGIN_FAILED"],
    ["no database", { database: "" }, "BAD_CONNECTION_RECORD"],
    ["disabled", { enabled: false }, "CONNECTION_DISABLED"],
  ])("%s is one clear failure without the password (CON-mssql-01)", async (_name, more, code) => {
    const realm = realmWith(server, more);
    const error: unknown = await connectSql("db", { realm, env }).catch((fault: unknown) => fault);

    expect(error).toMatchObject({ code });
    expect(JSON.stringify(error)).not.toContain("swordfish");
  });

  test("tells the server its name (CON-all-13)", async () => {
    const realm = realmWith(server);
    await using db = await connectSql("db", { realm, env, job_id: "a/job" });
    await db.query("select 1 as a");

    expect(server.applications.at(-1)).toContain("a/job");
  });

  test("takes a rotated password without a restart", async () => {
    await using rotating = await startMssqlDouble(env);
    const asked: (boolean | undefined)[] = [];
    const old = rotating.password;
    const realm = realmWith(rotating);
    const changing = {
      ...realm,
      secrets: {
        ...realm.secrets,
        async parameter(_name: string, options?: { refresh?: boolean }) {
          asked.push(options?.refresh);
          return options?.refresh === true ? rotating.password : old;
        },
      },
    };
    rotating.password = "the new one";

    await using db = await connectSql("db", { realm: changing, env });

    expect(await db.query("select 1 as a")).toEqual([{ a: 1 }]);
    expect(asked).toEqual([false, true]);
  });

  test("that drops in the middle of its work is a failure, and of the next statement too", async () => {
    await using db = await connectSql("db", { realm: realmWith(server), env });

    await expect(db.execute("drop connection")).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    await expect(db.query("select 1 as a")).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  });

  test("waits for a result no longer than its signal", async () => {
    await using db = await connectSql("db", { realm: realmWith(server), env });
    const controller = new AbortController();
    const waiting = db.execute("waitfor delay '01:00:00'", { signal: controller.signal });
    controller.abort(new Error("enough"));

    await expect(waiting).rejects.toThrow("enough");
  });
});
