import { type DataMap, isMap, LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import { EVENTBRIDGE, type EventBridgeSchedule, toEventBridgeSchedules } from "@lava/scheduler";
import { sameData } from "./compare.ts";
import type { ItemChange, ScheduleChange } from "./types.ts";

/**
 * What a plan does to the schedules of EventBridge Scheduler: those of jobs of the dispatcher `eventbridge` before and
 * after it. Asks AWS only when there are any.
 *
 * @throws {LavaError} EVENTBRIDGE_NOT_SET_UP, EVENTBRIDGE_CANNOT
 */
export async function planSchedules(
  items: readonly ItemChange[],
  realm: Pick<Realm, "name" | "record" | "scheduleGroup">,
): Promise<ScheduleChange[]> {
  const jobs = items.filter(
    ({ kind, before, after }) =>
      kind === "job" && [before, after].some((item) => item?.["dispatcher"] === EVENTBRIDGE),
  );
  if (jobs.length === 0) return [];
  const there = await realm.scheduleGroup.names();
  return jobs.flatMap(({ id, before, after }) => {
    const old = schedulesOf(before, realm, true);
    const wanted = schedulesOf(after, realm, false);
    const kept = new Set(wanted.map(({ Name }) => Name));
    const puts = wanted.flatMap((schedule): ScheduleChange[] => {
      const known = old.find(({ Name }) => Name === schedule.Name);
      const isThere = there.has(schedule.Name);
      if (isThere && known !== undefined && sameSchedule(known, schedule)) return [];
      return [{ action: isThere ? "update" : "create", job: id, name: schedule.Name, schedule }];
    });
    const deletes = old
      .filter(({ Name }) => !kept.has(Name) && there.has(Name))
      .map(({ Name }): ScheduleChange => ({ action: "delete", job: id, name: Name }));
    return [...puts, ...deletes];
  });
}

function sameSchedule(a: EventBridgeSchedule, b: EventBridgeSchedule): boolean {
  return sameData(JSON.stringify(a), JSON.stringify(b));
}

/** The schedules of one item; one that was there and cannot be read any more had none. */
function schedulesOf(
  item: DataMap | undefined,
  realm: Pick<Realm, "name" | "record">,
  lenient: boolean,
): readonly EventBridgeSchedule[] {
  if (item?.["dispatcher"] !== EVENTBRIDGE) return [];
  try {
    return toEventBridgeSchedules(item, zoneOf(realm), targetOf(realm));
  } catch (error) {
    if (lenient && error instanceof LavaError) return [];
    throw error;
  }
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
