import { closeSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { LavaError } from "@lava/core";

/** `<realm>.<worker>.pid`; `/` becomes `-` (WK-008). */
export function pidFileName(realm: string, worker: string): string {
  return `${realm}.${worker}.pid`.replaceAll("/", "-");
}

/**
 * Writes the pid of this process into a file that stands for the worker; a file of a process that is gone, or of
 * one that is no worker of ours, is replaced.
 *
 * @returns what removes the file
 * @throws {LavaError} WORKER_RUNS_ALREADY, CANNOT_WRITE_PID_FILE
 */
export function takePidFile(folder: string, name: string, pid: number): () => void {
  const file = join(folder, name);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const descriptor = openSync(file, "wx");
      writeSync(descriptor, `${pid}\n`);
      closeSync(descriptor);
      return () => {
        if (readPid(file) === pid) unlinkSync(file);
      };
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code !== "EEXIST" || attempt === 3) {
        throw new LavaError("CANNOT_WRITE_PID_FILE", `The pid file ${file} cannot be written`, {
          cause: error,
          hint: "Start the worker in a directory that it may write to.",
        });
      }
    }
    const other = readPid(file);
    if (other !== undefined && other !== pid && isWorker(other)) {
      throw new LavaError(
        "WORKER_RUNS_ALREADY",
        `The worker of ${file} runs already, as process ${other}`,
        { hint: "Stop it first, or start this one in another directory." },
      );
    }
    try {
      unlinkSync(file);
    } catch {
      // another start was quicker: look again
    }
  }
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, "utf8").trim());
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process is alive and looks like a worker; a stranger that got an old pid does not count. */
function isWorker(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("worker");
  } catch {
    return true; // no /proc here
  }
}
