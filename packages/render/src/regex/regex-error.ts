import { PyError } from "../values/error.ts";

/** A `re.error`: message, and where in the pattern (in characters). */
export function regexError(message: string, pattern?: readonly string[], at = 0): PyError {
  if (pattern === undefined) return new PyError("re.error", message);
  const place = `${message} at position ${at}`;
  if (!pattern.includes("\n")) return new PyError("re.error", place);
  const before = pattern.slice(0, at);
  const line = before.filter((character) => character === "\n").length + 1;
  const column = at - before.lastIndexOf("\n");
  return new PyError("re.error", `${place} (line ${line}, column ${column})`);
}
