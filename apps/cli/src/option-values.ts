import { errorText, parseDuration, parseSize } from "@lava/core";
import { type Command, InvalidArgumentError } from "commander";

/** Adds `--only`, which may be given more than once (FW-235). */
export function addOnlyOption(command: Command): Command {
  return command.option(
    "--only <glob>",
    "only components with this path (lava-jobs/load/*) or id; may be repeated",
    (glob: string, others: readonly string[] | undefined) => [...(others ?? []), glob],
  );
}

/** Value of an option that takes a whole number. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(text);
}

/** Value of an option that takes a whole number above zero. */
export function count(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError("Expected a number above 0.");
  return value;
}

/** Value of an option that takes a port. */
export function port(text: string): number {
  const value = wholeNumber(text);
  if (value > 65_535) throw new InvalidArgumentError("Expected a port, up to 65535.");
  return value;
}

/** Value of an option that takes a duration, in milliseconds. */
export function duration(text: string): number {
  try {
    return parseDuration(text) * 1000;
  } catch (error) {
    throw new InvalidArgumentError(
      `${errorText(error)}. Expected a number and a unit of w, d, h, m or s: 10m.`,
    );
  }
}

/** Value of an option that takes a size, in bytes. */
export function byteSize(text: string): number {
  try {
    return parseSize(text);
  } catch (error) {
    throw new InvalidArgumentError(`${errorText(error)}. Expected a number of bytes, 10 or 5K.`);
  }
}

/** Value of an option that takes a moment: a duration from now, or a time in ISO 8601. Milliseconds from `now`. */
export function moment(text: string): (now: number) => number {
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : undefined;
  if (time === undefined) {
    const ms = duration(text);
    return (now) => now + ms;
  }
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError(
      "Expected a duration from now, or a time: 2026-11-30T18:00+11:00.",
    );
  }
  return () => time;
}

/** Value of an option that takes a delay of a run. */
export function delay(text: string): string {
  if (duration(text) > 30 * 24 * 3_600_000)
    throw new InvalidArgumentError("Expected up to 30 days.");
  return text;
}
