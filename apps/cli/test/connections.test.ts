import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emulatedRealm, type EmulatedRealm } from "@lava/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolveAlias } from "../src/aliases.ts";
import { type CliResult, runCli } from "./cli.ts";

let emulated: EmulatedRealm;
const folder = mkdtempSync(join(tmpdir(), "lava-connections-"));
const host = join(folder, "a.db");

beforeAll(async () => {
  emulated = await emulatedRealm({
    connections: [
      { conn_id: "app/db", type: "sqlite3", enabled: true, host, port: 0, description: "cities" },
      { conn_id: "app/gone", type: "sqlite3", enabled: true, host: "/nowhere/a.db", port: 0 },
      { conn_id: "app/off", type: "sqlite3", enabled: false, host, port: 0 },
    ],
    jobs: [
      { job_id: "a", payload: "x", parameters: { connections: { db: "app/db" } } },
      { job_id: "b", payload: "x", on_fail: [{ action: "email", email_conn: "app/DB" }] },
      { job_id: "c", payload: "x", parameters: { conn_id: "{{ globals.db }}" } },
      { job_id: "d", payload: "x", parameters: { conn_id: "other" } },
      {
        job_id: "load",
        payload: "x",
        parameters: { db_conn_id: "use/db", s3_conn_id: "use/s3", docker: "use/docker" },
      },
      {
        job_id: "each",
        payload: "x",
        parameters: { foreach: { type: "query", conn_id: "use/list" } },
        on_success: [{ action: "slack", slack_conn: "use/chat" }],
      },
    ],
    record: { on_fail: [{ action: "email", email_conn: "use/mail" }] },
  });
});
afterAll(async () => {
  await emulated[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const lava = (...args: string[]): Promise<CliResult> =>
  runCli(args, { env: { ...emulated.environment, PATH: process.env["PATH"] } });

test("connections lists what there is", async () => {
  const { status, stdout } = await lava("connections");

  expect(status).toBe(0);
  expect(stdout).toMatch(/^app\/db +sqlite3 +yes +cities$/m);
  expect(stdout).toMatch(/^app\/off +sqlite3 +no$/m);
});

test("connections --check logs in to each and ends with 1 when one fails", async () => {
  const { status, stdout } = await lava("connections", "--check", "--json", "app/*");

  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject([
    {
      conn_id: "app/db",
      check: { ok: true, server: expect.stringMatching(/^SQLite 3/), tls: null },
    },
    { conn_id: "app/gone", check: { ok: false, code: "SQL_ERROR" } },
    { conn_id: "app/off", enabled: false },
  ]);
  expect((await lava("connections", "-c", "app/db")).status).toBe(0);
});

test("connect runs the client of a connection and ends with its status", async () => {
  expect((await lava("connect", "app/db", "--", "-version")).status).toBe(0);
  expect((await lava("connect", "app/db", "--", "-no-such-option")).status).toBe(1);
  expect(await lava("connect", "nowhere")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("nowhere: No such connection"),
  });
});

test("lava-conn-usage prints each job that uses a connection once (CLI-067, CLI-068, CLI-069)", async () => {
  const words = resolveAlias("lava-conn-usage", ["-i", "app/d*"])?.argv ?? [];

  expect(await lava(...words)).toMatchObject({ status: 0, stdout: "a\nb\n" });
  expect((await lava("conn-usage", "--exit-code", "app/db")).status).toBe(3);
  expect((await lava("conn-usage", "-v", "app/db")).stdout).toBe(
    "a: parameters.connections.db = app/db\n" +
      "c: parameters.conn_id = {{ globals.db }} (template, known only in a run)\n",
  );
});

test.each([
  ["use/db", "load: parameters.db_conn_id"],
  ["use/s3", "load: parameters.s3_conn_id"],
  ["use/docker", "load: parameters.docker"],
  ["use/list", "each: parameters.foreach.conn_id"],
  ["use/chat", "each: on_success[0].slack_conn"],
  ["use/mail", /^realm \S+: on_fail\[0\]\.email_conn/],
])("lava-conn-usage --verbose says where %s is used (CLI-068, CLI-070)", async (id, place) => {
  const { status, stdout } = await lava("conn-usage", "--verbose", id);
  const [found = ""] = stdout.split("\n").filter((line) => !line.includes("template"));

  expect(status).toBe(0);
  expect(found).toEqual(
    typeof place === "string" ? `${place} = ${id}` : expect.stringMatching(place),
  );
});

test("lava-conn-usage prints a job once, whatever it uses, and needs a realm (CLI-070, CLI-071)", async () => {
  expect((await lava("conn-usage", "use/*")).stdout).toBe("each\nload\n");
  const { LAVA_REALM: _, ...nowhere } = emulated.environment;
  const argv = resolveAlias("lava-conn-usage", ["x"])?.argv ?? [];
  expect((await runCli(argv, { env: nowhere, cwd: folder })).status).toBe(2);
});
