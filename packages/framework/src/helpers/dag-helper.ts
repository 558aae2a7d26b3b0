import { errorText, isMap, isTruthy, LavaError } from "@lava/core";
import { dagOfRows, dagQuery, type DependencyMap, readDagSource } from "./dag-source.ts";
import { dagText } from "./dag-text.ts";
import { NotLookedUp } from "./look-up.ts";
import type { SqlAccess } from "./sql-access.ts";

/** A file that a template names. */
export interface HelperFile {
  /** Absolute. */
  readonly path: string;
  readonly content: Buffer;
}

/** Options of `lava.dag` (FW-209, FW-214). */
const OPTIONS = ["compact", "group", "prefix", "realm", "table", "wrap"];

/**
 * `lava.dag(source, option=value, ...)` (FW-074, FW-209..216): the JSON text of a dag's payload, made of a table of
 * dependencies in a file of the project, or of one in a database that a connection of the realm leads to.
 *
 * @param find The file that a name stands for, if there is one.
 * @param rows The rows of a connection.
 */
export function dagHelper(
  find: (name: string) => HelperFile | undefined,
  rows: SqlAccess["rows"],
): (source: unknown, options?: unknown) => string {
  return function dag(source, options = {}) {
    if (typeof source !== "string") throw fault("lava.dag wants the name of a file");
    const given = isMap(options) ? options : {};
    const unknown = Object.keys(given).find((name) => !OPTIONS.includes(name));
    if (unknown !== undefined) {
      throw fault(`lava.dag has no option ${unknown} (it has ${OPTIONS.join(", ")})`);
    }
    const text = (name: string): string | undefined =>
      given[name] === undefined || given[name] === null ? undefined : String(given[name]);
    const read = (): DependencyMap => {
      const options = { group: text("group"), table: text("table") ?? "dag" };
      if (!/\.(?:csv|xlsx|sqlite3?)$/.test(source)) {
        return dagOfRows(rows(text("realm"), source, dagQuery(options)));
      }
      const file = find(source);
      if (file === undefined) throw fault("No such file");
      return readDagSource(file.path, file.content, options);
    };
    try {
      const dag = read();
      return dagText(dag, {
        compact: isTruthy(given["compact"]),
        prefix: text("prefix") ?? "",
        wrap: text("wrap"),
      });
    } catch (error) {
      if (error instanceof NotLookedUp) throw error;
      throw fault(`${source}: ${errorText(error)}`, error);
    }
  };
}

function fault(message: string, cause?: unknown): LavaError {
  return new LavaError("TEMPLATE_HELPER", message, { cause });
}
