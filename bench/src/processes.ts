import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The repository. */
export const ROOT = join(import.meta.dirname, "../..");
/** The bundled programs. */
export const PROGRAMS = join(ROOT, "apps/cli/dist");

/** Runs a program of the bundle to its end and gives its wall time, output, and most memory (0 where /proc is not there). */
export async function timeProgram(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<{
  ms: number;
  peakMb: number;
  stdout: string;
  stderr: string;
  status: number | null;
}> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(PROGRAMS, "lava.js"), ...args], {
    cwd: options.cwd ?? ROOT,
    env: options.env ?? process.env,
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (stderr += String(chunk)));
  let peakMb = 0;
  const sampling = setInterval(() => {
    peakMb = Math.max(peakMb, peakRssMb(child.pid ?? 0));
  }, 10);
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearInterval(sampling);
  return { ms: performance.now() - started, peakMb, stdout, stderr, status };
}

/** Starts a program of the bundle and waits for its announcement. */
export async function startProgram(
  name: "aws" | "scheduler" | "worker",
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{
  child: ChildProcess;
  readyMs: number;
  /** What it said when it was ready. */
  announced: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(PROGRAMS, `${name}.js`), ...args], {
    env,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const kill = (): void => {
    child.kill("SIGTERM");
  };
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  const message = await new Promise<unknown>((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", (status) => {
      reject(new Error(`${name} ended with ${status}`));
    });
  });
  const readyMs = performance.now() - started;
  if (typeof message === "object" && message !== null && "error" in message)
    throw new Error(JSON.stringify(message));
  return {
    child,
    readyMs,
    announced: announcedBy(message),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function announcedBy(message: unknown): Readonly<Record<string, unknown>> {
  const ready: unknown =
    typeof message === "object" && message !== null && "ready" in message ? message.ready : {};
  return typeof ready === "object" ? { ...ready } : {};
}

/** Resident memory of a process in MB; undefined where /proc is not there. */
export function rssMb(pid: number): number | undefined {
  try {
    const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return line ? Number(line[1]) / 1024 : undefined;
  } catch {
    return undefined;
  }
}

/** Most resident memory of a process so far, in MB; 0 where /proc is not there. */
export function peakRssMb(pid: number): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return line ? Number(line[1]) / 1024 : 0;
  } catch {
    return 0;
  }
}

/** CPU time of a process in ms, without its children's. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Direct children of a process. */
export function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => {
      try {
        const stat = readFileSync(`/proc/${candidate}/stat`, "utf8");
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid;
      } catch {
        return false;
      }
    });
}
