import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, expectTypeOf, test } from "vitest";
import * as z from "zod";
import { fakeRealm } from "../test/fake-realm.ts";
import { applicationName } from "./application-name.ts";
import type { AwsSession } from "./aws/aws.ts";
import { checkConnection, connect, connectSql } from "./connect.ts";
import type { DockerClient } from "./docker/client.ts";
import type { MailClient } from "./email/client.ts";
import type { FileTransfer } from "./files/file-transfer.ts";
import type { GenericClient } from "./generic.ts";
import type { GitClient } from "./git/git.ts";
import type { SharePointClient } from "./sharepoint/sharepoint-client.ts";
import type { SlackClient } from "./slack/slack.ts";
import type { SqlClient, SqlCopyClient, SqlCopyInClient } from "./sql/client.ts";
import type { RemoteShell } from "./ssh/remote-shell.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-connect-"));
afterAll(() => rmSync(folder, { recursive: true }));

const sqlite = { type: "SQLite3", enabled: true, host: join(folder, "a.db"), port: "0" };
const realm = fakeRealm({
  connections: {
    db: sqlite,
    off: { ...sqlite, enabled: false },
    unsaid: { type: "sqlite3", host: ":memory:", port: 1 },
    attrs: { type: "generic", enabled: true, attributes: { a: 1 } },
    pigeon: { type: "Pigeon", enabled: true },
    nohost: { type: "sqlite3", enabled: true, port: 1 },
    badport: { ...sqlite, port: "x" },
    subtype: { ...sqlite, subtype: "other" },
  },
});

describe("connect", () => {
  test("opens a connection by its id, its type in any case (CON-all-02)", async () => {
    await using db = await connect("db", { realm, type: "sqlite3" });

    expect(await db.query("select 1 as a")).toEqual([{ a: 1 }]);
  });

  test("types rows by a schema, and refuses those that do not fit", async () => {
    await using db = await connectSql("db", { realm });
    const row = z.object({ a: z.number() });

    const rows = await db.query("select 1 as a", { row });

    expectTypeOf(rows).toEqualTypeOf<{ a: number }[]>();
    await expect(db.query("select 'x' as a", { row })).rejects.toMatchObject({
      code: "SQL_BAD_ROW",
      message: expect.stringMatching(/^Row 1 of the result is not as expected: /),
    });
  });

  test("statements wait for their turn, but not for a result that somebody reads", async () => {
    await using db = await connectSql("db", { realm });
    const together = await Promise.all([db.query("select 1 as a"), db.query("select 2 as a")]);
    expect(together).toEqual([[{ a: 1 }], [{ a: 2 }]]);

    await using _open = await db.stream("select 1 as a");
    await expect(db.query("select 2")).rejects.toMatchObject({ code: "SQL_BUSY" });
  });

  test("types the client by the type asked for", async () => {
    await using db = await connect("db", { realm, type: "sqlite3" });
    await using attributes = await connect("attrs", { realm, type: "generic" });
    await using any = await connect("attrs", { realm });

    expectTypeOf(db).toEqualTypeOf<SqlClient>();
    expectTypeOf(attributes).toEqualTypeOf<GenericClient>();
    expectTypeOf(any).toEqualTypeOf<
      | SqlClient
      | SqlCopyClient
      | SqlCopyInClient
      | GenericClient
      | DockerClient
      | MailClient
      | AwsSession
      | FileTransfer
      | GitClient
      | RemoteShell
      | SharePointClient
      | SlackClient
    >();
  });

  test.each([
    ["gone", "NO_SUCH_CONNECTION", "gone: No such connection"],
    ["off", "CONNECTION_DISABLED", "Connection not enabled"],
    ["unsaid", "CONNECTION_DISABLED", "Connection not enabled"],
    ["pigeon", "CONNECTION_TYPE_NOT_AVAILABLE", "pigeon: Unsupported connection type - pigeon"],
    ["nohost", "BAD_CONNECTION_RECORD", "Missing keys: host"],
    ["badport", "BAD_CONNECTION_RECORD", "invalid literal for int() with base 10: 'x'"],
    [
      "subtype",
      "UNSUPPORTED_CONNECTION",
      "Unsupported connection type - sqlite3 = ('sqlite3', 'other')",
    ],
  ])("refuses %s with %s (CON-all-01, 03, 08)", async (conn_id, code, message) => {
    await expect(connect(conn_id, { realm })).rejects.toMatchObject({ code, message });
  });

  test("refuses a connection that is of another type than the one asked for", async () => {
    await expect(connect("attrs", { realm, type: "sqlite3" })).rejects.toThrow(
      "Connection attrs is of type generic, not sqlite3",
    );
    await expect(connectSql("attrs", { realm })).rejects.toThrow(
      "Connection attrs is of type generic, not SQL",
    );
  });
});

test("connectSql opens any database", async () => {
  await using db = await connectSql("db", { realm });

  expect(db.dialect).toBe("sqlite3");
});

test("checkConnection says what answered", async () => {
  expect(await checkConnection("db", { realm })).toMatchObject({
    server: expect.stringMatching(/^SQLite 3\./),
  });
});

describe("the application name (CON-all-12)", () => {
  test("is rendered from the realm's template, quotes and backslashes taken out", () => {
    expect(applicationName(realm, "db", `it's "a\\b"`)).toBe("lv-test-its ab");
  });

  test("is missing without a job or a template", () => {
    const silent = fakeRealm({ config: { CONN_APP_NAME: "" } });

    expect(applicationName(realm, "db", undefined)).toBeUndefined();
    expect(applicationName(silent, "db", "job")).toBeUndefined();
  });
});
