import { isDeepStrictEqual } from "node:util";
import { type DataMap, isMap, LavaError, inParallel } from "@lava/core";
import type { Realm, ScheduleEntry } from "@lava/realm";
import { EVENTBRIDGE, isScheduleOf, toEventBridgeSchedules } from "@lava/scheduler";
import type { ItemChange, ScheduleChange } from "./types.ts";

/** Schedules that are read at a time. */
const PARALLEL = 8;

/**
 * What a plan does to the schedules of EventBridge Scheduler: those of jobs of the dispatcher `eventbridge`, compared
 * with what is there, so that one that was edited, switched off or deleted by hand is put right. Asks AWS only when
 * there are such jobs.
 *
 * @param others Jobs that stay as they are
 * @throws {LavaError} EVENTBRIDGE_NOT_SET_UP, EVENTBRIDGE_CANNOT
 */
export async function planSchedules(
  items: readonly ItemChange[],
  realm: Pick<Realm, "name" | "record" | "scheduleGroup" | "clock">,
  others: readonly DataMap[] = [],
): Promise<ScheduleChange[]> {
  const changed = items.flatMap(({ kind, id, before, after }) =>
    kind === "job" && [before, after].some((item) => item?.["dispatcher"] === EVENTBRIDGE)
      ? [{ id, after }]
      : [],
  );
  const ids = new Set(items.flatMap(({ kind, id }) => (kind === "job" ? [id] : [])));
  const unchanged = others.flatMap((after) => {
    const id = String(after["job_id"]);
    return after["dispatcher"] === EVENTBRIDGE && !ids.has(id) ? [{ id, after }] : [];
  });
  const jobs = [...changed, ...unchanged];
  if (jobs.length === 0) return [];
  const { scheduleGroup, clock } = realm;
  const now = clock.now();
  const names = await scheduleGroup.names();
  const changes = await inParallel(jobs, PARALLEL, async ({ id, after }) => {
    const wanted = schedulesOf(after, realm, now);
    const kept = new Set(wanted.map(({ Name }) => Name));
    const found: ScheduleChange[] = [];
    for (const schedule of wanted) {
      const isThere = names.has(schedule.Name);
      const known = isThere ? await scheduleGroup.get(schedule.Name) : undefined;
      if (known !== undefined && sameSchedule(known, schedule, now)) continue;
      const action = isThere ? "update" : "create";
      found.push({ action, job: id, name: schedule.Name, schedule });
    }
    for (const name of names) {
      if (isScheduleOf(id, name) && !kept.has(name)) {
        found.push({ action: "delete", job: id, name });
      }
    }
    return found;
  });
  return changes.flat();
}

/** A beginning that has passed makes no difference. */
function sameSchedule(known: ScheduleEntry, wanted: ScheduleEntry, now: number): boolean {
  const { StartDate, ...rest } = known;
  const isToCome = StartDate !== undefined && Date.parse(StartDate) > now;
  return isDeepStrictEqual({ ...rest, ...(isToCome ? { StartDate } : {}) }, { ...wanted });
}

/** The schedules that one item is to have. */
function schedulesOf(
  item: DataMap | undefined,
  realm: Pick<Realm, "name" | "record">,
  now: number,
): readonly ScheduleEntry[] {
  if (item?.["dispatcher"] !== EVENTBRIDGE) return [];
  return toEventBridgeSchedules(item, zoneOf(realm), targetOf(realm), now);
}

function zoneOf({ record }: Pick<Realm, "record">): string {
  const zones = record.raw["x-lava-zones"];
  const zone = isMap(zones) ? (zones[EVENTBRIDGE] ?? zones["*"]) : undefined;
  return typeof zone === "string" ? zone : "UTC";
}

function targetOf({ name, record }: Pick<Realm, "name" | "record">) {
  const field = record.raw["x-lava-eventbridge"];
  const text = (key: string): string | undefined => {
    const value: unknown = isMap(field) ? field[key] : undefined;
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const [called, role, letters] = [text("function"), text("role"), text("dead_letter")];
  if (called === undefined || role === undefined) {
    throw new LavaError(
      "EVENTBRIDGE_NOT_SET_UP",
      `The record of realm ${name} does not say what EventBridge Scheduler is to call`,
      {
        retry: "never",
        hint: "Add x-lava-eventbridge: {function: ARN, role: ARN, dead_letter: ARN} to it.",
      },
    );
  }
  return {
    function: called,
    role,
    ...(letters === undefined ? {} : { dead_letter: letters }),
  };
}
