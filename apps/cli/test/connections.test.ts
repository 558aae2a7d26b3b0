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
      { job_id: "b", payload: "x", on_fail: [{ action: "email", conn_id: "app/DB" }] },
      { job_id: "c", payload: "x", parameters: { conn_id: "{{ globals.db }}" } },
      { job_id: "d", payload: "x", parameters: { conn_id: "other" } },
    ],
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

test("lava-conn-usage prints each job that uses a connection once (CLI-067 to 070)", async () => {
  const words = resolveAlias("lava-conn-usage", ["-i", "app/d*"])?.argv ?? [];

  expect(await lava(...words)).toMatchObject({ status: 0, stdout: "a\nb\n" });
  expect((await lava("conn-usage", "--exit-code", "app/db")).status).toBe(3);
  expect((await lava("conn-usage", "-v", "app/db")).stdout).toBe(
    "a: parameters.connections.db = app/db\n" +
      "c: parameters.conn_id = {{ globals.db }} (template, known only in a run)\n",
  );
});
