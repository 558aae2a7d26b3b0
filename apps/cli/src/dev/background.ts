import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, LavaError } from "@lava/core";
import * as z from "zod";
import { type DevFolder, parseOrUndefined, replaceFile } from "./dev-folder.ts";
import { processStart } from "./process-identity.ts";

const record = z.object({
  name: z.string(),
  pid: z.number(),
  start: z.string(),
  startedAt: z.string(),
  /** What it was started with: something else needs another process. */
  key: z.string().optional(),
});

/** What a background process says once, over the channel to whoever started it. */
const announcement = z.union([
  z.object({ ready: z.record(z.string(), z.unknown()) }),
  z.object({
    error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }),
  }),
]);

/** A background process of the dev realm, as its pid file has it. */
export type BackgroundProcess = z.output<typeof record> & {
  readonly running: boolean;
  readonly log: string;
};

/** What to start. */
export interface BackgroundCommand {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** See the pid file's `key`. */
  readonly key?: string | undefined;
}

const READY_TIMEOUT_MS = 30_000;

/**
 * Starts a process that outlives us and waits until it says that it is ready; its output is appended to
 * `logs/<name>.log`.
 *
 * @returns what the process announced
 * @throws {LavaError} the error that it announced, or CANNOT_START
 */
export async function startBackground(
  folder: DevFolder,
  command: BackgroundCommand,
  clock: Clock,
): Promise<Readonly<Record<string, unknown>>> {
  const log = logFile(folder, command.name);
  const output = openSync(log, "a", 0o600);
  const [file = "", ...args] = command.argv;
  const child = spawn(file, args, {
    cwd: command.cwd,
    detached: true,
    env: { ...command.env },
    stdio: ["ignore", output, output, "ipc"],
  });
  closeSync(output);
  try {
    const ready = waitUntilReady(child, command.name, log, clock);
    if (child.pid !== undefined) {
      const start = (await processStart(child.pid)) ?? "";
      const entry = {
        name: command.name,
        pid: child.pid,
        start,
        startedAt: new Date(clock.now()).toISOString(),
        ...(command.key === undefined ? {} : { key: command.key }),
      };
      await replaceFile(pidFile(folder, command.name), `${JSON.stringify(entry)}\n`);
    }
    return await ready;
  } catch (error) {
    child.kill("SIGKILL");
    await rm(pidFile(folder, command.name), { force: true });
    throw error;
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** Resolves with the announcement of a started process. */
async function waitUntilReady(
  child: ChildProcess,
  name: string,
  log: string,
  clock: Clock,
): Promise<Readonly<Record<string, unknown>>> {
  const fault = (what: string, cause?: unknown): LavaError =>
    new LavaError("CANNOT_START", `Cannot start ${name}: ${what}`, {
      cause,
      hint: `Its output is in ${log}`,
    });
  const done = new AbortController();
  const outcome = new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
    child.once("message", (message) => {
      const parsed = announcement.safeParse(message);
      if (!parsed.success) reject(fault("it announced something unexpected"));
      else if ("ready" in parsed.data) resolve(parsed.data.ready);
      else {
        const { code, message: text, hint } = parsed.data.error;
        reject(new LavaError(code, text, hint === undefined ? {} : { hint }));
      }
    });
    child.once("error", (error) => {
      reject(fault(error.message, error));
    });
    child.once("exit", (status, signal) => {
      reject(fault(`it ended at once (${signal ?? `status ${status}`})`));
    });
    clock.sleep(READY_TIMEOUT_MS, done.signal).then(
      () => {
        reject(fault(`it was not ready within ${READY_TIMEOUT_MS / 1000} s`));
      },
      () => undefined,
    );
  });
  try {
    return await outcome;
  } finally {
    done.abort();
  }
}

/** Every process that was started and not stopped, with whether it is alive still. */
export async function listBackground(folder: DevFolder): Promise<BackgroundProcess[]> {
  const names = await readdir(folder.processes).catch(() => []);
  const processes: BackgroundProcess[] = [];
  for (const name of names.filter((file) => file.endsWith(".json")).sort()) {
    const parsed = record.safeParse(
      parseOrUndefined(await readFile(join(folder.processes, name), "utf8")),
    );
    if (!parsed.success) continue;
    const running = await isRunning(parsed.data);
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
  let outcome: "stopped" | "killed" | "gone" = "gone";
  if (await isRunning(target)) {
    process.kill(target.pid, "SIGTERM");
    outcome = "stopped";
    const deadline = clock.now() + graceMs;
    while ((await isRunning(target)) && clock.now() < deadline) await clock.sleep(50);
    if (await isRunning(target)) {
      process.kill(target.pid, "SIGKILL");
      outcome = "killed";
    }
  }
  await rm(pidFile(folder, target.name), { force: true });
  return outcome;
}

async function isRunning({
  pid,
  start,
}: {
  readonly pid: number;
  readonly start: string;
}): Promise<boolean> {
  return start !== "" && (await processStart(pid)) === start;
}

function pidFile(folder: DevFolder, name: string): string {
  return join(folder.processes, `${encodeURIComponent(name)}.json`);
}

/** Where a process writes. */
export function logFile(folder: DevFolder, name: string): string {
  return join(folder.logs, `${encodeURIComponent(name)}.log`);
}
