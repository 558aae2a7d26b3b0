import { expect, test } from "vitest";
import { readJobSchedule } from "../schedule/job-schedule.ts";
import { planSlots } from "./plan-slots.ts";

const HOUR = 3_600_000;
const schedule = readJobSchedule({ job_id: "a", schedule: "0 * * * *" }, { zone: "UTC" });
const minutely = readJobSchedule({ job_id: "a", schedule: "* * * * *" }, { zone: "UTC" });
const now = Date.parse("2026-05-01T12:00:20Z");
const at = (text: string): number => Date.parse(`2026-05-01T${text}Z`);

test("what a failover has delayed always fires", () => {
  const plan = planSlots(minutely, now - 60_000, now, { mode: "none", windowMs: 0 });

  expect(plan).toEqual({
    fire: [{ slot: at("12:00"), caughtUp: false }],
    missed: [],
    missedCount: 0,
  });
});

test.each([
  ["none", [at("12:00")], 5],
  ["last", [at("12:00")], 5],
  ["all", [at("09:00"), at("10:00"), at("11:00"), at("12:00")], 2],
] as const)("after an outage, catch-up %s", (mode, fire, missed) => {
  const plan = planSlots(schedule, at("06:00"), now, { mode, windowMs: 3.5 * HOUR });

  expect(plan.fire.map(({ slot }) => slot)).toEqual(fire);
  expect(plan.missedCount).toBe(missed);
});

test("the last run is made up for when it is long over", () => {
  const later = now + 30 * 60_000;
  const plan = planSlots(schedule, at("06:00"), later, { mode: "last", windowMs: 24 * HOUR });

  expect(plan.fire).toEqual([{ slot: at("12:00"), caughtUp: true }]);
});

test("a long outage of a job that runs each second stays small", () => {
  const seconds = readJobSchedule({ job_id: "a", "x-lava-every": "1s" }, { zone: "UTC" });
  const plan = planSlots(seconds, now - 24 * HOUR, now, { mode: "none", windowMs: 0 });

  expect(plan.missed).toHaveLength(100);
  expect(plan.missedCount).toBe(86_400 - plan.fire.length);
});
