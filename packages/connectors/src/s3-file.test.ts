import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { emulatedRealm } from "@lava/testing";
import { expect, test } from "vitest";
import { connect } from "./connect.ts";
import { openS3Object, toS3Location } from "./s3-file.ts";

test.each([
  ["s3://b/k", { bucket: "b", key: "k" }],
  ["s3://b/dir/k.db/", { bucket: "b", key: "dir/k.db" }],
  ["s3://b", { bucket: "b", key: "" }],
  ["/s3/x.db", undefined],
  ["x.db", undefined],
])("%s is %o", (uri, location) => {
  expect(toS3Location(uri)).toEqual(location);
});

/** A realm with a database in S3 that has one table `t`. */
async function databaseInS3() {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "lava-s3-file-"));
  stack.defer(() => rm(folder, { recursive: true }));
  const emulated = stack.use(await emulatedRealm({ env: { LAVA_TMPDIR: join(folder, "tmp") } }));
  const { realm } = emulated;
  const file = join(folder, "seed.db");
  using database = new DatabaseSync(file);
  database.exec("create table t (a integer)");
  await realm.temp.put("data/x.db", { file });
  const host = realm.temp.uri("data/x.db");
  const item = { type: "sqlite3", enabled: true, port: 1 };
  await realm.connections.put({ conn_id: "db", ...item, host });
  await realm.connections.put({ conn_id: "gone", ...item, host: `${host}.gone` });
  const owned = stack.move();
  return {
    realm,
    rows: async () => {
      await using db = await connect("db", { realm, type: "sqlite3" });
      return await db.query("select a from t order by a");
    },
    etag: async () => (await realm.temp.head("data/x.db"))?.etag,
    leftovers: () => readdir(join(folder, "tmp")),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("a database in S3 is put back when it changed, and only then (CON-sqlite3-02)", async () => {
  await using setup = await databaseInS3();
  const { realm } = setup;
  const before = await setup.etag();

  expect(await setup.rows()).toEqual([]);
  expect(await setup.etag()).toBe(before);
  {
    await using db = await connect("db", { realm, type: "sqlite3" });
    await db.execute("insert into t values (1)");
  }

  expect(await setup.rows()).toEqual([{ a: 1 }]);
  expect(await setup.etag()).not.toBe(before);
  expect(await setup.leftovers()).toEqual([]);
});

test("a database in S3 that somebody else changed meanwhile is not overwritten (CON-sqlite3-02)", async () => {
  await using setup = await databaseInS3();
  const { realm } = setup;
  const slow = await connect("db", { realm, type: "sqlite3" });
  await slow.execute("insert into t values (1)");
  {
    await using quick = await connect("db", { realm, type: "sqlite3" });
    await quick.execute("insert into t values (2)");
  }

  await expect(slow[Symbol.asyncDispose]()).rejects.toMatchObject({ code: "CONNECTION_CONFLICT" });

  expect(await setup.rows()).toEqual([{ a: 2 }]);
  expect(await setup.leftovers()).toEqual([]);
});

test("a database in S3 that does not exist is named", async () => {
  await using setup = await databaseInS3();
  const { realm } = setup;

  await expect(connect("gone", { realm })).rejects.toMatchObject({
    code: "NO_SUCH_OBJECT",
    message: expect.stringContaining("data/x.db.gone"),
  });
});

test("an object is read as a stream", async () => {
  await using setup = await databaseInS3();
  const { realm } = setup;
  await realm.temp.put("a.txt", "hello");
  const location = toS3Location(realm.temp.uri("a.txt"));
  expect.assert(location !== undefined);

  const { body } = await openS3Object(realm.clients, location);

  expect(Buffer.concat(await body.toArray()).toString()).toBe("hello");
});

test("connect opens a realm by its name and closes what it opened", async () => {
  await using emulated = await emulatedRealm({
    connections: [{ conn_id: "db", type: "sqlite3", host: ":memory:", port: 1 }],
  });
  const { environment } = emulated;

  await using db = await connect("db", {
    realm: emulated.realm.name,
    env: environment,
    type: "sqlite3",
  });

  expect(await db.query("select 1 as a")).toEqual([{ a: 1 }]);
});
