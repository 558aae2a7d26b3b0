import { startPostgres } from "@lava/testing";
import { expect, test } from "vitest";
import { connectSql } from "../src/connect.ts";
import { fakeRealm } from "./fake-realm.ts";

const env = { ...process.env };

test("a server without TLS is refused where the record asks for it", async () => {
  await using server = await startPostgres(env, { tls: false });
  const { host, port, user, database, password } = server;
  const record = { type: "postgres", enabled: true, host, port, user, database, password: "/pw" };
  const realm = fakeRealm({
    connections: { plain: record, safe: { ...record, ssl: true } },
    parameters: { "/pw": password },
  });

  await using db = await connectSql("plain", { realm, env });
  expect((await db.server()).tls).toBeUndefined();
  await expect(connectSql("safe", { realm, env })).rejects.toMatchObject({
    code: "CONNECTION_FAILED",
  });
}, 60_000);

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
