import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { type Clock, isMap, LavaError } from "@lava/core";

/** How long another run may hold the crontab. */
const WAIT_MS = 60_000;

const POLL_MS = 100;

/**
 * Keeps the crontab of this user to one run at a time (JOB-lavasched-13): a file with our pid. That of a process that
 * is gone does not count.
 *
 * @throws {LavaError} CRONTAB_BUSY
 */
export async function lockCrontab(
  clock: Clock,
  signal: AbortSignal,
  folder = tmpdir(),
): Promise<AsyncDisposable> {
  const file = join(folder, `lava-crontab-${userInfo().uid}.lock`);
  const deadline = clock.now() + WAIT_MS;
  for (;;) {
    try {
      await writeFile(file, String(process.pid), { flag: "wx", mode: 0o600 });
      return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
    } catch (error) {
      if (!isMap(error) || error["code"] !== "EEXIST") throw error;
    }
    const pid = Number(await readFile(file, "utf8").catch(() => ""));
    // An empty file is about to be written.
    if (pid > 0 && pid !== process.pid && !isAlive(pid)) await rm(file, { force: true });
    else if (clock.now() >= deadline) {
      throw new LavaError("CRONTAB_BUSY", `The crontab is being written by process ${pid}`, {
        hint: `When there is no such run, remove ${file}.`,
      });
    } else await clock.sleep(POLL_MS, signal);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isMap(error) && error["code"] === "EPERM";
  }
}
