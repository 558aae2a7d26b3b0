import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { type Clock, LavaError } from "@lava/core";
import { PROCESS_MARK } from "../process-marks.ts";
import { type SpawnNews, type SpawnRequest, spawnerProgram } from "./program.ts";

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that was started for this one. */
export interface SpawnedProcess {
  readonly pid: number;
  /** @throws {LavaError} PROGRAM_LOST when the spawner has ended: nobody knows how the process will end */
  readonly ended: Promise<ProcessEnd>;
}

/**
 * Starts programs from a small process. A process is started by copying the page tables of its parent, which stops
 * a busy worker of 100 MB for 3 to 5 ms each time; the small one takes less than 1 ms, beside the worker.
 */
export interface Spawner extends AsyncDisposable {
  /**
   * Undefined while there is no need for such a process, or it is not ready: the caller is to start its own.
   *
   * @throws {LavaError} PROGRAM_LOST when the spawner ended; whether it had started the program is not known
   */
  start(request: Omit<SpawnRequest, "id">): Promise<SpawnedProcess> | undefined;
  readonly pid: number | undefined;
}

/** Options of {@link createSpawner}. */
export interface SpawnerOptions {
  /** The worker's mark, by which the watchdog finds the spawner as well. */
  readonly mark: string;
  readonly clock: Pick<Clock, "now">;
  /** So many programs within {@link busyMs} make a worker busy; 10 by default. */
  readonly busyStarts?: number;
  /** 10,000 by default. */
  readonly busyMs?: number;
  /** Milliseconds without a program after which the process ends; 60,000 by default. */
  readonly idleMs?: number;
}

/** A spawner that is killed so often is better done without. */
const MAX_LOSSES = 3;

interface Waiting {
  readonly started: PromiseWithResolvers<number>;
  readonly ended: PromiseWithResolvers<ProcessEnd>;
}

/** A spawner whose process comes with the work and goes with it. */
export function createSpawner(options: SpawnerOptions): Spawner {
  const { mark, clock, busyStarts = 10, busyMs = 10_000, idleMs = 60_000 } = options;
  const waiting = new Map<number, Waiting>();
  const recent: number[] = [];
  let child: ChildProcess | undefined;
  let isReady = false;
  // Elsewhere a start costs less, and there are no marks by which the watchdog finds what was just started.
  let isClosed = process.platform !== "linux";
  let id = 0;
  let losses = 0;
  let idle: NodeJS.Timeout | undefined;

  /** Whether so many programs came in so short a time that a process for them pays. */
  const isBusy = (): boolean => {
    const now = clock.now();
    recent.push(now);
    if (recent.length > busyStarts) recent.shift();
    return recent.length === busyStarts && now - (recent[0] ?? 0) <= busyMs;
  };
  /** What it has started keeps this process alive; by itself it does not. */
  const keepAlive = (): void => {
    const pipe = child?.stdout;
    if (!(pipe instanceof Socket)) return;
    if (waiting.size > 0) pipe.ref();
    else pipe.unref();
  };
  const hear = (line: string): void => {
    const news: SpawnNews = JSON.parse(line);
    if (news.news === "ready") {
      isReady = true;
      return;
    }
    const of = waiting.get(news.id);
    if (news.news === "started") {
      of?.started.resolve(news.pid);
      return;
    }
    waiting.delete(news.id);
    keepAlive();
    if (news.news === "failed") {
      const text = `The program could not be started: ${news.code}`;
      of?.started.reject(Object.assign(new Error(text), { code: news.code }));
    } else of?.ended.resolve({ code: news.code, signal: news.signal });
  };
  const lose = (): void => {
    child = undefined;
    isReady = false;
    for (const { started, ended } of waiting.values()) {
      const error = new LavaError("PROGRAM_LOST", "The process that starts programs has ended", {
        hint: "Something killed it, and what it had started was stopped. The job can be run again.",
      });
      started.reject(error);
      ended.reject(error);
    }
    waiting.clear();
  };
  const open = (): void => {
    const started = spawn(process.execPath, ["-e", `(${spawnerProgram.toString()})()`], {
      detached: true, // out of the terminal's process group
      stdio: ["pipe", "pipe", "ignore"],
      env: { [PROCESS_MARK]: mark },
    });
    child = started;
    started.unref();
    if (started.stdin instanceof Socket) started.stdin.unref();
    keepAlive();
    started.stdin.on("error", () => undefined);
    createInterface({ input: started.stdout }).on("line", hear);
    started.on("error", () => undefined);
    started.once("close", () => {
      if (child !== started || isClosed) return;
      losses += 1;
      lose();
    });
  };
  const rest = (): void => {
    if (waiting.size > 0) {
      waitForRest();
      return;
    }
    const resting = child;
    lose();
    resting?.stdin?.end();
  };
  const waitForRest = (): void => {
    clearTimeout(idle);
    idle = setTimeout(rest, idleMs);
    idle.unref();
  };

  return {
    get pid() {
      return child?.pid;
    },
    start(request) {
      if (isClosed || losses >= MAX_LOSSES) return undefined;
      if (isBusy() && child === undefined) open();
      if (!isReady || child?.stdin?.writable !== true) return undefined;
      waitForRest();
      id += 1;
      const made: Waiting = {
        started: Promise.withResolvers(),
        ended: Promise.withResolvers(),
      };
      made.ended.promise.catch(() => undefined); // whoever did not start has nobody who waits for its end
      waiting.set(id, made);
      keepAlive();
      child.stdin.write(`${JSON.stringify({ ...request, id })}\n`);
      return made.started.promise.then((pid) => ({ pid, ended: made.ended.promise }));
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      clearTimeout(idle);
      const ending = child;
      if (ending === undefined) return;
      const closed = new Promise((resolve) => ending.once("close", resolve));
      ending.ref();
      ending.stdin?.end();
      await closed;
    },
  };
}
