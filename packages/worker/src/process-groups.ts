import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { killMarked, signalMarked } from "./process-marks.ts";

/** Who is told about the process groups of jobs: the watchdog. */
export interface ProcessGroupListener {
  added(pgid: number): void;
  removed(pgid: number): void;
}

/** The process groups that jobs of this worker have now. */
export interface ProcessGroups {
  /** What the marks of all programs of this worker begin with. */
  readonly markPrefix: string;
  /**
   * A mark for one program that is about to start: the value of {@link PROCESS_MARK} in its environment. Whatever
   * the program starts inherits it, so it is found in sessions and groups of its own as well.
   */
  newMark(): string;
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
  const markPrefix = `${randomUUID()}.`;
  let marks = 0;
  return {
    markPrefix,
    newMark() {
      marks += 1;
      return `${markPrefix}${marks}`;
    },
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
      killMarked(markPrefix);
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

/**
 * TERM, and KILL when `ended` has not come after `graceMs` (design 5: cancel and timeout). With the program's `mark`
 * what it has put into sessions of its own is stopped too.
 */
export async function stopGroup(
  pgid: number,
  graceMs: number,
  ended: Promise<unknown>,
  mark?: string,
): Promise<void> {
  if (graceMs > 0) {
    killGroup(pgid, "SIGTERM");
    if (mark !== undefined) signalMarked(mark, "SIGTERM", pgid);
    const timer = new AbortController();
    await Promise.race([
      ended,
      delay(graceMs, undefined, { signal: timer.signal, ref: false }).catch(() => undefined),
    ]);
    timer.abort();
  }
  killGroup(pgid, "SIGKILL");
  if (mark !== undefined) killMarked(mark);
}
