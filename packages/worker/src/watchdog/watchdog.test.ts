import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { nullLogger } from "@lava/core";
import { expect, test } from "vitest";
import { eventually } from "../../test/eventually.ts";
import { startWatchdog } from "./watchdog.ts";

/** Zombies count as dead: somebody else's duty is to reap them. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

function sleeper(): { pid: number } {
  const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
  if (child.pid === undefined) throw new Error("no sleep");
  return { pid: child.pid };
}

test("groups are killed when the deadline passes, those that come later at once", async () => {
  await using watchdog = startWatchdog(nullLogger);
  const first = sleeper();
  watchdog.groups.add(first.pid);
  watchdog.allow(20);

  await eventually(() => !alive(first.pid));
  const second = sleeper();
  watchdog.groups.add(second.pid);
  await eventually(() => !alive(second.pid));
});

test("a renewal in time keeps them, and an ended group is left alone", async () => {
  await using watchdog = startWatchdog(nullLogger);
  const job = sleeper();
  const stranger = sleeper();
  watchdog.groups.add(job.pid);
  watchdog.allow(60_000);
  watchdog.allow(0);

  expect(alive(job.pid)).toBe(true);
  watchdog.groups.end(job.pid);
  await eventually(() => !alive(job.pid));
  expect(alive(stranger.pid)).toBe(true);
  process.kill(-stranger.pid, "SIGKILL");
});

test("groups are killed when the worker is killed", async () => {
  const module = fileURLToPath(new URL("watchdog.ts", import.meta.url));
  const script = `
    import { spawn } from "node:child_process";
    import { nullLogger } from "@lava/core";
    import { startWatchdog } from ${JSON.stringify(module)};
    const watchdog = startWatchdog(nullLogger);
    const job = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    watchdog.groups.add(job.pid);
    console.log(job.pid);
    setInterval(() => undefined, 1000);`;
  const worker = spawn(
    process.execPath,
    ["--conditions=@lava/source", "--input-type=module-typescript", "-e", script],
    { cwd: fileURLToPath(new URL(".", import.meta.url)), stdio: ["ignore", "pipe", "inherit"] },
  );
  let out = "";
  worker.stdout.on("data", (data: Buffer) => (out += data.toString()));
  const job = Number(await eventually(() => /\d+\n/.exec(out)?.[0]));
  expect(alive(job)).toBe(true);

  worker.kill("SIGKILL");

  await eventually(() => !alive(job));
});

test("the watchdog ends with its owner in good order", async () => {
  const watchdog = startWatchdog(nullLogger);
  const { pid } = watchdog;
  if (pid === undefined) throw new Error("no watchdog");

  await watchdog[Symbol.asyncDispose]();

  expect(alive(pid)).toBe(false);
});
