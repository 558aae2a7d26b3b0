import { expect, test } from "vitest";
import { parseScheduleExpression } from "./schedule-expression.ts";

const from = Date.parse("2026-11-25T10:07:30Z"); // a Wednesday

test.each([
  ["rate(1 minute)", "2026-11-25T10:08:00Z"],
  ["rate(5 minutes)", "2026-11-25T10:10:00Z"],
  ["cron(0/15 * * * ? *)", "2026-11-25T10:15:00Z"],
  ["cron(0 9 * * ? *)", "2026-11-26T09:00:00Z"],
  ["cron(30 8 ? * MON-FRI *)", "2026-11-26T08:30:00Z"],
  ["cron(0 0 ? * 1 *)", "2026-11-29T00:00:00Z"],
  ["cron(0 0 L * ? *)", "2026-11-30T00:00:00Z"],
  ["cron(0 0 29W * ? *)", "2026-11-30T00:00:00Z"],
  ["cron(0 0 ? * 6#1 *)", "2026-12-04T00:00:00Z"],
  ["cron(0 0 ? * 6L *)", "2026-11-27T00:00:00Z"],
  ["cron(0 12 1 JAN ? 2028-2030)", "2028-01-01T12:00:00Z"],
  ["at(2026-12-01T00:00:00)", "2026-12-01T00:00:00Z"],
])("%s fires next at %s", (text, expected) => {
  expect(parseScheduleExpression(text)(from)).toBe(Date.parse(expected));
});

test("what is over does not fire again", () => {
  expect(parseScheduleExpression("at(2020-01-01T00:00:00)")(from)).toBeUndefined();
  expect(parseScheduleExpression("cron(0 0 1 1 ? 2020)")(from)).toBeUndefined();
});

test.each([
  "rate(0 minutes)",
  "rate(1 minutes)",
  "rate(5 minute)",
  "rate(5 weeks)",
  "cron(0 12 * * * *)",
  "cron(0 12 ? * ? *)",
  "cron(0 12 * * ?)",
  "cron(60 12 * * ? *)",
  "every day",
])("%s is refused", (text) => {
  expect(() => parseScheduleExpression(text)).toThrow("Parameter ScheduleExpression is not valid.");
});
