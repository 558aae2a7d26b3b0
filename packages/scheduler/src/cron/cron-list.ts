import { createHash } from "node:crypto";

/** One field of a crontab time. */
export interface CronField {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** Names of three letters, for `low` and on. */
  readonly names?: readonly string[];
}

/** Why a field cannot be read. */
export interface CronFault {
  readonly fault: string;
}

/**
 * Reads a list of `a`, `a-b`, `a-b/n`, `~`, `a~b`, and `*` with or without a step, as the `entry.c` of cronie does.
 *
 * @param seed Decides what `~` picks
 */
export function readCronList(
  text: string,
  field: CronField,
  seed: string,
): readonly number[] | CronFault {
  const values = new Set<number>();
  for (const [index, part] of text.split(",").entries()) {
    const range = readRange(part, field, `${seed}/${index}`);
    if ("fault" in range) return range;
    for (let value = range.first; value <= range.last; value += range.step) {
      if (value < field.low || value > field.high) {
        return { fault: `${value} is not from ${field.low} to ${field.high}` };
      }
      values.add(value);
    }
  }
  return [...values].toSorted((a, b) => a - b);
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

function readRange(part: string, field: CronField, seed: string): Range | CronFault {
  if (part === "") return { fault: "a value is missing" };
  const [range = "", steps, ...rest] = part.split("/");
  if (rest.length > 0) return { fault: `"${part}" has more than one step` };
  const step = steps === undefined ? 1 : readStep(steps);
  if (step === undefined) return { fault: `"${steps}" is no step: expected a number from 1` };
  if (range === "*") return { first: field.low, last: field.high, step };
  const random = range.split("~");
  if (random.length > 1) {
    if (steps !== undefined) return { fault: `"${part}": a random value has no step` };
    return readRandom(random, part, field, seed);
  }
  const [from = "", to, ...more] = range.split("-");
  const first = readNumber(from, field);
  if (first === undefined || more.length > 0) return unknown(range, field);
  if (to === undefined) {
    // cronie refuses `5/10`; other crons read it as 5-59/10.
    if (steps !== undefined)
      return { fault: `"${part}": a step needs a range, such as "${from}-${field.high}/${steps}"` };
    return { first, last: first, step };
  }
  const last = readNumber(to, field);
  if (last === undefined) return unknown(range, field);
  // Sunday as the end of a week (`fri-0`); cronie does so in every field, but not before a step.
  const end = first > last && last === 0 && steps === undefined ? 7 : last;
  return { first, last: end, step };
}

/** `~`, `a~`, `~b`, `a~b`: one value of the range, for ever the same. */
function readRandom(
  ends: readonly string[],
  part: string,
  field: CronField,
  seed: string,
): Range | CronFault {
  const [from = "", to = "", ...more] = ends;
  const first = from === "" ? field.low : readNumber(from, field);
  const last = to === "" ? field.high : readNumber(to, field);
  if (first === undefined || last === undefined || more.length > 0) return unknown(part, field);
  if (first > last) return { fault: `"${part}" runs backwards` };
  const hash = createHash("sha256").update(seed).digest().readUInt32BE();
  const value = first + (hash % (last - first + 1));
  return { first: value, last: value, step: 1 };
}

function readStep(text: string): number | undefined {
  const step = /^\d+$/.test(text) ? Number(text) : 0;
  return step > 0 ? step : undefined;
}

function readNumber(text: string, field: CronField): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const index = field.names?.indexOf(text.toLowerCase()) ?? -1;
  return index < 0 ? undefined : field.low + index;
}

function unknown(text: string, field: CronField): CronFault {
  const names = field.names === undefined ? "" : ` or a name such as ${field.names[1]}`;
  return { fault: `"${text}" is not a number${names}, a range or *` };
}
