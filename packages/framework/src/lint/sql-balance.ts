import type { Issue } from "@lava/core";

/**
 * A quote, comment or bracket that is never closed in SQL, whatever its dialect; what the worker fills in counts as a
 * word. Undefined for a sound text (FW-273).
 */
export function sqlFault(text: string): Issue | undefined {
  // As long as what it stands for, so that places stay.
  const sql = text.replaceAll(/\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}/gs, (mark) =>
    mark.replaceAll(/[^\n]/g, "x"),
  );
  const open: number[] = [];
  const token =
    /--[^\n]*|\/\*.*?(?:\*\/|($))|\$(\w*)\$.*?(?:\$\2\$|($))|[qQ]'\[.*?\]'|'(?:[^'\\]|''|\\.)*(?:'|($))|"(?:[^"]|"")*(?:"|($))|[()]/gs;
  for (const match of sql.matchAll(token)) {
    const [all, comment, , dollar, quote, name] = match;
    const isOpen = [comment, dollar, quote, name].some((part) => part !== undefined);
    const end = match.index + all.length === sql.length;
    if (isOpen && end)
      return faultAt(sql, match.index, `${all.slice(0, 2).trim()} is never closed`);
    if (all === "(") open.push(match.index);
    if (all === ")" && open.pop() === undefined) return faultAt(sql, match.index, ") without a (");
  }
  const last = open.pop();
  return last === undefined ? undefined : faultAt(sql, last, "( is never closed");
}

function faultAt(text: string, offset: number, message: string): Issue {
  const before = text.slice(0, offset).split("\n");
  return {
    path: [],
    code: "sql_unbalanced",
    message,
    line: before.length,
    column: (before.at(-1) ?? "").length + 1,
  };
}
