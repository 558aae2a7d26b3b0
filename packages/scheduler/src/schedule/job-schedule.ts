import { type Data, LavaError, errorText, isMap, parseDuration } from "@lava/core";
import type { Cron } from "../cron/cron.ts";
import { nextCronTime } from "../cron/next-time.ts";
import { parseCron } from "../cron/parse-cron.ts";
import { type Zone, openZone } from "../zone/zone.ts";
import { readTime } from "./read-time.ts";

/** One entry of a job's schedule (JOB-lavasched-05). Times in milliseconds. */
export interface ScheduleEntry {
  /** Place in the list, from 0. */
  readonly entry: number;
  readonly cron: Cron;
  readonly from?: number;
  readonly to?: number;
}

/** An entry that cannot be used. */
export interface ScheduleFault {
  /** Place in the list, from 0. */
  readonly entry: number;
  readonly error: LavaError;
}

/** When a job runs. */
export interface JobSchedule {
  readonly zone: Zone;
  readonly entries: readonly ScheduleEntry[];
  /** Seconds between runs, in place of entries (`x-lava-every`). */
  readonly every?: number;
  /** Seconds by which a run may be put off (`x-lava-jitter`). */
  readonly jitter: number;
  /** One bad entry does not stop the others. */
  readonly faults: readonly ScheduleFault[];
}

/** The fields of a job item that say when it runs. */
export interface ScheduledJob {
  readonly job_id: string;
  readonly schedule?: Data | undefined;
  readonly "x-lava-every"?: Data | undefined;
  readonly "x-lava-jitter"?: Data | undefined;
  readonly "x-lava-zone"?: Data | undefined;
}

/** Options of {@link readJobSchedule}. */
export interface ReadScheduleOptions {
  /** Zone of the dispatcher, for jobs that name none. */
  readonly zone: string;
  /** Reads `from` and `to`; {@link readTime} by default. */
  readonly readTime?: (text: string, zone: Zone) => number;
}

/**
 * Reads the schedule of a job: text, a map with `crontab`, `from` and `to`, or a list of these; null, empty text and
 * `--` are none (JOB-lavasched-07). Faults are collected, what can be read counts.
 *
 * @throws {LavaError} UNKNOWN_ZONE, INVALID_DURATION, BAD_SCHEDULE for a distance below a second
 */
export function readJobSchedule(job: ScheduledJob, options: ReadScheduleOptions): JobSchedule {
  const zone = openZone(String(job["x-lava-zone"] ?? options.zone));
  const every = seconds(job["x-lava-every"]);
  if (every !== undefined && !(every >= 1)) {
    throw bad(`Bad x-lava-every: ${String(job["x-lava-every"])}: at least a second`);
  }
  const entries: ScheduleEntry[] = [];
  const faults: ScheduleFault[] = [];
  const list = Array.isArray(job.schedule) ? job.schedule : [job.schedule];
  for (const [index, item] of list.entries()) {
    if (every !== undefined || isNone(item)) continue;
    try {
      const seed = `${job.job_id}/${index}`;
      entries.push({ entry: index, ...readEntry(item, seed, zone, options.readTime ?? readTime) });
    } catch (error) {
      if (!(error instanceof LavaError)) throw error;
      faults.push({ entry: index, error });
    }
  }
  return {
    zone,
    entries,
    faults,
    jitter: seconds(job["x-lava-jitter"]) ?? 0,
    ...(every === undefined ? {} : { every }),
  };
}

function isNone(item: Data | undefined): item is undefined {
  return item === undefined || item === null || item === "" || item === "--";
}

function seconds(value: Data | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  return parseDuration(typeof value === "string" ? value : Number(value));
}

function readEntry(
  item: Data,
  seed: string,
  zone: Zone,
  read: (text: string, zone: Zone) => number,
): Omit<ScheduleEntry, "entry"> {
  if (typeof item === "string") return { cron: parseCron(item, { seed }) };
  if (!isMap(item)) throw bad("expected text or a map with crontab, from and to");
  const { crontab, from, to, ...others } = item;
  if (crontab === undefined) throw bad("Missing keys: crontab");
  const unexpected = Object.keys(others).toSorted();
  if (unexpected.length > 0) throw bad(`Unexpected keys: ${unexpected.join(", ")}`);
  if (typeof crontab !== "string") throw bad("crontab must be text");
  const time = (name: string, value: Data | undefined): number | undefined => {
    if (value === undefined || value === null) return undefined;
    try {
      return read(String(value), zone);
    } catch (error) {
      throw bad(`Bad "${name}": ${errorText(error)}`);
    }
  };
  const cron = parseCron(crontab, { seed });
  const start = time("from", from);
  const end = time("to", to);
  return {
    cron,
    ...(start === undefined ? {} : { from: start }),
    ...(end === undefined ? {} : { to: end }),
  };
}

function bad(message: string): LavaError {
  return new LavaError("BAD_SCHEDULE", message, { retry: "never" });
}

/** Whether an entry counts at a moment: between `from` and `to`, or outside of them when they are the other way round. */
export function isActive(entry: ScheduleEntry, time: number): boolean {
  const { from = -Infinity, to = Infinity } = entry;
  return from <= to ? from <= time && time <= to : time >= from || time <= to;
}

/** The next moment after `after`, and before `before`, at which a job is due; undefined when there is none. Pure. */
export function nextSlot(
  schedule: JobSchedule,
  after: number,
  before = Infinity,
): number | undefined {
  if (schedule.every !== undefined) {
    const step = schedule.every * 1000;
    const slot = (Math.floor(after / step) + 1) * step;
    return slot < before ? slot : undefined;
  }
  let next: number | undefined;
  for (const entry of schedule.entries) {
    const slot = nextOf(entry, schedule.zone, after, next ?? before);
    if (slot !== undefined && (next === undefined || slot < next)) next = slot;
  }
  return next;
}

function nextOf(
  entry: ScheduleEntry,
  zone: Zone,
  after: number,
  before: number,
): number | undefined {
  const { cron, from = -Infinity, to = Infinity } = entry;
  // The stretches of time in which the entry counts.
  const active: (readonly [number, number])[] =
    from <= to
      ? [[from, to]]
      : [
          [-Infinity, to],
          [from, Infinity],
        ];
  for (const [start, end] of active) {
    if (end <= after) continue;
    const slot = nextCronTime(cron, zone, Math.max(after, start - 1), Math.min(before, end + 1));
    if (slot !== undefined) return slot;
  }
  return undefined;
}

/** The next `count` moments after `after` at which a job is due, fewer when the schedule ends. */
export function nextSlots(schedule: JobSchedule, after: number, count: number): readonly number[] {
  const slots: number[] = [];
  for (let slot = nextSlot(schedule, after); slot !== undefined;) {
    if (slots.push(slot) === count) break;
    slot = nextSlot(schedule, slot);
  }
  return slots;
}
