import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { errorText, isMap, LavaError } from "@lava/core";

const run = promisify(execFile);

/** How the program `crontab` is run. */
export interface CrontabOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/**
 * The crontab of the user; empty when there is none (WF-173).
 *
 * @throws {LavaError} NO_CRONTAB when the host has no cron
 */
export async function readCrontab({ env, signal }: CrontabOptions): Promise<string> {
  try {
    const { stdout } = await run("crontab", ["-l"], { env, signal, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    signal.throwIfAborted();
    if (!isMap(error) || error["code"] !== "ENOENT") return "";
    throw new LavaError("NO_CRONTAB", "There is no program crontab on this host", {
      retry: "never",
      cause: error,
      hint: "Install cron, or let `lava scheduler` serve the dispatcher in place of a lavasched job.",
    });
  }
}

/** Installs a file as the crontab of the user. Throws what cron says. */
export async function installCrontab(file: string, { env, signal }: CrontabOptions): Promise<void> {
  try {
    await run("crontab", [file], { env, signal });
  } catch (error) {
    signal.throwIfAborted();
    const said = isMap(error) && typeof error["stderr"] === "string" ? error["stderr"].trim() : "";
    throw new Error(said === "" ? errorText(error) : said, { cause: error });
  }
}
