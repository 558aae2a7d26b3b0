import { expect, test } from "vitest";
import { schedule } from "./schedule.ts";

test.each([
  "0 6 * * *",
  "*/15  8-18 1,15 jan mon-fri",
  "@daily",
  { crontab: "0 6 * * *" },
  { crontab: "0 6 * * *", from: "2026-07-01", to: "2026-08-01T12:00:00+10:00" },
  ["0 6 * * *", { crontab: "0 7 * * *", to: "20260801T1200Z" }],
  null,
  "",
  "--",
])("%j is a schedule (WF-055, CLI-133)", (value) => {
  expect(schedule.safeParse(value).success).toBe(true);
});

test.each([
  "0 6 * *",
  "daily",
  "0 6 * * * *",
  { crontab: "0 6 * * *", until: "2026-07-01" },
  { from: "2026-07-01" },
  { crontab: "0 6 * * *", from: "" },
  [null],
  6,
])("%j is no schedule", (value) => {
  expect(schedule.safeParse(value).success).toBe(false);
});
