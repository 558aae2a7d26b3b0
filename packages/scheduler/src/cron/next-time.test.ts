import { Cron as Croner } from "croner";
import { describe, expect, test } from "vitest";
import { runDaemon } from "../../test/cron-daemon.ts";
import { openZone } from "../zone/zone.ts";
import { nextCronTime } from "./next-time.ts";
import { parseCron } from "./parse-cron.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

function times(text: string, zoneId: string, from: number, to: number): number[] {
  const cron = parseCron(text);
  const zone = openZone(zoneId);
  const found: number[] = [];
  for (let at = from; ;) {
    const next = nextCronTime(cron, zone, at, to + 1);
    if (next === undefined) return found;
    found.push(next);
    at = next;
  }
}

const iso = (text: string, zone: string, from: string, days: number): string[] =>
  times(text, zone, Date.parse(from), Date.parse(from) + days * DAY).map((time) =>
    new Date(time).toISOString(),
  );

test("a fixed time that the clocks skip runs once, right after the gap", () => {
  expect(iso("15,30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", 2)).toEqual([
    "2026-03-29T01:00:00.000Z",
    "2026-03-30T00:15:00.000Z",
    "2026-03-30T00:30:00.000Z",
  ]);
});

test("a fixed time that the clocks repeat runs the first time only", () => {
  const expected = ["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"];

  expect(iso("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", 2)).toEqual(expected);
  // Also when asked from within the repeated hour.
  expect(iso("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10Z", 2)).toEqual([expected[1]]);
});

test("a schedule with * in minute or hour follows the clock", () => {
  expect(iso("*/30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", 1)).toEqual([
    "2026-10-25T00:00:00.000Z",
    "2026-10-25T00:30:00.000Z",
    "2026-10-25T01:00:00.000Z",
    "2026-10-25T01:30:00.000Z",
  ]);
  expect(iso("*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", 1)).toEqual([]);
});

test("a moment that is due is not due again, and seconds do not count", () => {
  const cron = parseCron("0 6 * * *");
  const zone = openZone("UTC");
  const due = Date.parse("2026-01-02T06:00Z");

  expect(nextCronTime(cron, zone, due - 1)).toBe(due);
  expect(nextCronTime(cron, zone, due)).toBe(due + DAY);
  expect(nextCronTime(cron, zone, due, due + DAY)).toBeUndefined();
});

test.each(["0 0 31 2 *", "5-3 * * * *", "0 0 30 feb *"])("%s never fires", (text) => {
  expect(nextCronTime(parseCron(text), openZone("Europe/Berlin"), Date.now())).toBeUndefined();
});

test("29 February on one weekday is found over the century without a leap year", () => {
  const [next] = iso("0 0 29 2 */7", "UTC", "2088-03-01T00:00Z", 366 * 40);

  expect(next).toBe("2128-02-29T00:00:00.000Z");
});

describe("a cron daemon fires at the same moments", () => {
  const schedules = [
    "0 0 * * *",
    "59 23 * * *",
    "30 1 * * *",
    "0,30 2 * * *",
    "5 3 * * *",
    "*/20 * * * *",
    "17 */2 * * *",
    "0 1-4 * * *",
    "10 2 13 * fri",
    "@hourly",
  ];

  test.each(Intl.supportedValuesOf("timeZone"))("%s", (id) => {
    const zone = openZone(id);
    const start = Date.parse("2024-01-01T00:00Z");
    // Around every change of two years; a day without one for zones that have none.
    const changes: number[] = [];
    for (let at = start; at < start + 730 * DAY;) {
      const segment = zone.segmentAt(at);
      if (segment.end < start + 730 * DAY) changes.push(segment.end);
      at = segment.end;
    }
    if (changes.length === 0) changes.push(start);
    for (const change of changes) {
      const from = change - 4 * 60 * MINUTE;
      const to = change + 26 * 60 * MINUTE;
      for (const text of schedules) {
        expect(times(text, id, from, to), text).toEqual(runDaemon(parseCron(text), zone, from, to));
      }
    }
  });
});

test.each([
  "*/7 */5 * * *",
  "0 12 1,15 * *",
  "0 0 * 2,4 *",
  "59 23 31 12 *",
  "0 0 29 2 *",
  "30 6 * * 1-5",
  "0 4 8-14 * *",
])("another library has the same times in UTC: %s", (text) => {
  const from = Date.parse("2023-05-17T11:22:33Z");
  const other = new Croner(text, { timezone: "UTC" }).nextRuns(100, new Date(from));
  const last = other.at(-1)?.getTime() ?? 0;

  expect(times(text, "UTC", from, Math.min(last, from + 3000 * DAY))).toEqual(
    other.map((time) => time.getTime()).filter((time) => time <= from + 3000 * DAY),
  );
});

// Hours in which no clock is changed: at changes croner has rules of its own.
test("another library has the same times of 200 schedules in other zones", () => {
  const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];
  const from = Date.parse("2026-01-01T11:22:33Z");
  for (let index = 0; index < 200; index += 1) {
    const [minute, hour] = [(index * 7) % 60, 4 + ((index * 5) % 19)];
    const text =
      [
        `${minute} ${hour} * * *`,
        `${minute} ${hour} * * mon-fri`,
        `*/15 ${hour} * * *`,
        `${minute} ${hour} 1,15 * *`,
        `${minute} ${hour} 31 * *`,
      ][index % 5] ?? "";
    const zone = zones[index % zones.length] ?? "UTC";
    const other = new Croner(text, { timezone: zone })
      .nextRuns(60, new Date(from))
      .map((time) => time.getTime());

    expect([zone, text, ...times(text, zone, from, other.at(-1) ?? 0)]).toEqual([
      zone,
      text,
      ...other,
    ]);
  }
});
