import { spawn } from "node:child_process";
import { LavaError } from "@lava/core";

/** What the daemon tells the process that started it. */
type Report = { readonly ready: number } | { readonly error: string };

/**
 * Starts this same command again in a session of its own, and waits until it is at work (CLI-197).
 *
 * @returns the daemon's pid
 * @throws {LavaError} DAEMON_FAILED with the daemon's own text
 */
export async function startDaemon(
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const [program, ...args] = process.argv;
  const child = spawn(
    program ?? process.execPath,
    [...process.execArgv, ...args, "--daemon-child"],
    {
      detached: true,
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      env: { ...env },
    },
  );
  const failed = (text: string): LavaError => new LavaError("DAEMON_FAILED", text);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on("message", (report) => {
        if (!isReport(report)) return;
        if ("ready" in report) resolve(report.ready);
        else reject(failed(report.error));
      });
      child.once("error", (error) => {
        reject(failed(error.message));
      });
      child.once("exit", (code) => {
        reject(failed(`The worker ended while it started, with status ${code ?? "of a signal"}`));
      });
    });
  } finally {
    child.removeAllListeners();
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** Tells the process that started this daemon, if it is still there, and lets go of it. */
export function reportToStarter(report: Report): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) {
      resolve();
      return;
    }
    process.send(report, () => {
      if (process.connected) process.disconnect();
      resolve();
    });
  });
}

function isReport(value: unknown): value is Report {
  if (typeof value !== "object" || value === null) return false;
  return (
    ("ready" in value && typeof value.ready === "number") ||
    ("error" in value && typeof value.error === "string")
  );
}
