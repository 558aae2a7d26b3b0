import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Finding } from "../types.ts";

/** The finding of an error that a spec file threw, at the place of the project where it came from. */
export function moduleFault(
  error: { readonly message: string; readonly name?: string | undefined; readonly stack: string },
  file: string,
  root: string,
): Finding {
  const place = placeOf(error.stack, root) ?? { file };
  const first =
    error.message
      .trim()
      .split("\n")
      .find((line) => line.trim() !== "") ?? "it cannot be loaded";
  const name =
    error.name === undefined || error.name === "Error" || error.name === "TypeError"
      ? ""
      : `${error.name}: `;
  return {
    severity: "error",
    path: [],
    code: "spec_module_failed",
    message: `${name}${first.trim()}`,
    ...place,
  };
}

/** The first place of a stack (or before it, where a file cannot be read as TypeScript) within the project. */
function placeOf(
  stack: string,
  root: string,
): Pick<Finding, "file" | "line" | "column"> | undefined {
  for (const match of stack.matchAll(/(file:\/\/[^\s)]+?|\/[^\s():]+):(\d+)(?::(\d+))?/g)) {
    const [, where = "", line, column] = match;
    const path = where.startsWith("file:") ? fileURLToPath(where) : where;
    const file = relative(root, path);
    if (!path.startsWith(`${root}/`) || /node_modules\/|\[eval/.test(file)) continue;
    return {
      file,
      line: Number(line),
      ...(column === undefined ? {} : { column: Number(column) }),
    };
  }
  return undefined;
}
