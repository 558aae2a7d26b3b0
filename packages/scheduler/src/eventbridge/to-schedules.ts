import { createHash } from "node:crypto";
import { type DataMap, isTruthy, LavaError } from "@lava/core";
import type { ScheduleEntry as EventBridgeSchedule } from "@lava/realm";
import type { Cron } from "../cron/cron.ts";
import { type JobSchedule, readJobSchedule, type ScheduleEntry } from "../schedule/job-schedule.ts";

/** What calls a job by EventBridge Scheduler: the function dispatch and what goes with it. */
export interface EventBridgeTarget {
  /** ARN of the function dispatch. */
  readonly function: string;
  /** ARN of the role that may invoke it. */
  readonly role: string;
  /** ARN of the queue for calls that could not be made. */
  readonly dead_letter?: string;
}

type Dates = Pick<EventBridgeSchedule, "StartDate" | "EndDate">;

/** A call that cannot be made is given up after so long, in seconds, and goes to the dead letter queue. */
const MAX_AGE = 3600;
const MAX_RETRIES = 60;

/** The group of a realm's schedules. */
export function scheduleGroup(realm: string): string {
  return `lava-${realm}`;
}

/**
 * The schedules of EventBridge Scheduler that start a job; none for a job that is not enabled. Each call names its time
 * as `dispatch_id`, so that one that is made twice is one run. Pure.
 *
 * @param now Milliseconds: dates before this are left out, as the service refuses them
 * @throws {LavaError} EVENTBRIDGE_CANNOT for a schedule that it cannot say; what readJobSchedule throws
 */
export function toEventBridgeSchedules(
  item: DataMap,
  zone: string,
  target: EventBridgeTarget,
  now: number,
): readonly EventBridgeSchedule[] {
  const job_id = String(item["job_id"]);
  const enabled = item["enabled"];
  if (typeof enabled !== "string" && !isTruthy(enabled)) return [];
  const schedule = readJobSchedule({ ...item, job_id }, { zone });
  const [fault] = schedule.faults;
  if (fault !== undefined) throw fault.error;
  const make = (
    index: number | string,
    ScheduleExpression: string,
    dates: Dates = {},
  ): EventBridgeSchedule => ({
    Name: scheduleName(job_id, index),
    Description: `lava job ${job_id}`.slice(0, 512),
    ScheduleExpression,
    ScheduleExpressionTimezone: schedule.zone.id,
    ...dates,
    FlexibleTimeWindow: windowOf(schedule),
    Target: targetOf(job_id, target),
  });
  if (schedule.every !== undefined) return [make(0, rate(job_id, schedule.every))];
  return schedule.entries.flatMap((entry, index) =>
    stretches(job_id, entry).flatMap((dates, part) => {
      const expression = cronExpression(job_id, entry.cron);
      const left = stillToCome(dates, now);
      return left === undefined
        ? []
        : [make(part === 0 ? index : `${index}-${part}`, expression, left)];
    }),
  );
}

/** Whether a schedule of the group is one of this job. */
export function isScheduleOf(job_id: string, name: string): boolean {
  return name.includes(`-${hashOf(job_id)}-`);
}

/** At most 64 letters, digits, `-`, `_` and `.`: the beginning of the id, and a hash that makes it the job's own. */
export function scheduleName(job_id: string, index: number | string): string {
  const tail = `-${hashOf(job_id)}-${index}`;
  return `${job_id.replaceAll(/[^0-9a-zA-Z_.-]/g, "-").slice(0, 64 - tail.length)}${tail}`;
}

function hashOf(job_id: string): string {
  return createHash("sha256").update(job_id).digest("hex").slice(0, 16);
}

function targetOf(job_id: string, target: EventBridgeTarget): EventBridgeSchedule["Target"] {
  return {
    Arn: target.function,
    RoleArn: target.role,
    Input: JSON.stringify({ job_id, dispatch_id: "schedule <aws.scheduler.scheduled-time>" }),
    ...(target.dead_letter === undefined ? {} : { DeadLetterConfig: { Arn: target.dead_letter } }),
    RetryPolicy: { MaximumEventAgeInSeconds: MAX_AGE, MaximumRetryAttempts: MAX_RETRIES },
  };
}

/** Jitter as a window, which has whole minutes. */
function windowOf({ jitter }: JobSchedule): EventBridgeSchedule["FlexibleTimeWindow"] {
  if (jitter <= 0) return { Mode: "OFF" };
  const minutes = Math.min(1440, Math.ceil(jitter / 60));
  return { Mode: "FLEXIBLE", MaximumWindowInMinutes: minutes };
}

/** The stretches in which an entry counts: two when it pauses between `to` and `from`. */
function stretches(job_id: string, { from, to }: ScheduleEntry): Dates[] {
  if (from !== undefined && from === to) throw cannot(job_id, "from and to are the same moment");
  const start = from === undefined ? {} : { StartDate: new Date(from).toISOString() };
  const end = to === undefined ? {} : { EndDate: new Date(to).toISOString() };
  return from !== undefined && to !== undefined && from > to
    ? [end, start]
    : [{ ...start, ...end }];
}

/** A stretch without a beginning that has passed; undefined when its end has. */
function stillToCome({ StartDate, EndDate }: Dates, now: number): Dates | undefined {
  if (EndDate !== undefined && Date.parse(EndDate) <= now) return undefined;
  return {
    ...(StartDate === undefined || Date.parse(StartDate) <= now ? {} : { StartDate }),
    ...(EndDate === undefined ? {} : { EndDate }),
  };
}

function rate(job_id: string, seconds: number): string {
  if (seconds % 60 !== 0) throw cannot(job_id, "its distance is not a number of whole minutes");
  for (const [unit, size] of [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ] as const) {
    const count = seconds / size;
    if (Number.isInteger(count)) return `rate(${count} ${unit}${count === 1 ? "" : "s"})`;
  }
  throw cannot(job_id, "its distance is not a number of whole minutes");
}

function cronExpression(job_id: string, cron: Cron): string {
  const { minutes, hours, days, months, weekdays, bothDays } = cron;
  if ([minutes, hours, days, months, weekdays].some((values) => values.length === 0)) {
    throw cannot(job_id, `"${cron.text}" never fires`);
  }
  const allDays = days.length === 31;
  const allWeekdays = weekdays.length === 7;
  // Where one of the two day fields is enough, a field of all days means every day.
  const isDaily = (allDays && allWeekdays) || (!bothDays && (allDays || allWeekdays));
  if (!isDaily && !allDays && !allWeekdays) {
    throw cannot(
      job_id,
      `"${cron.text}" has days of the month ${bothDays ? "and" : "or"} days of the week`,
    );
  }
  const one = (values: readonly number[], all: number): string =>
    values.length === all ? "*" : values.join(",");
  const day = isDaily || !allWeekdays ? (isDaily ? "*" : "?") : days.join(",");
  const weekday = isDaily || allWeekdays ? "?" : weekdays.map((value) => value + 1).join(",");
  return `cron(${one(minutes, 60)} ${one(hours, 24)} ${day} ${one(months, 12)} ${weekday} *)`;
}

function cannot(job_id: string, why: string): LavaError {
  return new LavaError(
    "EVENTBRIDGE_CANNOT",
    `Job ${job_id} cannot be a schedule of EventBridge: ${why}`,
    {
      retry: "never",
      hint: "Write it as a list of schedules that it can say, or give the job to `lava scheduler`.",
    },
  );
}
