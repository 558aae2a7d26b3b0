import type { Cron } from "../cron/cron.ts";

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** What a crontab time says, in English: for people who want to be sure. */
export function explainCron(cron: Cron): string {
  const { minutes, hours, days, months, weekdays, bothDays } = cron;
  if ([minutes, hours, days, months, weekdays].some((values) => values.length === 0)) {
    return "never: a range runs backwards, which cron reads as empty";
  }
  const allDays = days.length === 31;
  const allWeekdays = weekdays.length === 7;
  const onDays = `on day ${list(days.map(String))} of the month`;
  const onWeekdays = `on ${list(weekdays.map((day) => WEEKDAYS[day] ?? ""))}`;
  const day =
    allDays && allWeekdays
      ? "every day"
      : allDays && bothDays
        ? onWeekdays
        : allWeekdays && bothDays
          ? onDays
          : `${onDays} ${bothDays ? "if it is also" : "and also"} ${onWeekdays}`;
  const month =
    months.length === 12 ? "" : ` in ${list(months.map((one) => MONTHS[one - 1] ?? ""))}`;
  return `${timeOf(minutes, hours)}, ${day}${month}`;
}

function timeOf(minutes: readonly number[], hours: readonly number[]): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  if (minutes.length * hours.length <= 6) {
    return `at ${list(hours.flatMap((hour) => minutes.map((minute) => `${two(hour)}:${two(minute)}`)))}`;
  }
  const minute =
    minutes.length === 60
      ? "every minute"
      : `at minute${minutes.length > 1 ? "s" : ""} ${list(minutes.map(String))}`;
  return hours.length === 24
    ? `${minute} of every hour`
    : `${minute} of hour ${list(hours.map(String))}`;
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
