import { expect, test } from "vitest";
import * as scheduler from "./index.ts";

test("the names of the package", () => {
  expect(Object.keys(scheduler).toSorted()).toEqual([
    "EVENTBRIDGE",
    "backfill",
    "bookJob",
    "createDispatchers",
    "explainCron",
    "isActive",
    "isIsoTime",
    "isScheduleOf",
    "nextCronTime",
    "nextSlot",
    "nextSlots",
    "openZone",
    "parseCron",
    "readJobSchedule",
    "readTime",
    "scheduleGroup",
    "servesDispatcher",
    "slotsBetween",
    "startScheduler",
    "toEventBridgeSchedules",
    "zoneOfDispatcher",
  ]);
});
