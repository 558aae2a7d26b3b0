import { LavaError } from "@lava/core";

/**
 * The options of a load by their first word in upper case; a later one replaces an earlier one (JOB-db_from_s3-04).
 *
 * @throws {LavaError} BAD_LOAD_OPTION
 */
export function readLoadOptions(
  args: readonly string[],
  allowed: readonly string[],
  command = "COPY",
): Map<string, string> {
  const options = new Map<string, string>();
  for (const arg of args) options.set(firstWord(arg), arg);
  const bad = [...options.keys()].filter((name) => !allowed.includes(name));
  if (bad.length === 0) return options;
  throw badOption(`Invalid ${command} arguments: ${bad.join(", ")}`);
}

function firstWord(arg: string): string {
  return (arg.trim().split(/\s+/, 1)[0] ?? "").toUpperCase();
}

/** An option that cannot be read. */
export function badOption(message: string): LavaError {
  return new LavaError("BAD_LOAD_OPTION", message, { retry: "never" });
}

/** Whether a text is in single or double quotes. */
export function isQuoted(text: string): boolean {
  return text.length >= 2 && /^(?:'.*'|".*")$/s.test(text);
}
