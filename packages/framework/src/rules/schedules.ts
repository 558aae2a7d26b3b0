import { type DataMap, isMap, isTruthy, LavaError } from "@lava/core";
import {
  isIsoTime,
  type JobSchedule,
  nextSlot,
  readJobSchedule,
  type ScheduleEntry,
} from "@lava/scheduler";
import { zoneOfDispatcher } from "../deploy/fire-times.ts";
import { type CheckedItem, findingAt, type ProjectRule } from "./rule.ts";

/** Schedules that cannot be read (an error), and those of enabled jobs that never come about again. */
export const schedules: ProjectRule = {
  name: "schedules",
  check({ items, project }) {
    const schedulers = items
      .filter(({ data }) => data["type"] === "lavasched")
      .map(({ data }) => data);
    return items.flatMap((item) => {
      if (item.kind !== "job" || !hasSchedule(item.data)) return [];
      const zone = zoneOfDispatcher(item.data["dispatcher"], {
        settings: project.settings,
        schedulers,
      });
      return [...faultsOf(item, zone, project.host.clock.now()), ...guessesOf(item)];
    });
  },
};

function hasSchedule(data: DataMap): boolean {
  const isNone = (value: unknown): boolean => !isTruthy(value) || value === "--";
  return !isNone(data["schedule"]) || data["x-lava-every"] !== undefined;
}

/** Times whose meaning depends on the day on which they are read (T-55). */
function guessesOf(item: CheckedItem): ReturnType<ProjectRule["check"]> {
  const { schedule } = item.data;
  const entries = Array.isArray(schedule) ? schedule : [schedule];
  return entries.flatMap((entry, index) => {
    if (!isMap(entry)) return [];
    return ["from", "to"].flatMap((name) => {
      const text = entry[name];
      if (typeof text !== "string" || isIsoTime(text)) return [];
      const path = Array.isArray(schedule) ? ["schedule", index, name] : ["schedule", name];
      return [
        findingAt(item, path, {
          severity: "warning",
          code: "guessed_time",
          message: `"${text}" is no ISO 8601 time: what it means is guessed. Write it as "2026-07-01T00:00:00+10:00"`,
        }),
      ];
    });
  });
}

function faultsOf(item: CheckedItem, zone: string, now: number): ReturnType<ProjectRule["check"]> {
  try {
    const schedule = readJobSchedule({ ...item.data, job_id: item.id }, { zone });
    const isList = Array.isArray(item.data["schedule"]);
    if (schedule.faults.length > 0) {
      return schedule.faults.map(({ entry, error }) =>
        findingAt(item, isList ? ["schedule", entry] : ["schedule"], {
          severity: "error",
          code: "bad_schedule",
          message: error.message,
        }),
      );
    }
    if (!isTruthy(item.data["enabled"])) return [];
    if (nextSlot(schedule, now) !== undefined) {
      return schedule.entries.flatMap((entry) => {
        const why = whyNever(entry, schedule, now);
        if (why === undefined) return [];
        const message = `an entry of the schedule of job ${item.id} never counts: ${why}`;
        return [
          findingAt(item, isList ? ["schedule", entry.entry] : ["schedule"], {
            severity: "warning",
            code: "never_fires",
            message,
          }),
        ];
      });
    }
    return [
      findingAt(item, ["schedule"], {
        severity: "warning",
        code: "never_fires",
        message: `job ${item.id} is never started by its schedule: no time to come fits it`,
      }),
    ];
  } catch (error) {
    if (!(error instanceof LavaError)) throw error;
    return [
      findingAt(item, ["schedule"], {
        severity: "error",
        code: "bad_schedule",
        message: error.message,
      }),
    ];
  }
}

/** Why an entry has no moment at all, past ones included; one whose time has passed is no mistake. */
function whyNever(
  { entry, cron, from, to }: ScheduleEntry,
  schedule: JobSchedule,
  now: number,
): string | undefined {
  if (from !== undefined && from === to) return "from and to are the same moment";
  return nextSlot({ ...schedule, entries: [{ entry, cron }] }, now) === undefined
    ? "there is no such date"
    : undefined;
}
