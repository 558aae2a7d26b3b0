import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, LavaError } from "@lava/core";
import * as z from "zod";
import type { DevFolder } from "./dev-folder.ts";
import { processStart } from "./process-identity.ts";

const record = z.object({
  name: z.string(),
  pid: z.number(),
  start: z.string(),
  startedAt: z.string(),
});

/** A background process of the dev realm, as its pid file has it. */
export type BackgroundProcess = z.output<typeof record> & { readonly running: boolean; readonly log: string };

/** What to start. */
export interface BackgroundCommand {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Starts a process that outlives us; its output is appended to `logs/<name>.log`. */
export async function startBackground(
  folder: DevFolder,
  command: BackgroundCommand,
  clock: Clock,
): Promise<BackgroundProcess> {
  const log = logFile(folder, command.name);
  const output = openSync(log, "a", 0o600);
  const [file = "", ...args] = command.argv;
  const child = spawn(file, args, {
    cwd: command.cwd,
    detached: true,
    env: { ...command.env },
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (error) => {
      reject(new LavaError("CANNOT_START", `Cannot start ${command.name}: ${error.message}`, { cause: error }));
    });
  });
  const spawned = new Promise<void>((resolve) => {
    child.once("spawn", resolve);
  });
  await Promise.race([spawned, failed]);
  const pid = child.pid ?? 0;
  const start = (await processStart(pid)) ?? "";
  child.unref();
  const entry = { name: command.name, pid, start, startedAt: new Date(clock.now()).toISOString() };
  await writeFile(pidFile(folder, command.name), `${JSON.stringify(entry)}\n`, { mode: 0o600 });
  return { ...entry, running: true, log };
}

/** Every process that was started and not stopped, with whether it is alive still. */
export async function listBackground(folder: DevFolder): Promise<BackgroundProcess[]> {
  const names = await readdir(folder.processes).catch(() => []);
  const processes: BackgroundProcess[] = [];
  for (const name of names.filter((file) => file.endsWith(".json")).sort()) {
    const parsed = record.safeParse(JSON.parse(await readFile(join(folder.processes, name), "utf8")));
    if (!parsed.success) continue;
    const { pid, start } = parsed.data;
    const running = start !== "" && (await processStart(pid)) === start;
    processes.push({ ...parsed.data, running, log: logFile(folder, parsed.data.name) });
  }
  return processes;
}

/**
 * Asks a process to end, waits, then kills it. A pid that was given to another process since is left alone; the pid
 * file goes either way.
 */
export async function stopBackground(
  folder: DevFolder,
  target: BackgroundProcess,
  clock: Clock,
  graceMs: number,
): Promise<"stopped" | "killed" | "gone"> {
  const alive = async (): Promise<boolean> => target.start !== "" && (await processStart(target.pid)) === target.start;
  let outcome: "stopped" | "killed" | "gone" = "gone";
  if (await alive()) {
    process.kill(target.pid, "SIGTERM");
    outcome = "stopped";
    const deadline = clock.now() + graceMs;
    while ((await alive()) && clock.now() < deadline) await clock.sleep(50);
    if (await alive()) {
      process.kill(target.pid, "SIGKILL");
      outcome = "killed";
    }
  }
  await rm(pidFile(folder, target.name), { force: true });
  return outcome;
}

function pidFile(folder: DevFolder, name: string): string {
  return join(folder.processes, `${encodeURIComponent(name)}.json`);
}

/** Where a process writes. */
export function logFile(folder: DevFolder, name: string): string {
  return join(folder.logs, `${encodeURIComponent(name)}.log`);
}
