import type { TextPosition } from "../yaml/read.ts";

/**
 * Maps a place of a rendered text to the template that it came from: lines are matched in order, with anything in
 * the place of marks; a line that came from elsewhere (an include, a loop) maps to the last line before it that
 * is known. The column is known where the line is as it was.
 */
export function lineMap(
  template: string,
  rendered: string,
): (place: TextPosition) => { line: number; column?: number } {
  const from = template.split("\n");
  const to = rendered.split("\n");
  const matches = from.map(lineMatcher);
  const lines = match(from.length, to.length, (i, j) => matches[i]?.(to[j] ?? "") === true);
  return ({ line, column }) => {
    const source = lines[line - 1] ?? 1;
    return from[source - 1] === to[line - 1] ? { line: source, column } : { line: source };
  };
}

function lineMatcher(line: string): (text: string) => boolean {
  if (!/<[{%#]|[}%#]>/.test(line)) return (text) => text === line;
  const parts = line.split(/<\{.*?\}>|<%.*?%>|<#.*?#>/);
  const pattern = parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join(".*");
  // A line of statements only matches nothing but what it leaves behind.
  const regex = new RegExp(
    `^${parts.join("").trim() === "" && !line.includes("<{") ? parts.join("") : pattern}$`,
  );
  return (text) => regex.test(text);
}

/** Longest common subsequence; for each rendered line the number of the template line it belongs to. */
function match(rows: number, columns: number, same: (i: number, j: number) => boolean): number[] {
  const width = columns + 1;
  const lengths = new Uint16Array((rows + 1) * width);
  const equal = new Uint8Array(rows * columns);
  for (let i = rows - 1; i >= 0; i -= 1) {
    for (let j = columns - 1; j >= 0; j -= 1) {
      const hit = same(i, j);
      if (hit) equal[i * columns + j] = 1;
      lengths[i * width + j] = hit
        ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
        : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  const lines: number[] = [];
  let i = 0;
  let last = 1;
  for (let j = 0; j < columns; j += 1) {
    let k = i;
    while (
      k < rows &&
      equal[k * columns + j] !== 1 &&
      (lengths[(k + 1) * width + j] ?? 0) === (lengths[i * width + j] ?? 0)
    )
      k += 1;
    const isMatch =
      k < rows &&
      equal[k * columns + j] === 1 &&
      (lengths[k * width + j] ?? 0) === (lengths[i * width + j] ?? 0);
    if (isMatch) {
      last = k + 1;
      i = k + 1;
    }
    lines.push(last);
  }
  return lines;
}
