import { type DataMap, isTruthy, parseDuration } from "@lava/core";
import { parseJobExtensions } from "@lava/spec";
import { type JobSchedule, readJobSchedule } from "../schedule/job-schedule.ts";
import type { CatchUp } from "./plan-slots.ts";

/** A job as the running scheduler has it. */
export interface BookedJob {
  readonly job_id: string;
  readonly dispatcher: string;
  readonly worker: string;
  readonly schedule: JobSchedule;
  readonly overlap: "allow" | "skip" | "queue";
  readonly catchUp: CatchUp;
  /** ARN of the topic that hears of its missed runs. */
  readonly alarmTopic: string | undefined;
  /** What the schedule depends on, as text: another text is another schedule. */
  readonly definition: string;
}

/** Options of {@link bookJob}. */
export interface BookOptions {
  /** Zone of the job's dispatcher. */
  readonly zone: string;
  /** SCHED_CATCHUP in milliseconds; 0: nothing is made up for. */
  readonly catchUpMs: number;
}

/** Window of a job that wants its missed runs, where the realm names none. */
const DAY_MS = 24 * 3_600_000;

/**
 * Reads a job's item for the scheduler; undefined for one that is not enabled or never runs by itself. What of its
 * schedule cannot be read is in `schedule.faults`.
 *
 * @throws {LavaError} UNKNOWN_ZONE, INVALID_DURATION, BAD_SCHEDULE, BAD_JOB_EXTENSION
 */
export function bookJob(item: DataMap, options: BookOptions): BookedJob | undefined {
  const job_id = String(item["job_id"]);
  const enabled = item["enabled"];
  // A text is a template that only the run itself can judge.
  if (typeof enabled !== "string" && !isTruthy(enabled)) return undefined;
  const schedule = readJobSchedule({ ...item, job_id }, { zone: options.zone });
  if (schedule.every === undefined && schedule.entries.length + schedule.faults.length === 0) {
    return undefined;
  }
  const extensions = parseJobExtensions(item);
  return {
    job_id,
    dispatcher: String(item["dispatcher"] ?? ""),
    worker: String(item["worker"] ?? ""),
    schedule,
    overlap: extensions["x-lava-overlap"] ?? "allow",
    catchUp: readCatchUp(extensions["x-lava-catch-up"], options.catchUpMs),
    alarmTopic: extensions["x-lava-missed-alarm"],
    definition: JSON.stringify([
      schedule.zone.id,
      item["schedule"],
      item["x-lava-every"],
      item["dispatcher"],
    ]),
  };
}

function readCatchUp(
  field: ReturnType<typeof parseJobExtensions>["x-lava-catch-up"],
  catchUpMs: number,
): CatchUp {
  if (field === undefined) return { mode: catchUpMs > 0 ? "all" : "none", windowMs: catchUpMs };
  const { mode, window } = typeof field === "string" ? { mode: field, window: undefined } : field;
  const windowMs = window === undefined ? catchUpMs || DAY_MS : parseDuration(window) * 1000;
  return { mode, windowMs };
}
