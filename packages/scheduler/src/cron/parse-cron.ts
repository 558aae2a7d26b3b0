import { LavaError, suggest } from "@lava/core";
import { type CronField, readCronList } from "./cron-list.ts";
import type { Cron } from "./cron.ts";

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** The five fields in the order of a crontab line, with cronie's limits. */
const FIELDS = [
  { name: "minute", low: 0, high: 59 },
  { name: "hour", low: 0, high: 23 },
  { name: "day of month", low: 1, high: 31 },
  { name: "month", low: 1, high: 12, names: MONTHS },
  { name: "day of week", low: 0, high: 7, names: WEEKDAYS },
] as const satisfies readonly CronField[];

/** What the `@` words stand for. `@reboot` is none of them: a realm does not boot. */
const WORDS: Readonly<Record<string, string>> = {
  yearly: "0 0 1 1 *",
  annually: "0 0 1 1 *",
  monthly: "0 0 1 * *",
  weekly: "0 0 * * 0",
  daily: "0 0 * * *",
  midnight: "0 0 * * *",
  hourly: "0 * * * *",
};

/** Options of {@link parseCron}. */
export interface ParseCronOptions {
  /** Decides what `~` picks, so that every scheduler picks the same: the job's id, as a rule. */
  readonly seed?: string;
}

/**
 * Reads a crontab time as cronie does: names of three letters, lists, ranges, steps, random values (`0~59`), `@` words.
 * A range that runs backwards (`5-3`) is empty, as in cronie: such a schedule never fires.
 *
 * @throws {LavaError} BAD_SCHEDULE that names the field and the part that cannot be read
 */
export function parseCron(text: string, options: ParseCronOptions = {}): Cron {
  const trimmed = text.trim();
  if (trimmed.startsWith("@")) return parseWord(trimmed, options);
  const parts = trimmed.split(/[ \t]+/);
  if (parts.length !== FIELDS.length || /[\r\n]/.test(trimmed)) {
    throw bad(trimmed, `expected five fields, found ${trimmed === "" ? 0 : parts.length}`);
  }
  const [minutes, hours, days, months, weekdays] = FIELDS.map((field, index) => {
    const part = parts[index] ?? "";
    const values = readCronList(part, field, `${options.seed ?? ""}/${index}`);
    if ("fault" in values) {
      throw bad(trimmed, `${field.name} "${part}": ${values.fault}`, hintFor(part, field));
    }
    return values;
  });
  const star = (index: number): boolean => parts[index]?.startsWith("*") === true;
  return {
    text: trimmed,
    minutes: minutes ?? [],
    hours: hours ?? [],
    days: days ?? [],
    months: months ?? [],
    weekdays: [...new Set(weekdays?.map((day) => day % 7))].toSorted((a, b) => a - b),
    bothDays: star(2) || star(4),
    isFixed: !star(0) && !star(1),
  };
}

/** A name that was misspelt, or written out. */
function hintFor(part: string, { names }: CronField): { hint?: string } {
  if (names === undefined) return {};
  const words = part.toLowerCase().match(/[a-z]{2,}/g) ?? [];
  const lower = words.find((word) => !names.includes(word));
  if (lower === undefined) return {};
  const near = names.find((name) => lower.startsWith(name)) ?? suggest(lower, names);
  return near === undefined ? {} : { hint: `Did you mean "${near}"?` };
}

function parseWord(text: string, options: ParseCronOptions): Cron {
  const word = text.slice(1);
  const fields = WORDS[word];
  if (fields !== undefined) return { ...parseCron(fields, options), text };
  if (word === "reboot") {
    throw bad(text, "@reboot means the start of a machine, and a realm has none", {
      hint: "Use `lava-worker --jump-start`, or a schedule of five fields.",
    });
  }
  const near = suggest(word, Object.keys(WORDS));
  throw bad(
    text,
    `there is no @${word}`,
    near === undefined ? {} : { hint: `Did you mean @${near}?` },
  );
}

function bad(text: string, fault: string, options: { hint?: string } = {}): LavaError {
  return new LavaError("BAD_SCHEDULE", `Bad schedule "${text}": ${fault}`, {
    hint:
      options.hint ?? 'Write minute, hour, day of month, month, day of week: "0 6 * * mon-fri".',
    retry: "never",
  });
}
