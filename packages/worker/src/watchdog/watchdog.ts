import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import type { Logger } from "@lava/core";
import { type ContainerGuard, createContainerGuard } from "../container-guard.ts";
import { type ProcessGroups, createProcessGroups } from "../process-groups.ts";
import { watchdogProgram } from "./program.ts";

/** The process that kills what a dead or frozen worker leaves behind (design 5). */
export interface Watchdog extends AsyncDisposable {
  /** Groups registered here are under its guard. */
  readonly groups: ProcessGroups;
  /** Containers registered here likewise. */
  readonly containers: ContainerGuard;
  readonly pid: number | undefined;
  /** All registered groups are killed unless this is called again within `ms`; 0 lifts the deadline. */
  allow(ms: number): void;
}

/** Starts the watchdog of this process; it is started anew should it end. */
export function startWatchdog(logger: Logger): Watchdog {
  let child: ChildProcess | undefined;
  let disposed = false;
  let restarts = 0;

  const send = (line: string): void => {
    // Reaches the pipe before this returns: a stream with nothing queued writes at once.
    if (child?.stdin?.writable === true) child.stdin.write(`${line}\n`);
  };
  const groups = createProcessGroups({
    added: (pgid) => {
      send(`+${pgid}`);
    },
    removed: (pgid) => {
      send(`-${pgid}`);
    },
  });
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
      stdio: ["pipe", "ignore", "ignore"],
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
    for (const pgid of groups.list()) send(`+${pgid}`);
    for (const container of containers.list()) send(`c${JSON.stringify(container)}`);
  };
  start();

  return {
    groups,
    containers,
    get pid() {
      return child?.pid;
    },
    allow(ms) {
      send(`d${Math.max(0, Math.round(ms))}`);
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
