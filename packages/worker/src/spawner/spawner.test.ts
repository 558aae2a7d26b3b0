import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../../test/eventually.ts";
import { createProcessGroups } from "../process-groups.ts";
import { type ProcessOptions, runProcess } from "../process.ts";
import type { SpawnRequest } from "./program.ts";
import { createSpawner, type SpawnedProcess, type Spawner } from "./spawner.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-spawner-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const groups = createProcessGroups();
const open = (more: { idleMs?: number } = {}) =>
  createSpawner({
    mark: `${groups.markPrefix}spawner`,
    clock: { now: () => 0 },
    busyStarts: 1,
    ...more,
  });

const shell = async (script: string, more: Partial<SpawnRequest> = {}) => {
  const [stdout, stderr] = [join(folder, "out"), join(folder, "err")];
  await writeFile(stdout, "kept\n");
  await writeFile(stderr, "");
  return {
    program: "/bin/sh",
    argv0: "sh",
    args: ["-c", script],
    cwd: folder,
    env: { PATH: "/usr/bin:/bin", GREETING: "olá" },
    stdout,
    stderr,
    ...more,
  };
};

/** The process comes with the work; until it is there the caller starts programs itself. */
async function started(spawner: Spawner, request: Omit<SpawnRequest, "id">) {
  let process: Promise<SpawnedProcess> | undefined;
  await eventually(() => (process ??= spawner.start(request)) !== undefined);
  if (process === undefined) throw new Error("not started");
  return process;
}

const alive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

const job = (script: string): ProcessOptions => ({
  argv: ["sh", "-c", script],
  cwd: folder,
  env: { PATH: "/usr/bin:/bin" },
  timeout: 20,
  stdout: join(folder, "out"),
  stderr: join(folder, "err"),
});
const host = (spawner: Spawner) => ({
  groups,
  spawner,
  signal: new AbortController().signal,
  stderrSize: 2000,
  killGraceMs: 100,
});

test("there is a process for it only while many programs are started", async () => {
  let now = 0;
  await using spawner = createSpawner({
    mark: `${groups.markPrefix}spawner`,
    clock: { now: () => now },
    busyStarts: 3,
    busyMs: 100,
  });
  const request = await shell("true");
  for (now of [0, 60, 120, 180]) expect(spawner.start(request)).toBeUndefined();
  expect(spawner.pid).toBeUndefined();

  now = 190;
  expect(spawner.start(request)).toBeUndefined();
  expect(spawner.pid).toBeTypeOf("number");
});

test("a program has its arguments, environment, directory and outputs, and a session of its own", async () => {
  await using spawner = open();
  const script = 'echo "$0 $GREETING $(pwd)"; echo $LAVA_PROCESS >&2; ps -o sid= -p $$ >&2; exit 3';
  const { pid, ended } = await started(spawner, await shell(script, { argv0: "my-sh" }));

  expect(await ended).toEqual({ code: 3, signal: null });
  expect(await readFile(join(folder, "out"), "utf8")).toBe(`kept\nmy-sh olá ${folder}\n`);
  expect((await readFile(join(folder, "err"), "utf8")).trim()).toBe(String(pid));
});

test("a death by a signal is told, and so is a program that cannot be started", async () => {
  await using spawner = open();
  const { ended } = await started(spawner, await shell("kill -9 $$"));

  expect(await ended).toEqual({ code: null, signal: "SIGKILL" });
  const missing = spawner.start(await shell("true", { cwd: join(folder, "away") }));
  await expect(missing).rejects.toMatchObject({ code: "ENOENT" });
  const bad = spawner.start(await shell("true", { env: { A: "a\0b" } }));
  await expect(bad).rejects.toMatchObject({ code: "ERR_INVALID_ARG_VALUE" });
});

test("with the spawner its programs are stopped: nobody would know how they ended", async () => {
  await using spawner = open();
  await started(spawner, await shell("true"));
  const running = runProcess(job("echo $$; setsid sleep 60 & sleep 60"), host(spawner));
  const lost = running.catch((error: unknown) => error);
  let pid = 0;
  await eventually(async () => {
    pid = Number(await readFile(join(folder, "out"), "utf8").catch(() => ""));
    return pid > 0;
  });

  process.kill(spawner.pid ?? 0, "SIGKILL");

  expect(await lost).toMatchObject({ code: "PROGRAM_LOST" });
  await eventually(() => !alive(pid));
});

test("a timeout, an exit status and what was written are those of a program that the worker starts", async () => {
  await using spawner = open();
  await started(spawner, await shell("true"));

  const failed = await runProcess(job("echo no >&2; exit 9"), host(spawner));
  const late = await runProcess({ ...job("sleep 60"), timeout: 0.1 }, host(spawner));

  expect(failed).toEqual({
    exit_status: 9,
    error: "Failed with exit status 9",
    stderrText: "no",
  });
  expect(late).toMatchObject({ exit_status: 28, error: "Timed out after 0.1 seconds" });
});

test("it ends when nothing was started for a while, and comes again", async () => {
  await using spawner = open({ idleMs: 10 });
  const { ended } = await started(spawner, await shell("sleep 0.1"));
  const { pid } = spawner;

  await ended;
  await eventually(() => spawner.pid === undefined && !alive(pid ?? 0));
  const again = await started(spawner, await shell("exit 4"));
  expect(await again.ended).toEqual({ code: 4, signal: null });
});
