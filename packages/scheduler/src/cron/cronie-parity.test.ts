// test/cronie.json was recorded from cronie 1.7: its own entry.c, built into a program that prints what load_entry has
// read. A line alone was refused. Fields are what is set; the flags are those of cronie for `*` in minute (1), hour (2),
// day of month (4) and day of week (8).
import { expect, test } from "vitest";
import recorded from "../../test/cronie.json" with { type: "json" };
import { parseCron } from "./parse-cron.ts";

const rows = recorded.map((row) => row.map(String));

test("reads what cronie reads, and refuses what it refuses", () => {
  const mine = rows.map(([text = ""]) => {
    try {
      const { minutes, hours, days, months, weekdays } = parseCron(text);
      return [text, ...[minutes, hours, days, months, weekdays].map((field) => field.join(","))];
    } catch {
      return [text];
    }
  });

  expect(mine).toEqual(rows.map((row) => row.slice(0, 6)));
});

test("tells fixed times and days that must both match as cronie does", () => {
  for (const [text = "", , , days = "", , weekdays = "", flags] of rows) {
    if (flags === undefined) continue;
    const cron = parseCron(text);
    const star = (bit: number): boolean => (Number(flags) & bit) !== 0;

    expect([text, cron.isFixed]).toEqual([text, !star(1) && !star(2)]);
    // Where one of the fields has all days it makes no difference.
    if (days.split(",").length < 31 || weekdays.split(",").length < 7) {
      expect([text, cron.bothDays]).toEqual([text, star(4) || star(8)]);
    }
  }
});
