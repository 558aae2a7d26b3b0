import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { QUIET } from "../rig/endpoint.ts";
import { killAtExit } from "../rig/kill-at-exit.ts";

/** A scheduler in a process of its own. */
export interface SchedulerProcess {
  readonly name: string;
  readonly isRunning: boolean;
  signal(signal: NodeJS.Signals): void;
  /** Sets its clock off by so many milliseconds. */
  shiftClock(ms: number): Promise<void>;
  /** Ends it, by kill -9 unless it is asked to stop in order. */
  end(signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
}

const MAIN = fileURLToPath(new URL("../programs/scheduler.ts", import.meta.url));
const CLOCK = fileURLToPath(new URL("../programs/shift-clock.ts", import.meta.url));

/** Starts a scheduler; its log and its clock are files of `folder`. */
export async function startSchedulerProcess(
  name: string,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<SchedulerProcess> {
  const clock = join(folder, `${name}.clock`);
  await writeFile(clock, "0");
  const log = openSync(join(folder, `${name}.log`), "a");
  const child: ChildProcess = spawn(
    process.execPath,
    ["--conditions=@lava/source", ...QUIET, "--import", CLOCK, MAIN],
    {
      env: { PATH: process.env["PATH"], ...env, AWS_EXECUTION_ENV: name, FAULTS_CLOCK: clock },
      stdio: ["ignore", log, log, "ipc"],
    },
  );
  killAtExit(child);
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await Promise.race([
    new Promise<void>((resolve) => child.once("message", () => resolve())),
    exited,
  ]);
  return {
    name,
    get isRunning() {
      return isRunning();
    },
    signal: (signal) => void child.kill(signal),
    shiftClock: (ms) => writeFile(clock, String(ms)),
    async end(signal = "SIGKILL") {
      child.kill("SIGCONT");
      child.kill(signal);
      await exited;
    },
  };
}
