import { expect, test } from "vitest";
import { parseCron } from "./parse-cron.ts";

const range = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

test.each([
  ["*", range(0, 59)],
  ["*/7", range(0, 59, 7)],
  ["5", [5]],
  ["05", [5]],
  ["1-4,2-6", [1, 2, 3, 4, 5, 6]],
  ["10-30/10,59", [10, 20, 30, 59]],
  ["*/90", [0]],
  ["5-3", []],
  ["5-0", [5, 6, 7]],
])("minute %s", (text, minutes) => {
  expect(parseCron(`${text} * * * *`).minutes).toEqual(minutes);
});

test("names count in months and weekdays, in either case, and Sunday is 0 and 7", () => {
  const cron = parseCron("0 0 * Jan-mar,DEC fri-7");

  expect(cron.months).toEqual([1, 2, 3, 12]);
  expect(cron.weekdays).toEqual([0, 5, 6]);
  expect(parseCron("0 0 * * fri-sun").weekdays).toEqual([0, 5, 6]);
});

test.each([
  ["0 0 1 * mon", false],
  ["0 0 */2 * mon", true],
  ["0 0 1 * *", true],
  ["0 0 *,5 * mon", true],
  ["0 0 1-31 * mon", false],
  ["@daily", true],
])("%s: both days must match: %s", (text, both) => {
  expect(parseCron(text).bothDays).toBe(both);
});

test.each([
  ["30 2 * * *", true],
  ["0-59 2 * * *", true],
  ["*/15 2 * * *", false],
  ["30 */2 * * *", false],
  ["@hourly", false],
  ["@weekly", true],
])("%s is at fixed times: %s", (text, fixed) => {
  expect(parseCron(text).isFixed).toBe(fixed);
});

test("a random value is the same for the same job, and within its range", () => {
  const minute = (seed: string): number | undefined =>
    parseCron("10~20 ~ * * *", { seed }).minutes[0];
  const seen = new Set(range(1, 200).map((job) => minute(`job/${job}`)));

  expect(minute("a")).toBe(minute("a"));
  expect([...seen].toSorted()).toEqual(range(10, 20));
});

test.each([
  ["", "expected five fields, found 0"],
  ["* * * *", "expected five fields, found 4"],
  ["* * * * * *", "expected five fields, found 6"],
  ["60 * * * *", 'minute "60": 60 is not from 0 to 59'],
  ["* 24 * * *", 'hour "24": 24 is not from 0 to 23'],
  ["* * 0 * *", 'day of month "0": 0 is not from 1 to 31'],
  ["* * * 13 *", 'month "13": 13 is not from 1 to 12'],
  ["* * * * 8", 'day of week "8": 8 is not from 0 to 7'],
  ["* * * june *", 'month "june": "june" is not a number or a name such as feb, a range or *'],
  ["* * * * monday", 'day of week "monday": "monday" is not a number or a name such as mon'],
  ["x * * * *", 'minute "x": "x" is not a number, a range or *'],
  ["*/0 * * * *", 'minute "*/0": "0" is no step: expected a number from 1'],
  ["5/10 * * * *", 'minute "5/10": "5/10": a step needs a range, such as "5-59/10"'],
  ["1,,2 * * * *", 'minute "1,,2": a value is missing'],
  ["1-2-3 * * * *", 'minute "1-2-3": "1-2-3" is not a number'],
  ["*-5 * * * *", 'minute "*-5": "*-5" is not a number'],
  ["20~10 * * * *", 'minute "20~10": "20~10" runs backwards'],
  ["@dayly", "there is no @dayly"],
  ["@reboot", "@reboot means the start of a machine"],
  ["0 1 * * *\n* * * * * rm", "expected five fields"],
])("%j is refused", (text, fault) => {
  expect(() => parseCron(text)).toThrow(
    expect.objectContaining({ code: "BAD_SCHEDULE", message: expect.stringContaining(fault) }),
  );
});

test("a misspelt word has a suggestion", () => {
  expect(() => parseCron("@dayly")).toThrow(
    expect.objectContaining({ hint: "Did you mean @daily?" }),
  );
});

test.each([
  ["0 6 * * mno", "mon"],
  ["0 6 * * mon-fry", "fri"],
  ["0 6 * * Monday", "mon"],
  ["0 6 * juen *", "jun"],
  ["@dayly", "@daily"],
])("%s: the hint names %s", (text, near) => {
  expect(() => parseCron(text)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining(near) }),
  );
});
