import { setTimeout as delay } from "node:timers/promises";

/** Who is told about the process groups of jobs: the watchdog. */
export interface ProcessGroupListener {
  added(pgid: number): void;
  removed(pgid: number): void;
}

/** The process groups that jobs of this worker have now. */
export interface ProcessGroups {
  add(pgid: number): void;
  /** Forgets a group and kills what is left in it (WK-105). */
  end(pgid: number): void;
  list(): readonly number[];
  /** SIGKILL to all of them (WK-109). */
  killAll(): void;
}

/** An empty set of groups that reports to `listener`. */
export function createProcessGroups(listener?: ProcessGroupListener): ProcessGroups {
  const groups = new Set<number>();
  return {
    add(pgid) {
      groups.add(pgid);
      listener?.added(pgid);
    },
    end(pgid) {
      killGroup(pgid, "SIGKILL");
      if (groups.delete(pgid)) listener?.removed(pgid);
    },
    list: () => [...groups],
    killAll() {
      for (const pgid of groups) killGroup(pgid, "SIGKILL");
    },
  };
}

/** Signals a process group; one that has ended is no fault. */
function killGroup(pgid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pgid, signal);
  } catch {
    // ESRCH: nobody is left. EPERM: it became another user's, which we may not kill anyway.
  }
}

/** TERM, and KILL when `ended` has not come after `graceMs` (design 5: cancel and timeout). */
export async function stopGroup(
  pgid: number,
  graceMs: number,
  ended: Promise<unknown>,
): Promise<void> {
  if (graceMs > 0) {
    killGroup(pgid, "SIGTERM");
    const timer = new AbortController();
    await Promise.race([
      ended,
      delay(graceMs, undefined, { signal: timer.signal, ref: false }).catch(() => undefined),
    ]);
    timer.abort();
  }
  killGroup(pgid, "SIGKILL");
}
