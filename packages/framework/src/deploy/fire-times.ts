import { type DataMap, LavaError, isTruthy } from "@lava/core";
import { nextSlots, readJobSchedule } from "@lava/scheduler";
import { isDataMap } from "../build/python-json.ts";
import type { ProjectSettings } from "../project-settings.ts";
import { sameData } from "./compare.ts";
import type { FireTimes, ItemChange } from "./types.ts";

/** How many times to come are shown. */
const COUNT = 3;

/** Fields that say when a job runs, and whether. */
const FIELDS = [
  "dispatcher",
  "enabled",
  "schedule",
  "x-lava-every",
  "x-lava-jitter",
  "x-lava-zone",
];

/** Options of {@link fireTimes}. */
export interface FireTimesOptions {
  /** Milliseconds: times after this moment are shown. */
  readonly now: number;
  readonly settings: ProjectSettings;
  /** `lavasched` jobs, whose `CRON_TZ` is the zone of their dispatchers. */
  readonly schedulers: readonly DataMap[];
}

/**
 * When the jobs of a plan will run next, before and after it, for those whose times change or that are new with a
 * schedule. Times are in the zone of the job, else of its dispatcher. Pure.
 */
export function fireTimes(items: readonly ItemChange[], options: FireTimesOptions): FireTimes[] {
  return items.flatMap(({ kind, id, before, after }) => {
    if (kind !== "job") return [];
    if (FIELDS.every((name) => sameData(before?.[name], after?.[name]))) return [];
    const [old, now] = [timesOf(before, options), timesOf(after, options)];
    if (old.times.length === 0 && now.times.length === 0) return [];
    return [
      { id, zone: now.times.length > 0 ? now.zone : old.zone, before: old.times, after: now.times },
    ];
  });
}

function timesOf(
  item: DataMap | undefined,
  options: FireTimesOptions,
): { readonly times: readonly string[]; readonly zone: string } {
  const dispatcher = item?.["dispatcher"];
  const zone = String(item?.["x-lava-zone"] ?? zoneOfDispatcher(dispatcher, options));
  const none = { times: [], zone };
  if (item === undefined || !isTruthy(item["enabled"])) return none;
  if (typeof dispatcher !== "string" || dispatcher === "" || dispatcher === "--") return none;
  try {
    const schedule = readJobSchedule({ ...item, job_id: String(item["job_id"]) }, { zone });
    const slots = nextSlots(schedule, options.now, COUNT);
    return { zone, times: slots.map((slot) => new Date(slot).toISOString()) };
  } catch (error) {
    if (error instanceof LavaError) return none;
    throw error;
  }
}

/** The zone in which a dispatcher reads schedules: the project's settings, else its scheduler's `CRON_TZ`, else UTC. */
export function zoneOfDispatcher(
  dispatcher: unknown,
  { settings, schedulers }: Pick<FireTimesOptions, "settings" | "schedulers">,
): string {
  const name = String(dispatcher);
  const own = settings.zones[name];
  if (own !== undefined) return own;
  for (const { parameters = null } of schedulers) {
    if (!isDataMap(parameters)) continue;
    const served = parameters["dispatcher"];
    const env = parameters["env"] ?? null;
    const serves = Array.isArray(served) ? served.includes(name) : served === name;
    if (serves && isDataMap(env) && typeof env["CRON_TZ"] === "string") return env["CRON_TZ"];
  }
  return settings.zones["*"] ?? "UTC";
}
