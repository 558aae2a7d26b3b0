import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants as fs, openSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { LavaError } from "@lava/core";
import type { OutputSinks } from "./output-sinks.ts";
import { type ProcessGroups, stopGroup } from "./process-groups.ts";
import { killMarked, PROCESS_MARK } from "./process-marks.ts";
import { errorCode, findProgram, startFault } from "./program.ts";
import type { ProcessEnd, SpawnedProcess, Spawner } from "./spawner/spawner.ts";
import { readHeadOrTail } from "./stderr-text.ts";

/** Exit status of a process that ran out of time (WK-104). */
const STATUS_TIMEOUT = 28;

/** Appending, so that a file can be emptied while it is written to (`output-watch.ts`). */
const OUTPUT_FLAGS = fs.O_CREAT | fs.O_TRUNC | fs.O_WRONLY | fs.O_APPEND;

/** One process of a job (WK-103..110). */
export interface ProcessOptions {
  /** Program and arguments; no shell. A bare name is looked up in PATH of `env` (T-60). */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly timeout: number;
  /** File that takes stdout, truncated first. */
  readonly stdout: string;
  /** File that takes stderr, truncated first. */
  readonly stderr: string;
  /** Text for stdin; empty by default. */
  readonly input?: string;
}

/** How a process ended. */
export interface ProcessResult {
  /** As Python has it: 0..255, `-<n>` for a death by signal n, 28 for a timeout (WK-104, WK-106). */
  readonly exit_status: number;
  /** Null when it ended well; else `Failed with exit status 3`, `Timed out after 600.0 seconds`. */
  readonly error: string | null;
  /** Head (or tail) of stderr for the event when it failed by itself; null when empty (WK-107). */
  readonly stderrText: string | null;
}

/** What runs a process besides its options. */
export interface ProcessHost {
  readonly groups: ProcessGroups;
  /** Aborting it stops the whole group; the call then throws the signal's reason. */
  readonly signal: AbortSignal;
  /** STDERR_SIZE of the realm. */
  readonly stderrSize: number;
  /** Milliseconds between TERM and KILL. */
  readonly killGraceMs: number;
  /** Milliseconds for which a program whose file is busy is tried again (WK-095, T-66); 1000 by default. */
  readonly settlingMs?: number;
  /** Starts programs that read nothing and write to files, when it is worth it. */
  readonly spawner?: Pick<Spawner, "start"> | undefined;
  /** Dev mode: output goes here and the files stay empty (WK-145). */
  readonly sinks?: OutputSinks | undefined;
}

/**
 * Runs a process to its end in a session and group of its own. A timeout or an abort stops the whole group, and
 * whatever is left in the group after the process has ended is killed.
 *
 * @throws {LavaError} CANNOT_START_PROGRAM with the text of the operating system (WK-108)
 */
export async function runProcess(
  options: ProcessOptions,
  host: ProcessHost,
): Promise<ProcessResult> {
  host.signal.throwIfAborted();
  const [name = "", ...args] = options.argv;
  const program = findProgram(name, options.cwd, options.env["PATH"]);
  using files = new DisposableStack();
  const create = (path: string): number =>
    files.adopt(openSync(path, OUTPUT_FLAGS, 0o600), closeSync);
  const [stdout, stderr] = [create(options.stdout), create(options.stderr)];
  const mark = host.groups.newMark();
  const env = { ...options.env, [PROCESS_MARK]: mark };
  const { settlingMs = 1000, spawner } = host;
  const startOwn = (): Promise<Started> =>
    attempt(() =>
      spawn(program, args, {
        argv0: name,
        cwd: options.cwd,
        env,
        detached: true,
        stdio: [
          options.input === undefined ? "ignore" : "pipe",
          host.sinks ? "pipe" : stdout,
          host.sinks ? "pipe" : stderr,
        ],
      }),
    );
  const started = await start(() => {
    if (options.input !== undefined || host.sinks) return startOwn();
    const { cwd, stdout: out, stderr: err } = options;
    const request = { program, argv0: name, args, cwd, env, stdout: out, stderr: err };
    return (
      spawner?.start(request)?.catch((error: unknown) => {
        if (!isLost(error)) throw error;
        killMarked(mark); // it may have come so far as to start it
        return startOwn();
      }) ?? startOwn()
    );
  }, settlingMs).catch((error: unknown) => {
    throw startError(error, name);
  });
  const { pid, child } = started;
  host.groups.add(pid);
  try {
    const end = await waitForEnd(started, mark, options, host);
    host.groups.end(pid);
    if (host.sinks && child !== undefined) await outputEnd(child);
    host.signal.throwIfAborted();
    return await toResult(end, options, host);
  } catch (error) {
    if (isLost(error)) {
      await stopGroup(pid, 0, Promise.resolve(), mark);
      host.signal.throwIfAborted();
    }
    throw error;
  } finally {
    host.groups.end(pid);
  }
}

