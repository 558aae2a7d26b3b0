import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import type { Logger } from "@lava/core";
import { type ContainerGuard, createContainerGuard } from "../container-guard.ts";
import { type ProcessGroups, createProcessGroups } from "../process-groups.ts";
import { PROCESS_MARK } from "../process-marks.ts";
import type { GuardFile } from "../renewal/guard-file.ts";
import { watchdogProgram } from "./program.ts";

/** The process that kills what a dead or frozen worker leaves behind (design 5). */
export interface Watchdog extends AsyncDisposable {
  /** Groups registered here are under its guard, as is every process with their mark. */
  readonly groups: ProcessGroups;
  /** Containers registered here likewise. */
  readonly containers: ContainerGuard;
  readonly pid: number | undefined;
  /** There are runs: what they started is killed once the time in the guard file is over. */
  arm(): void;
  /** There are no runs. */
  rest(): void;
  /** The lease that ends with this process. */
  setLease(process: string): void;
  /** A message to be sent again should this process end or freeze; until {@link forget}. */
  remember(key: string, message: BequeathedMessage): void;
  forget(key: string): void;
}

/** A message whose run goes on. */
export interface BequeathedMessage {
  readonly body: string;
  readonly receipt: string;
}

/** A program that sends messages again, given a {@link LastWill} as JSON on its standard input. */
export interface WillProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What is to be done for a worker process that is dead, or frozen for longer than its lease. */
export interface LastWill {
  /** Seconds before the copies may be received. */
  readonly delay: number;
  readonly messages: readonly BequeathedMessage[];
  /** The lease to be ended; absent while the process may still go on. */
  readonly lease?: string;
}

/** Options of {@link startWatchdog}. */
export interface WatchdogOptions {
  readonly logger: Logger;
  readonly guard: GuardFile;
  readonly will?: WillProgram;
  /** Seconds after which a lease that was not renewed can be fenced by others, counted from the kill. */
  readonly lateSeconds?: number;
}

/** Starts the watchdog of this process; it is started anew should it end. */
export function startWatchdog(options: WatchdogOptions): Watchdog {
  const { logger, guard, will, lateSeconds = 0 } = options;
  let child: ChildProcess | undefined;
  let disposed = false;
  let restarts = 0;
  let armed = false;
  let lease: string | undefined;
  const remembered = new Map<string, BequeathedMessage>();

  const send = (line: string): void => {
    // Reaches the pipe before this returns: a stream with nothing queued writes at once.
    if (child?.stdin?.writable === true) child.stdin.write(`${line}\n`);
  };
  const sendMessage = (key: string, message: BequeathedMessage): void => {
    send(`m${JSON.stringify({ key, message })}`);
  };
  const groups = createProcessGroups({
    added: (pgid) => {
      send(`+${pgid}`);
    },
    removed: (pgid) => {
      send(`-${pgid}`);
    },
  });
  const settings = {
    mark: `${PROCESS_MARK}=${groups.markPrefix}`,
    lateSeconds,
    ...(will === undefined ? {} : { will }),
  };
  const containers = createContainerGuard({
    added: (container) => {
      send(`c${JSON.stringify(container)}`);
    },
    removed: (name) => {
      send(`x${name}`);
    },
  });
  const start = (): void => {
    child = spawn(process.execPath, ["-e", `(${watchdogProgram.toString()})()`], {
      detached: true, // out of the terminal's process group
      stdio: ["pipe", "ignore", "ignore", guard.fd],
      env: {},
    });
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
    child.on("error", (error) => {
      logger.error({ event_type: "worker", error: error.message }, "watchdog cannot be started");
    });
    child.stdin?.on("error", () => undefined);
    child.once("exit", () => {
      if (disposed || restarts >= 10) return;
      restarts += 1;
      logger.warn({ event_type: "worker" }, "watchdog ended, starting another one");
      start();
    });
    send(`s${JSON.stringify(settings)}`);
    for (const pgid of groups.list()) send(`+${pgid}`);
    if (lease !== undefined) send(`l${lease}`);
    for (const [key, message] of remembered) sendMessage(key, message);
    if (armed) send("a");
    for (const container of containers.list()) send(`c${JSON.stringify(container)}`);
  };
  start();

  return {
    groups,
    containers,
    get pid() {
      return child?.pid;
    },
    arm() {
      armed = true;
      send("a");
    },
    rest() {
      armed = false;
      send("r");
    },
    setLease(process) {
      lease = process;
      send(`l${process}`);
    },
    remember(key, { body, receipt }) {
      if (will === undefined) return;
      const message = { body, receipt };
      remembered.set(key, message);
      sendMessage(key, message);
    },
    forget(key) {
      if (remembered.delete(key)) send(`n${key}`);
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      const running = child;
      if (running === undefined || running.exitCode !== null) return;
      const ended = new Promise((resolve) => {
        running.once("exit", resolve);
      });
      running.ref();
      send("q");
      running.stdin?.end();
      await ended;
    },
  };
}
