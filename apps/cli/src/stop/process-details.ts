import { readdir, readFile } from "node:fs/promises";
import { totalmem } from "node:os";

/** What the system tells of a process; blank where it does not. */
export interface ProcessDetails {
  readonly user: string;
  /** Percent of one processor, since the start. */
  readonly cpu: number | undefined;
  readonly memory: number | undefined;
  /** Kilobytes. */
  readonly rss: number | undefined;
  readonly status: string;
  /** Milliseconds. */
  readonly started: number | undefined;
  /** Seconds of processor time. */
  readonly seconds: number | undefined;
  readonly threads: number | undefined;
  readonly files: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** The command line without its first word. */
  readonly command: string;
}

/** Ticks in a second: USER_HZ, the same on every Linux that Node.js runs on. */
const TICKS = 100;

const STATES: Readonly<Record<string, string>> = {
  R: "running",
  S: "sleeping",
  D: "disk-sleep",
  T: "stopped",
  t: "tracing-stop",
  Z: "zombie",
  I: "idle",
};

/** Looks at /proc (Linux). Blank fields for a process that is gone, for what belongs to others, and elsewhere. */
export async function readProcess(pid: number, now: number): Promise<ProcessDetails> {
  const read = (file: string): Promise<string> => readFile(file, "utf8").catch(() => "");
  const [status, stat, cmdline, boot, users, files] = await Promise.all([
    read(`/proc/${pid}/status`),
    read(`/proc/${pid}/stat`),
    read(`/proc/${pid}/cmdline`),
    read("/proc/stat"),
    read("/etc/passwd"),
    readdir(`/proc/${pid}/fd`).catch(() => undefined),
  ]);
  const field = (name: string, at = 0): string | undefined =>
    new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1]?.split(/\s+/)[at];
  const number = (text: string | undefined): number | undefined =>
    text === undefined || text === "" ? undefined : Number(text);
  // The name of the program, in brackets before it, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = (at: number): number | undefined => number(fields[at]);
  const [user = 0, system = 0, begun] = [ticks(11), ticks(12), ticks(19)];
  const booted = number(/^btime (\d+)/m.exec(boot)?.[1]);
  const seconds = begun === undefined ? undefined : (user + system) / TICKS;
  const started =
    begun === undefined || booted === undefined ? undefined : (booted + begun / TICKS) * 1000;
  const rss = number(field("VmRSS"));
  const uid = number(field("Uid", 1));
  return {
    user:
      users
        .split("\n")
        .find((line) => line.split(":")[2] === field("Uid"))
        ?.split(":")[0] ??
      field("Uid") ??
      "",
    cpu:
      seconds === undefined || started === undefined || now <= started
        ? undefined
        : (100_000 * seconds) / (now - started),
    memory: rss === undefined ? undefined : (100 * rss * 1024) / totalmem(),
    rss,
    status: STATES[field("State") ?? ""] ?? "",
    started,
    seconds,
    threads: number(field("Threads")),
    files: files?.length,
    uid,
    gid: number(field("Gid", 1)),
    command: cmdline.split("\0").slice(1).join(" ").trim(),
  };
}

/** Processor time as `MM:SS.ss` (CLI-127). */
export function formatCpuTime(seconds: number): string {
  const hundredths = Math.round(seconds * 100);
  const minutes = Math.floor(hundredths / 6000);
  const rest = ((hundredths % 6000) / 100).toFixed(2);
  return `${String(minutes).padStart(2, "0")}:${rest.padStart(5, "0")}`;
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** When a process began, as ps has it, in the zone of this machine: the time, the day and hour, or the date. */
export function formatStarted(started: number, now: number): string {
  const at = new Date(started);
  const two = (value: number): string => String(value).padStart(2, "0");
  const half = at.getHours() < 12 ? "am" : "pm";
  const hour = at.getHours() % 12 || 12;
  if (now - started < 24 * 3_600_000) {
    return `${hour}:${two(at.getMinutes())}${half}`.padStart(7);
  }
  if (now - started < 7 * 24 * 3_600_000) return `${DAYS[at.getDay()] ?? ""}${two(hour)}${half}`;
  return `${two(at.getDate())}${MONTHS[at.getMonth()] ?? ""}${two(at.getFullYear() % 100)}`;
}
