import { LavaError } from "@lava/core";
import type { Clock } from "@lava/core";
import { createRenderer, templateUtils } from "@lava/render";

/** The names that a load works with. */
export interface LoadNames {
  readonly schema: string;
  readonly table: string;
}

/**
 * Schema and table of a load: a name that begins with `/` is a Python regex, whose first group in the key without
 * extensions is the name; all in lower case (JOB-db_from_s3-09, 10).
 *
 * @throws {LavaError} BAD_TABLE_NAME
 */
export function loadNames(given: LoadNames, key: string, clock: Clock): LoadNames {
  const object = withoutExtensions(key);
  const read = (name: string, what: keyof LoadNames): string =>
    (name.startsWith("/") ? search(name.slice(1), object, what, clock) : name).toLowerCase();
  // The table first, as the original: its fault is the one to tell.
  const table = read(given.table, "table");
  return { schema: read(given.schema, "schema"), table };
}

/** Everything from the first dot of the last part of a path is dropped, leading dots excepted (T-24). */
export function withoutExtensions(key: string): string {
  const slash = key.lastIndexOf("/") + 1;
  const name = key.slice(slash);
  const head = /^\.*[^.]*/.exec(name)?.[0] ?? name;
  return key.slice(0, slash) + head;
}

function search(pattern: string, object: string, what: string, clock: Clock): string {
  const names = { utils: templateUtils({ clock }), pattern, object };
  const ask = (expression: string): unknown => createRenderer().evaluate(expression, names);
  if (ask("utils.re.search(pattern, object) is none") === true) {
    throw bad(`Object name ${object} does not match ${what} regex`);
  }
  const groups = ask("utils.re.compile(pattern).groups");
  if (groups === 0) throw bad(`Regex for ${what} does not contain a capture group`);
  const found = ask("utils.re.search(pattern, object).group(1)");
  if (typeof found === "string") return found;
  throw bad(`Object name ${object} does not match ${what} regex`);
}

function bad(message: string): LavaError {
  return new LavaError("BAD_TABLE_NAME", message, { retry: "never" });
}
