import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DataMap } from "@lava/core";
import {
  selfSignedCertificate,
  startMariadb,
  startPostgres,
  type TestSqlServer,
} from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectSql } from "../src/connect.ts";
import { fakeRealm } from "./fake-realm.ts";

const env = { ...process.env };

const starts = { postgres: startPostgres, mariadb: startMariadb };

describe.each(["postgres", "mariadb"] as const)("a %s connection", (type) => {
  const folder = mkdtempSync(join(tmpdir(), "lava-tls-"));
  const stack = new AsyncDisposableStack();
  let safe: TestSqlServer;
  let bare: TestSqlServer;
  beforeAll(async () => {
    safe = stack.use(await starts[type](env));
    bare = stack.use(await starts[type](env, { tls: false }));
  }, 120_000);
  afterAll(async () => {
    await stack.disposeAsync();
    rmSync(folder, { recursive: true });
  });

  function realmOf({ host, port, user, database, password }: TestSqlServer, more: DataMap) {
    const record = { type, enabled: true, host, port, user, database, password: "/pw", ...more };
    return fakeRealm({ connections: { db: record }, parameters: { "/pw": password } });
  }

  test("refuses a server without TLS where the record asks for it, and takes it where not", async () => {
    await using db = await connectSql("db", { realm: realmOf(bare, {}), env });
    expect((await db.server()).tls).toBeUndefined();

    const asking = connectSql("db", { realm: realmOf(bare, { ssl: true }), env });
    await expect(asking).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
      message: expect.stringMatching(/SSL|TLS|secure/i),
    });
  });

  test("refuses a certificate of another authority", async () => {
    const other = await selfSignedCertificate(folder, env["PATH"] ?? "");
    for (const ssl_verify of ["ca", "full"]) {
      const realm = realmOf(safe, { ssl: true, ca_cert: other.cert, ssl_verify });
      await expect(connectSql("db", { realm, env })).rejects.toMatchObject({
        code: "CONNECTION_FAILED",
        message: expect.stringMatching(/certificate/i),
      });
    }
  });

  test.each([
    [{ ca_cert: "/nowhere/ca.pem" }, "Cannot read ca_cert"],
    [{ ssl_verify: "perhaps" }, "Bad ssl_verify: perhaps"],
  ])("says what is wrong with %o", async (more, text) => {
    const realm = realmOf(safe, { ssl: true, ...more });

    await expect(connectSql("db", { realm, env })).rejects.toMatchObject({
      code: "BAD_CONNECTION_RECORD",
      message: expect.stringContaining(text),
    });
  });
});

test("a server that lets in over TLS alone refuses a connection without", async () => {
  await using server = await startPostgres(env);
  await server.sql("create role tlsonly; create role safe login password 'pw' in role tlsonly");
  const { host, port, database } = server;
  const record = { type: "postgres", enabled: true, host, port, user: "safe", database };
  const fields = { ...record, password: "/pw" };
  const realm = fakeRealm({
    connections: { plain: fields, safe: { ...fields, ssl: true } },
    parameters: { "/pw": "pw" },
  });

  await using db = await connectSql("safe", { realm, env });
  expect(await db.query("select 1 as a")).toEqual([{ a: 1 }]);
  await expect(connectSql("plain", { realm, env })).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:LOGIN|CONNECTION)_FAILED$/),
  });
}, 60_000);
