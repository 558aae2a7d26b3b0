import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LavaError } from "@lava/core";

/** `<realm>.<worker>.pid`, with `.<index>` before the end where there are several; `/` becomes `-` (WK-008, OPS-098). */
export function pidFileName(realm: string, worker: string, index = 0): string {
  return `${realm}.${worker}${index === 0 ? "" : `.${index}`}.pid`.replaceAll("/", "-");
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
  const own = join(folder, `.${name}.${pid}`);
  const cannot = (cause: unknown): LavaError =>
    new LavaError("CANNOT_WRITE_PID_FILE", `The pid file ${file} cannot be written`, {
      cause,
      hint: "Start the worker in a directory that it may write to.",
    });
  try {
    writeFileSync(own, `${pid}\n`);
  } catch (error) {
    throw cannot(error);
  }
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        // A link appears whole or not at all, and never over another one.
        linkSync(own, file);
        return () => {
          if (readPid(file) === pid) unlinkSync(file);
        };
      } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : undefined;
        if (code !== "EEXIST" || attempt === 5) throw cannot(error);
      }
      const other = readPid(file);
      if (other !== undefined && other !== pid && isWorker(other)) {
        throw new LavaError(
          "WORKER_RUNS_ALREADY",
          `The worker of ${file} runs already, as process ${other}`,
          { hint: "Stop it first, give this one an --index, or start it in another directory." },
        );
      }
      setAside(file, `${own}.old`, other);
    }
  } finally {
    unlinkSync(own);
  }
}

/** Takes a file away that was judged stale; one that another start has put there since goes back. */
function setAside(file: string, aside: string, judged: number | undefined): void {
  try {
    renameSync(file, aside);
    if (readPid(aside) !== judged) linkSync(aside, file);
  } catch {
    // another start was quicker: look again
  } finally {
    rmSync(aside, { force: true });
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
