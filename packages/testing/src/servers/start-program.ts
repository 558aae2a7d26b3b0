import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** How a server program is started. */
export interface ProgramOptions {
  /** Its name in messages and in the name of its folder. */
  readonly name: string;
  readonly program: string;
  /** Arguments, once the private folder is there. */
  readonly args: (folder: string) => readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Writes what the program reads at its start. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** Resolves once it answers; tried again until it does. */
  readonly isReady: (folder: string) => Promise<boolean>;
  /** Undoes what the program leaves behind, before its folder is removed. */
  readonly cleanUp?: (folder: string) => Promise<void>;
  /** Whom the program and its folder belong to, for those that refuse to run as root. */
  readonly user?: ProgramUser | undefined;
  /** In a process group of its own, for those that signal all that are in their group. */
  readonly ownGroup?: boolean;
  /** Milliseconds that the start may take; 20 s by default. */
  readonly startMs?: number;
}

/** A user by its numbers. */
export interface ProgramUser {
  readonly uid: number;
  readonly gid: number;
}

/** A program that runs. */
export interface RunningProgram extends AsyncDisposable {
  readonly folder: string;
  readonly pid: number;
}

/**
 * Starts a server in a private folder and waits until it answers. Disposal ends it (TERM, after 10 s KILL).
 *
 * @throws {Error} with the end of what it printed, where it does not come up
 */
export async function startProgram(options: ProgramOptions): Promise<RunningProgram> {
  const { name, program, args, env, prepare, isReady, cleanUp, user, startMs = 20_000 } = options;
  const { ownGroup = false } = options;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), `lava-${name}-`));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  if (cleanUp !== undefined) stack.defer(() => cleanUp(folder));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  await prepare?.(folder);
  const log = join(folder, "server.log");
  const output = openSync(log, "w");
  const child = spawn(program, args(folder), {
    cwd: folder,
    env,
    stdio: ["ignore", output, output],
    detached: ownGroup,
    ...user,
  });
  closeSync(output);
  child.on("error", () => undefined);
  stack.defer(() => end(child));
  const deadline = performance.now() + startMs;
  for (
    let pause = 5;
    !(await isReady(folder).catch(() => false));
    pause = Math.min(pause * 2, 100)
  ) {
    const why = ended(child)
      ? "ended at once"
      : performance.now() > deadline
        ? `was not ready within ${startMs / 1000} s`
        : undefined;
    if (why !== undefined) {
      const said = (await readFile(log, "utf8").catch(() => "")).trim().split("\n").slice(-15);
      throw new Error(`${name} ${why}:\n${said.join("\n")}`);
    }
    await delay(pause);
  }
  const owned = stack.move();
  return { folder, pid: child.pid ?? 0, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function ended(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function end(child: ChildProcess): Promise<void> {
  if (ended(child)) return;
  const exited = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  child.kill("SIGTERM");
  const timer = new AbortController();
  await Promise.race([
    exited,
    delay(10_000, undefined, { signal: timer.signal }).catch(() => undefined),
  ]);
  timer.abort();
  child.kill("SIGKILL");
  await exited;
}
