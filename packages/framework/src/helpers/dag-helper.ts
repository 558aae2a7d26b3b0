import { errorText, isMap, isTruthy, LavaError } from "@lava/core";
import { readDagSource } from "./dag-source.ts";
import { dagText } from "./dag-text.ts";

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
 * dependencies in a file of the project.
 *
 * @param find The file that a name stands for, if there is one.
 */
export function dagHelper(
  find: (name: string) => HelperFile | undefined,
): (source: unknown, options?: unknown) => string {
  return function dag(source, options = {}) {
    if (typeof source !== "string") throw fault("lava.dag wants the name of a file");
    const given = isMap(options) ? options : {};
    const unknown = Object.keys(given).find((name) => !OPTIONS.includes(name));
    if (unknown !== undefined) {
      throw fault(`lava.dag has no option ${unknown} (it has ${OPTIONS.join(", ")})`);
    }
    if (!/\.(?:csv|xlsx|sqlite3?)$/.test(source)) {
      throw fault(
        `${source}: a dag is made of a .csv, .xlsx, .sqlite or .sqlite3 file of the project; database connections are not read at build time`,
      );
    }
    const file = find(source);
    if (file === undefined) throw fault(`${source}: No such file`);
    const text = (name: string): string | undefined =>
      given[name] === undefined || given[name] === null ? undefined : String(given[name]);
    try {
      const table = text("table");
      const dag = readDagSource(file.path, file.content, {
        group: text("group"),
        ...(table === undefined ? {} : { table }),
      });
      return dagText(dag, {
        compact: isTruthy(given["compact"]),
        prefix: text("prefix") ?? "",
        wrap: text("wrap"),
      });
    } catch (error) {
      throw fault(`${source}: ${errorText(error)}`, error);
    }
  };
}

function fault(message: string, cause?: unknown): LavaError {
  return new LavaError("TEMPLATE_HELPER", message, { cause });
}
