import { expect, test } from "vitest";
import { formatCpuTime, formatStarted, readProcess } from "./process-details.ts";

test("processor time is minutes and seconds with hundredths (CLI-127)", () => {
  expect([0, 1.5, 59.999, 754.25, 6000].map((each) => formatCpuTime(each))).toEqual([
    "00:00.00",
    "00:01.50",
    "01:00.00",
    "12:34.25",
    "100:00.00",
  ]);
});

test("the start is a time, a day or a date, the older the coarser (CLI-127)", () => {
  const started = new Date(2026, 10, 26, 16, 5).getTime();
  const after = (hours: number): string => formatStarted(started, started + hours * 3_600_000);

  expect([after(1), after(23.9), after(24), after(160), after(168)]).toEqual([
    " 4:05pm",
    " 4:05pm",
    "Thu04pm",
    "Thu04pm",
    "26Nov26",
  ]);
  expect(formatStarted(new Date(2026, 10, 26, 0, 30).getTime(), started)).toBe("12:30am");
});

test("a process that is there is described, one that is not has blanks", async () => {
  const own = await readProcess(process.pid, Date.now());
  const none = await readProcess(2 ** 30, Date.now());

  expect(own).toMatchObject({ uid: process.geteuid?.(), gid: process.getegid?.() });
  expect(own.threads).toBeGreaterThan(1);
  expect(own.rss).toBeGreaterThan(10_000);
  expect(own.cpu).toBeGreaterThan(0);
  expect(Math.abs((own.started ?? 0) - (Date.now() - process.uptime() * 1000))).toBeLessThan(2000);
  expect(none).toMatchObject({ user: "", status: "", command: "" });
});
