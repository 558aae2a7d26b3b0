import type { Data, DataMap } from "@lava/core";
import { expect, test } from "vitest";
import { isScheduleOf, scheduleName, toEventBridgeSchedules } from "./to-schedules.ts";

const NOW = Date.parse("2026-01-15T00:00Z");
const target = { function: "arn:f", role: "arn:r", dead_letter: "arn:q" };
const of = (schedule: Data, more: DataMap = {}) =>
  toEventBridgeSchedules(
    { job_id: "app/load", enabled: true, schedule, ...more },
    "UTC",
    target,
    NOW,
  );
const expressions = (schedule: Data, more: DataMap = {}) =>
  of(schedule, more).map(({ ScheduleExpression }) => ScheduleExpression);

test.each([
  ["0 6 * * *", "cron(0 6 * * ? *)"],
  ["*/15 * * * *", "cron(0,15,30,45 * * * ? *)"],
  ["0 6 * * mon-fri", "cron(0 6 ? * 2,3,4,5,6 *)"],
  ["0 6 * * sun", "cron(0 6 ? * 1 *)"],
  ["0 0 1,15 feb *", "cron(0 0 1,15 2 ? *)"],
  ["0 0 1-31 * mon", "cron(0 0 * * ? *)"],
  ["@weekly", "cron(0 0 ? * 1 *)"],
])("%s is %s", (text, expression) => {
  expect(expressions(text)).toEqual([expression]);
});

test.each([
  ["90s", "whole minutes"],
  ["20s", "whole minutes"],
])("a distance of %s cannot be said", (every, text) => {
  expect(() => expressions(null, { "x-lava-every": every })).toThrow(text);
});

test.each(["0 0 1 * mon", "0 0 */2 * mon", "0 5-3 * * *"])("%s cannot be said", (text) => {
  expect(() => expressions(text)).toThrow(expect.objectContaining({ code: "EVENTBRIDGE_CANNOT" }));
});

test("a distance of whole minutes is a rate", () => {
  expect(expressions(null, { "x-lava-every": "2h" })).toEqual(["rate(2 hours)"]);
  expect(expressions(null, { "x-lava-every": "1d" })).toEqual(["rate(1 day)"]);
  expect(expressions(null, { "x-lava-every": "90m" })).toEqual(["rate(90 minutes)"]);
});

test("zone, window, target and dead letters", () => {
  expect(of("0 6 * * *", { "x-lava-zone": "Asia/Tokyo", "x-lava-jitter": "90s" })).toEqual([
    {
      Name: expect.stringMatching(/^app-load-[0-9a-f]{16}-0$/),
      Description: "lava job app/load",
      ScheduleExpression: "cron(0 6 * * ? *)",
      ScheduleExpressionTimezone: "Asia/Tokyo",
      FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 2 },
      Target: {
        Arn: "arn:f",
        RoleArn: "arn:r",
        Input: '{"job_id":"app/load","dispatch_id":"schedule <aws.scheduler.scheduled-time>"}',
        DeadLetterConfig: { Arn: "arn:q" },
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 60 },
      },
    },
  ]);
});

test("from and to are dates; a pause between them is two schedules", () => {
  const [early, late] = of({ crontab: "0 6 * * *", from: "2026-03-01", to: "2026-02-01" });

  expect(early?.EndDate).toBe("2026-02-01T00:00:00.000Z");
  expect(early?.StartDate).toBeUndefined();
  expect(late?.StartDate).toBe("2026-03-01T00:00:00.000Z");
  expect(early?.Name).not.toBe(late?.Name);
});

test("dates that have passed are left out, and what has ended is no schedule", () => {
  const begun = of({ crontab: "0 6 * * *", from: "2026-01-01", to: "2026-02-01" });
  const resumed = of({ crontab: "0 6 * * *", from: "2026-03-01", to: "2026-01-01" });

  expect(begun).toMatchObject([{ EndDate: "2026-02-01T00:00:00.000Z" }]);
  expect(begun[0]).not.toHaveProperty("StartDate");
  expect(resumed).toMatchObject([{ StartDate: "2026-03-01T00:00:00.000Z" }]);
  expect(of({ crontab: "0 6 * * *", to: "2026-01-01" })).toEqual([]);
});

test("one moment is no stretch of time", () => {
  expect(() => of({ crontab: "0 6 * * *", from: "2026-03-01", to: "2026-03-01" })).toThrow(
    "from and to are the same moment",
  );
});

test("thousands of jobs with the same beginning have names of their own", () => {
  const ids = Array.from({ length: 5000 }, (_, index) => `app/${"nightly/".repeat(20)}${index}`);
  const names = new Set(ids.map((id) => scheduleName(id, 0)));

  expect(names.size).toBe(ids.length);
  for (const name of names) expect(name).toMatch(/^[0-9a-zA-Z-_.]{1,64}$/);
  expect(isScheduleOf(ids[1] ?? "", scheduleName(ids[1] ?? "", "2-1"))).toBe(true);
  expect(isScheduleOf(ids[1] ?? "", scheduleName(ids[11] ?? "", 0))).toBe(false);
});

test("a job that is not enabled has none", () => {
  expect(of("0 6 * * *", { enabled: false })).toEqual([]);
});

test("thousands of jobs with one prefix have names of their own, of at most 64 letters", () => {
  const prefix = "a/very/long/prefix/".repeat(5);
  const names = Array.from({ length: 5000 }, (_, index) => scheduleName(`${prefix}${index}`, 0));

  expect(new Set(names).size).toBe(5000);
  expect(names.every((name) => /^[0-9a-zA-Z_.-]{1,64}$/.test(name))).toBe(true);
});
