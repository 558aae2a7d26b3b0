import { LavaError } from "@lava/core";

/** Quoted text and names, comments, and the placeholders between them. */
const PARTS =
  /'(?:[^'\\]|\\[^]|'')*'|"(?:[^"\\]|\\[^]|"")*"|`[^`]*`|--\s[^\n]*|#[^\n]*|\/\*[^]*?\*\/|\?/g;

/**
 * Puts literals where a statement has its `?`.
 *
 * @throws {LavaError} SQL_BAD_PARAMETER when their numbers differ
 */
export function fillPlaceholders(sql: string, literals: readonly string[]): string {
  let count = 0;
  const filled = sql.replaceAll(PARTS, (part) => {
    if (part !== "?") return part;
    count += 1;
    return literals[count - 1] ?? part;
  });
  if (count === literals.length) return filled;
  throw new LavaError(
    "SQL_BAD_PARAMETER",
    `The statement has ${count} placeholders, ${literals.length} values were given`,
  );
}
