import { expect, test } from "vitest";
import { nextSlot, readJobSchedule } from "../schedule/job-schedule.ts";
import { planSlots } from "./plan-slots.ts";

const START = Date.parse("2026-01-01T00:00Z");
const END = Date.parse("2027-01-01T00:00Z");
const zones = [
  "UTC",
  "Europe/Berlin",
  "Australia/Lord_Howe",
  "America/Sao_Paulo",
  "Asia/Kathmandu",
];

/** Hundreds of schedules as people write them. */
const specs = Array.from({ length: 300 }, (_, index) => {
  const [minute, hour] = [(index * 7) % 60, (index * 5) % 24];
  const crontab = [
    `${minute} ${hour} * * *`,
    `${minute} ${hour} * * mon-fri`,
    `*/30 ${hour} * * *`,
    `${minute} */6 1,15 * *`,
    `${minute} ${hour} 13 * fri`,
  ][index % 5];
  const schedule =
    index % 7 === 0
      ? { crontab: crontab ?? "", from: "2026-09-01", to: "2026-03-01" }
      : (crontab ?? "");
  return { job_id: `j/${index}`, schedule, "x-lava-zone": zones[index % zones.length] ?? "UTC" };
});

test("a year of hundreds of schedules: however its stretches are cut, each slot comes once", () => {
  let slots = 0;
  for (const spec of specs) {
    const schedule = readJobSchedule(spec, { zone: "UTC" });
    const whole: number[] = [];
    for (let at = START - 1; ;) {
      const slot = nextSlot(schedule, at, END);
      if (slot === undefined) break;
      whole.push(slot);
      at = slot;
    }
    const pieces: number[] = [];
    // What leaders do: stretches of any length, the next beginning where the one before ended.
    for (let at = START - 1, step = 1; at < END - 1; step = (step * 31) % 999_983) {
      const to = Math.min(END - 1, at + step * 40_000 + 1);
      const plan = planSlots(schedule, at, to, { mode: "all", windowMs: END - START });
      pieces.push(...plan.fire.map(({ slot }) => slot));
      at = to;
    }
    expect(pieces).toEqual(whole);
    slots += whole.length;
  }
  expect(slots).toBeGreaterThan(50_000);
});
