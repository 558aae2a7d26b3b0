import { strftime } from "../datetime/strftime.ts";
import { PyWeekday, WEEKDAY_NAMES } from "../datetime/weekday.ts";
import { FREQUENCIES, type NthWeekday, type Rule } from "./rule.ts";

const nthText = ({ weekday, n }: NthWeekday): string =>
  `${n > 0 ? "+" : ""}${n}${WEEKDAY_NAMES[weekday] ?? ""}`;

/** A rule as RFC 5545 writes it, with its start. */
export function ruleText(rule: Rule): string {
  const parts = [`FREQ=${FREQUENCIES[rule.frequency] ?? ""}`];
  const { start, until, given } = rule;
  if (rule.interval !== 1) parts.push(`INTERVAL=${rule.interval}`);
  if (rule.weekStart !== 0) parts.push(`WKST=${WEEKDAY_NAMES[rule.weekStart] ?? ""}`);
  if (rule.count !== undefined) parts.push(`COUNT=${rule.count}`);
  if (until !== undefined) parts.push(strftime(until.moment(), "UNTIL=%Y%m%dT%H%M%S"));
  const positive = rule.monthDays.filter((day) => day > 0);
  const negative = rule.monthDays.filter((day) => day < 0);
  const lists: readonly (readonly [string, string, readonly (number | string)[] | undefined])[] = [
    ["BYSETPOS", "bysetpos", rule.positions],
    ["BYMONTH", "bymonth", rule.months],
    ["BYMONTHDAY", "bymonthday", [...positive, ...negative]],
    ["BYYEARDAY", "byyearday", rule.yearDays],
    ["BYWEEKNO", "byweekno", rule.weekNumbers],
    [
      "BYDAY",
      "byweekday",
      [
        ...(rule.weekdays ?? []).map((day) => new PyWeekday(day, null).repr()),
        ...(rule.nthWeekdays ?? []).map(nthText),
      ],
    ],
    ["BYHOUR", "byhour", rule.hours],
    ["BYMINUTE", "byminute", rule.minutes],
    ["BYSECOND", "bysecond", rule.seconds],
    ["BYEASTER", "byeaster", rule.easterDays],
  ];
  for (const [name, argument, values] of lists) {
    if ((given.get(argument) ?? null) === null || values === undefined || values.length === 0) {
      continue;
    }
    parts.push(`${name}=${values.join(",")}`);
  }
  return `${strftime(start.moment(), "DTSTART:%Y%m%dT%H%M%S")}\nRRULE:${parts.join(";")}`;
}