function isLost(error: unknown): boolean {
  return error instanceof LavaError && error.code === "PROGRAM_LOST";
}

/** A process, and how it will end; with `child` when it is one of this process. */
interface Started extends SpawnedProcess {
  readonly child?: ChildProcess;
}

type End = "timeout" | ProcessEnd;

/** Starts a process. "Text file busy" passes within moments (T-66), so it is tried again until it does. */
async function start(make: () => Promise<Started>, settlingMs: number): Promise<Started> {
  for (let waited = 0, pause = 5; ; waited += pause, pause = Math.min(pause * 2, 50)) {
    try {
      return await make();
    } catch (error) {
      if (errorCode(error) !== "ETXTBSY" || waited >= settlingMs) throw error;
    }
    await delay(pause);
  }
}

/** One attempt. Node.js throws some faults of the system, "text file busy" among them, and emits the others. */
async function attempt(make: () => ChildProcess): Promise<Started> {
  const child = make();
  const failed = new Promise<never>((_, reject) => {
    child.once("error", reject);
  });
  // An error that is not "spawn" has no listener later on: a failed kill must not end the worker.
  failed.catch(() => undefined);
  child.on("error", () => undefined);
  const { pid } = child;
  if (pid === undefined) return failed;
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once("exit", (code, signal) => {
      resolve({ code, signal });
    });
  });
  return { pid, ended, child };
}

async function waitForEnd(
  { pid, ended: exited, child }: Started,
  mark: string,
  options: ProcessOptions,
  host: ProcessHost,
): Promise<End> {
  if (options.input !== undefined) {
    child?.stdin?.on("error", () => undefined); // a program need not read its input
    child?.stdin?.end(options.input);
  }
  if (host.sinks && child !== undefined) {
    child.stdout?.pipe(host.sinks.stdout, { end: false });
    child.stderr?.pipe(host.sinks.stderr, { end: false });
  }
  const stop = Promise.withResolvers<"timeout" | "abort">();
  const onAbort = (): void => {
    stop.resolve("abort");
  };
  // A timer holds at most 2^31 - 1 ms, 24.8 days; longer is for ever.
  const timeoutMs = Math.max(0, options.timeout * 1000);
  const timer =
    timeoutMs < 2 ** 31
      ? setTimeout(() => {
          stop.resolve("timeout");
        }, timeoutMs)
      : undefined;
  host.signal.addEventListener("abort", onAbort, { once: true });
  if (host.signal.aborted) onAbort();
  try {
    const first = await Promise.race([exited, stop.promise]);
    if (typeof first !== "string") return first;
    await stopGroup(pid, host.killGraceMs, exited, mark);
    const end = await exited;
    return first === "timeout" ? "timeout" : end;
  } finally {
    clearTimeout(timer);
    host.signal.removeEventListener("abort", onAbort);
  }
}

/** Output that is piped ends soon after the group was killed; what fled the group is not waited for (T-61). */
async function outputEnd(child: ChildProcess): Promise<void> {
  const closed = [child.stdout, child.stderr].map(
    (stream) =>
      new Promise<void>((resolve) => {
        if (stream === null || stream.closed) resolve();
        else stream.once("close", resolve);
      }),
  );
  await Promise.race([Promise.all(closed), delay(500, undefined, { ref: false })]);
}

async function toResult(
  end: End,
  options: ProcessOptions,
  host: ProcessHost,
): Promise<ProcessResult> {
  if (end === "timeout") {
    return {
      exit_status: STATUS_TIMEOUT,
      error: `Timed out after ${pythonFloat(options.timeout)} seconds`,
      stderrText: null,
    };
  }
  const exit_status = end.signal === null ? (end.code ?? 0) : -constants.signals[end.signal];
  if (exit_status === 0) return { exit_status, error: null, stderrText: null };
  return {
    exit_status,
    error: `Failed with exit status ${exit_status}`,
    stderrText: await readHeadOrTail(options.stderr, host.stderrSize),
  };
}

/** A number as Python prints a float: `600.0`. */
export function pythonFloat(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function startError(error: unknown, program: string): Error {
  if (error instanceof LavaError) return error;
  const code = errorCode(error);
  if (code === "ERR_INVALID_ARG_VALUE") {
    return new LavaError("CANNOT_START_PROGRAM", "embedded null byte", { cause: error });
  }
  return startFault(code, program, error);
}
