import { readFileSync, readlinkSync } from "node:fs";

/** What names one process for ever: numbers are given again, and each container counts its own. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Ticks between the machine's start and the process's. */
  readonly started: string;
  /** The start of the machine. */
  readonly boot: string;
  /** The space in which the number counts. */
  readonly namespace: string;
}

/** The identity of a process of this machine; undefined when there is none, or no Linux. */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the command in parentheses and may hold blanks; the start is the 22nd, a zombie is "Z".
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z") return undefined;
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return { pid, started: fields[19] ?? "", boot, namespace: readlinkSync("/proc/self/ns/pid") };
  } catch {
    return undefined;
  }
}

/**
 * Whether a process that was seen here is certainly gone. One of another space of numbers may live: what looks dead
 * from inside of a container need not be.
 */
export function isGone(identity: ProcessIdentity, own: ProcessIdentity): boolean {
  if (identity.boot !== own.boot || identity.namespace !== own.namespace) return false;
  return processIdentity(identity.pid)?.started !== identity.started;
}
