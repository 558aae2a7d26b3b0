import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@lava/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli } from "../test/cli.ts";
import type { CliContext } from "./command.ts";
import { reportError } from "./report-error.ts";

let project: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "lava-report-"));
  for (const folder of ["config", "lava-jobs", ".lava-dev/processes"])
    await mkdir(join(project, folder), { recursive: true });
  await writeFile(join(project, "config/dev.yaml"), "realm: t\n");
});

afterEach(async () => {
  await rm(project, { recursive: true, force: true });
});

test("what the operating system refuses is a failure, no bug of ours", async () => {
  await mkdir(join(project, ".lava-dev/realm.json"));

  const text = await runCli(["dev", "status"], { cwd: project });
  const json = await runCli(["dev", "status", "--json"], { cwd: project });

  expect(text).toMatchObject({ status: 1, stdout: "" });
  expect(text.stderr).toContain("[SYSTEM_FAULT]");
  expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: "SYSTEM_FAULT" } });
});

test("a dev folder that is not ours to read says how to start over; a broken pid file names no process", async () => {
  await writeFile(join(project, ".lava-dev/realm.json"), "{");
  await writeFile(join(project, ".lava-dev/processes/aws.json"), '{"pid": 1');

  const status = await runCli(["dev", "status"], { cwd: project });
  const reset = await runCli(["dev", "reset"], { cwd: project });

  expect(status).toMatchObject({ status: 1, stdout: "" });
  expect(status.stderr).toContain("[BAD_DEV_FOLDER]");
  expect(status.stderr).toContain("lava dev reset");
  expect(reset.status, reset.stderr).toBe(0);
  await expect(readFile(join(project, ".lava-dev/realm.json"))).rejects.toThrow("ENOENT");
});

test("an interrupted command of the original says so and ends with 2 (CLI-005)", () => {
  let text = "";
  const interrupt = new AbortController();
  const out = { write: (more: string | Uint8Array) => (text += String(more)) !== "" };
  const context: CliContext = {
    ...{ env: {}, cwd: "/", stdin: process.stdin, stdout: out, stderr: out },
    ...{ clock: systemClock, signal: interrupt.signal, exitStatus: 0, program: "lava-check" },
  };
  interrupt.abort();

  expect(reportError(interrupt.signal.reason, context, false)).toBe(2);
  expect(text).toBe("Interrupt\n");
});
