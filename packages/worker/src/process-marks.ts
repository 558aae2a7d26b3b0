import { readdirSync, readFileSync } from "node:fs";

/**
 * Environment variable that marks the processes of a job: `<worker process>.<number of the program>`. It shows whose
 * a process is after it has left its group and session (Linux: `/proc/<pid>/environ`; elsewhere groups must do).
 */
export const PROCESS_MARK = "LAVA_PROCESS";

/**
 * Ids of the living processes that carry a mark: exactly `mark`, or any that begins with it when it ends in a dot.
 * Reads all of /proc once, some milliseconds: for timeouts, cancels and losses, not for every end of a program.
 */
export function findMarked(mark: string): number[] {
  const wanted = Buffer.from(`${PROCESS_MARK}=${mark}${mark.endsWith(".") ? "" : "\0"}`);
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return []; // no Linux
  }
  return names.map(Number).filter((pid) => pid > 0 && pid !== process.pid && has(pid, wanted));
}

function has(pid: number, wanted: Buffer): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`);
    for (let at = environment.indexOf(wanted); at >= 0; at = environment.indexOf(wanted, at + 1)) {
      if (at === 0 || environment[at - 1] === 0) return true;
    }
    return false;
  } catch {
    return false; // ended meanwhile, or another user's
  }
}

/** Sends a signal to every process with this mark, but not to the group that has had it already. */
export function signalMarked(mark: string, signal: NodeJS.Signals, exceptGroup?: number): number {
  let count = 0;
  for (const pid of findMarked(mark)) {
    if (exceptGroup !== undefined && groupOf(pid) === exceptGroup) continue;
    try {
      process.kill(pid, signal);
      count += 1;
    } catch {
      // ended meanwhile
    }
  }
  return count;
}

function groupOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
  } catch {
    return undefined;
  }
}

/**
 * SIGKILL to every process with this mark, round after round, since one may fork while it is looked for. Who forks
 * faster than it can be killed is left to the caller's next try.
 *
 * @returns whether nobody was left at the last look
 */
export function killMarked(mark: string): boolean {
  for (let round = 0; round < 20; round += 1) {
    const living = findMarked(mark).filter((pid) => !isZombie(pid));
    if (living.length === 0) return true;
    for (const pid of living) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // ended meanwhile
      }
    }
  }
  return false;
}

function isZombie(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return true;
  }
}
