import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir, uptime } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nullLogger } from "@lava/core";
import { expect, test } from "vitest";
import { eventually } from "../../test/eventually.ts";
import { PROCESS_MARK } from "../process-marks.ts";
import { createGuardFile } from "../renewal/guard-file.ts";
import { startWatchdog, type WatchdogOptions } from "./watchdog.ts";

const now = (): number => uptime() * 1000;

/** Zombies count as dead: somebody else's duty is to reap them. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

function sleeper(mark?: string): { pid: number } {
  const child = spawn("sleep", ["60"], {
    detached: true,
    stdio: "ignore",
    ...(mark === undefined ? {} : { env: { PATH: process.env["PATH"], [PROCESS_MARK]: mark } }),
  });
  if (child.pid === undefined) throw new Error("no sleep");
  return { pid: child.pid };
}

function setUp(options: Partial<WatchdogOptions> = {}) {
  const guard = createGuardFile();
  const watchdog = startWatchdog({ logger: nullLogger, guard, ...options });
  return {
    guard,
    watchdog,
    async [Symbol.asyncDispose]() {
      await watchdog[Symbol.asyncDispose]();
      guard.close();
    },
  };
}

test("processes are killed when the time is over: groups, marked ones, and those that come later", async () => {
  await using setup = setUp();
  const { watchdog, guard } = setup;
  const first = sleeper();
  const marked = sleeper(watchdog.groups.newMark());
  watchdog.groups.add(first.pid);
  guard.allow(now() + 50);
  const armed = now();
  watchdog.arm();

  await eventually(() => !alive(first.pid) && !alive(marked.pid));
  const second = sleeper();
  watchdog.groups.add(second.pid);
  await eventually(() => !alive(second.pid));
  const third = sleeper(watchdog.groups.newMark());
  await eventually(() => !alive(third.pid));

  expect(guard.killed).toBeGreaterThanOrEqual(armed);
});

test("what a worker starts under its next lease is left alone, while the last look at the old ones goes on", async () => {
  await using setup = setUp();
  const { watchdog, guard } = setup;
  const late = sleeper(watchdog.groups.newMark());
  guard.allow(now() + 50);
  watchdog.arm();
  await eventually(() => !alive(late.pid));

  watchdog.rest();
  guard.allow(now() + 60_000);
  watchdog.arm();
  const next = sleeper(watchdog.groups.newMark());
  await new Promise((resolve) => {
    setTimeout(resolve, 300);
  });

  expect(alive(next.pid)).toBe(true);
  process.kill(-next.pid, "SIGKILL");
});

test("a renewal that only the guard file tells of keeps them, and an ended group is left alone", async () => {
  await using setup = setUp();
  const { watchdog, guard } = setup;
  const [job, stranger] = [sleeper(), sleeper()];
  watchdog.groups.add(job.pid);
  guard.allow(now() + 200);
  watchdog.arm();
  guard.allow(now() + 60_000);

  await new Promise((resolve) => {
    setTimeout(resolve, 400);
  });
  expect(guard.killed).toBe(0);
  expect(alive(job.pid)).toBe(true);

  watchdog.groups.end(job.pid);
  await eventually(() => !alive(job.pid));
  expect(alive(stranger.pid)).toBe(true);
  process.kill(-stranger.pid, "SIGKILL");
});

test("when the worker is killed, its processes are, and its will is executed once they are dead", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lava-watchdog-"));
  const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const script = `
    import { spawn } from "node:child_process";
    import { nullLogger } from "@lava/core";
    import { createGuardFile } from ${JSON.stringify(file("../renewal/guard-file.ts"))};
    import { startWatchdog } from ${JSON.stringify(file("watchdog.ts"))};
    const watchdog = startWatchdog({
      logger: nullLogger,
      guard: createGuardFile(),
      will: { command: "sh", args: ["-c", "cat > ${folder}/will.part; mv ${folder}/will.part ${folder}/will"], env: process.env },
    });
    const start = (env) => spawn("sleep", ["60"], { detached: true, stdio: "ignore", env }).pid;
    const job = start({ PATH: process.env.PATH });
    watchdog.groups.add(job);
    watchdog.setLease("p1");
    watchdog.remember("gone", { body: "g", receipt: "g" });
    watchdog.remember("kept", { body: "{\\n}", receipt: "r" });
    watchdog.forget("gone");
    console.log(job, start({ PATH: process.env.PATH, LAVA_PROCESS: watchdog.groups.newMark() }));
    setInterval(() => undefined, 1000);`;
  const worker = spawn(
    process.execPath,
    ["--conditions=@lava/source", "--input-type=module-typescript", "-e", script],
    { cwd: fileURLToPath(new URL(".", import.meta.url)), stdio: ["ignore", "pipe", "inherit"] },
  );
  let out = "";
  worker.stdout.on("data", (data: Buffer) => (out += data.toString()));
  const jobs = (await eventually(() => /(\d+) (\d+)\n/.exec(out))).slice(1).map(Number);
  expect(jobs.map(alive)).toEqual([true, true]);

  worker.kill("SIGKILL");

  const will = await eventually(() => readFile(join(folder, "will"), "utf8"));
  expect(jobs.map(alive)).toEqual([false, false]);
  expect(JSON.parse(will)).toEqual({
    delay: 0,
    messages: [{ body: "{\n}", receipt: "r" }],
    lease: "p1",
  });
  await rm(folder, { recursive: true });
});

test("the watchdog ends with its owner in good order", async () => {
  const setup = setUp();
  const { pid } = setup.watchdog;
  if (pid === undefined) throw new Error("no watchdog");

  await setup[Symbol.asyncDispose]();

  expect(alive(pid)).toBe(false);
});
