import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { processStart } from "../dev/process-identity.ts";
import { workerOfCommandLine, type WorkerName } from "./worker-command-line.ts";

const run = promisify(execFile);

/** A worker process of this host. */
export interface HostWorker extends WorkerName {
  readonly pid: number;
  /** Which process of this number it is; undefined for one of another user. */
  readonly started: string | undefined;
}

/** The worker processes of this host, by their command lines (CLI-173), whoever they belong to. */
export async function hostWorkers(): Promise<HostWorker[]> {
  const processes = (await processesOfProc()) ?? (await processesOfPs());
  const workers = await Promise.all(
    processes.map(async ({ pid, words }) => {
      if (!words.some((word) => /worker/.test(word))) return undefined;
      const name = workerOfCommandLine(words, await environOf(pid));
      return name === undefined ? undefined : { ...name, pid, started: await processStart(pid) };
    }),
  );
  return workers
    .filter((worker) => worker !== undefined)
    .toSorted((one, other) => one.pid - other.pid);
}

interface HostProcess {
  readonly pid: number;
  readonly words: readonly string[];
}

/** Undefined on a system without /proc. */
async function processesOfProc(): Promise<HostProcess[] | undefined> {
  const names = await readdir("/proc").catch((): string[] => []);
  const pids = names.filter((name) => /^\d+$/.test(name));
  if (pids.length === 0) return undefined;
  return await Promise.all(
    pids.map(async (name) => {
      // Gone in between.
      const text = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
      return { pid: Number(name), words: text.replace(/\0$/, "").split("\0") };
    }),
  );
}

async function processesOfPs(): Promise<HostProcess[]> {
  const { stdout } = await run("ps", ["-axww", "-o", "pid=,args="], { maxBuffer: 64 << 20 });
  return stdout.split("\n").map((line) => {
    const [pid = "", ...words] = line.trim().split(/\s+/);
    return { pid: Number(pid), words };
  });
}

/** Empty for a process of another user, and on a system without /proc. */
async function environOf(pid: number): Promise<Record<string, string>> {
  const text = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
  return Object.fromEntries(
    text.split("\0").map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, Math.max(0, at)), pair.slice(at + 1)];
    }),
  );
}
