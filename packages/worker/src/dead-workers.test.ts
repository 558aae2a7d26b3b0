import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nullLogger } from "@lava/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { markDirectory, removeDeadDirectories } from "./dead-workers.ts";
import { isGone, processIdentity } from "./process-identity.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-dead-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function directory(name: string, pid?: number): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, "run"), { recursive: true });
  if (pid !== undefined) await markDirectory(path, pid);
  return path;
}

test("directories of processes that are gone are removed, all others stay", async () => {
  const child = spawn("sleep", ["60"]);
  const dead = await directory("core.1", child.pid);
  const living = await directory("core.2", process.pid);
  const python = await directory("core.3");
  const broken = await directory("core.4");
  await writeFile(join(broken, ".worker.json"), "{");

  expect(await removeDeadDirectories(folder, nullLogger)).toEqual([]);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;

  expect(await removeDeadDirectories(folder, nullLogger)).toEqual([dead]);
  await Promise.all([living, python, broken].map((path) => stat(path)));
});

test("a number that another process has got meanwhile does not save a directory", () => {
  const own = processIdentity(process.pid);
  if (own === undefined) throw new Error("no /proc");

  expect(isGone(own, own)).toBe(false);
  expect(isGone({ ...own, started: "1" }, own)).toBe(true);
  expect(isGone({ ...own, started: "1", namespace: "pid:[1]" }, own)).toBe(false);
  expect(isGone({ ...own, started: "1", boot: "another" }, own)).toBe(false);
});

test("a realm without a directory has nothing to be removed", async () => {
  expect(await removeDeadDirectories(join(folder, "none"), nullLogger)).toEqual([]);
});
