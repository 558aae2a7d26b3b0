import type { Data } from "@lava/core";
import { expect, test } from "vitest";
import { isActive, nextSlot, nextSlots, readJobSchedule } from "./job-schedule.ts";

const zone = "Europe/Berlin";
const at = (text: string): number => Date.parse(text);
const iso = (times: readonly number[]): string[] =>
  times.map((time) => new Date(time).toISOString());

test.each([null, "", "--", undefined, []])("%j is no schedule", (schedule) => {
  const read = readJobSchedule({ job_id: "a", schedule }, { zone });

  expect(read.entries).toEqual([]);
  expect(read.faults).toEqual([]);
  expect(nextSlot(read, 0)).toBeUndefined();
});

test("a list has the times of all its entries, each once", () => {
  const schedule = ["0 6 * * *", { crontab: "0 6,7 * * *" }];
  const read = readJobSchedule({ job_id: "a", schedule }, { zone: "UTC" });

  expect(iso(nextSlots(read, at("2026-05-01T05:00Z"), 3))).toEqual([
    "2026-05-01T06:00:00.000Z",
    "2026-05-01T07:00:00.000Z",
    "2026-05-02T06:00:00.000Z",
  ]);
});

test("from and to bound an entry, both included; without an offset they are local", () => {
  const schedule = { crontab: "0 12 * * *", from: "2026-07-02 12:00", to: "2026-07-03T10:00:00Z" };
  const read = readJobSchedule({ job_id: "a", schedule }, { zone });

  expect(iso(nextSlots(read, 0, 9))).toEqual([
    "2026-07-02T10:00:00.000Z",
    "2026-07-03T10:00:00.000Z",
  ]);
});

test("from after to is a pause between them", () => {
  const schedule = { crontab: "0 0 * * *", from: "2026-01-04", to: "2026-01-02" };
  const read = readJobSchedule({ job_id: "a", schedule }, { zone: "UTC" });
  const [entry] = read.entries;

  expect(iso(nextSlots(read, at("2025-12-31T12:00Z"), 4))).toEqual([
    "2026-01-01T00:00:00.000Z",
    "2026-01-02T00:00:00.000Z",
    "2026-01-04T00:00:00.000Z",
    "2026-01-05T00:00:00.000Z",
  ]);
  expect(entry && isActive(entry, at("2026-01-03T00:00Z"))).toBe(false);
});

test("a job's own zone counts before the dispatcher's", () => {
  const job = { job_id: "a", schedule: "0 6 * * *", "x-lava-zone": "Australia/Sydney" };

  expect(iso(nextSlots(readJobSchedule(job, { zone }), at("2026-07-01T00:00Z"), 1))).toEqual([
    "2026-07-01T20:00:00.000Z",
  ]);
  expect(() => readJobSchedule({ ...job, "x-lava-zone": "Europe/Berlun" }, { zone })).toThrow(
    expect.objectContaining({ code: "UNKNOWN_ZONE", hint: "Did you mean Europe/Berlin?" }),
  );
});

test("x-lava-every counts from the epoch, below a minute too", () => {
  const read = readJobSchedule({ job_id: "a", "x-lava-every": "20s" }, { zone });

  expect(iso(nextSlots(read, at("2026-07-01T00:00:05Z"), 3))).toEqual([
    "2026-07-01T00:00:20.000Z",
    "2026-07-01T00:00:40.000Z",
    "2026-07-01T00:01:00.000Z",
  ]);
});

test("one bad entry is reported and the others count", () => {
  const schedule: Data = [
    "61 * * * *",
    "0 6 * * *",
    { from: "2026-01-01" },
    { crontab: "0 7 * * *", till: "2026-01-01", form: "x" },
    { crontab: "0 7 * * *", to: "2026-02-30" },
    7,
  ];
  const read = readJobSchedule({ job_id: "a", schedule }, { zone });

  expect(read.entries.map((entry) => entry.cron.text)).toEqual(["0 6 * * *"]);
  expect(read.faults.map(({ entry, error }) => `${entry}: ${error.message}`)).toEqual([
    '0: Bad schedule "61 * * * *": minute "61": 61 is not from 0 to 59',
    "2: Missing keys: crontab",
    "3: Unexpected keys: form, till",
    '4: Bad "to": "2026-02-30" is not a time',
    "5: expected text or a map with crontab, from and to",
  ]);
});

test("from = to is one moment: the run of that moment, or none", () => {
  const at = (moment: string) =>
    nextSlots(
      readJobSchedule(
        { job_id: "a", schedule: { crontab: "0 6 * * *", from: moment, to: moment } },
        { zone: "UTC" },
      ),
      Date.parse("2026-01-01T00:00Z"),
      5,
    );

  expect(at("2026-03-01T06:00")).toEqual([Date.parse("2026-03-01T06:00Z")]);
  expect(at("2026-03-01T06:30")).toEqual([]);
});
