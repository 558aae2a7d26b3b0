import type { TextPosition } from "../yaml/read.ts";

/**
 * Maps a place of a rendered text to the template that it came from: lines are matched in order, with anything in
 * the place of marks; a line of a loop maps to its line each time; a line that came from elsewhere (an include)
 * maps to the last line before it that is known. The column is known where the line is as it was.
 */
export function lineMap(
  template: string,
  rendered: string,
): (place: TextPosition) => { line: number; column?: number } {
  const from = template.split("\n");
  const to = rendered.split("\n");
  const matches = from.map(lineMatcher);
  const lines = match(from.map(weight), to.length, (i, j) => matches[i]?.(to[j] ?? "") === true);
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

/** Beyond this, matching costs more than it tells: lines are taken as they are. */
const MAX_CELLS = 4_000_000;

/** What a matching line counts: blank lines and lines of statements are alike, and say little. */
function weight(line: string): number {
  return line.replace(/<%.*?%>|<#.*?#>|#/g, "").trim() === "" ? 1 : 4;
}

/** Heaviest common subsequence; for each rendered line the number of the template line it belongs to. */
function match(
  weights: readonly number[],
  columns: number,
  same: (i: number, j: number) => boolean,
): number[] {
  const rows = weights.length;
  if (rows * columns > MAX_CELLS) return Array.from({ length: columns }, (_, j) => j + 1);
  const width = columns + 1;
  const best = new Uint32Array((rows + 1) * width);
  const equal = new Uint8Array(rows * columns);
  const at = (i: number, j: number): number => best[i * width + j] ?? 0;
  for (let i = rows - 1; i >= 0; i -= 1) {
    for (let j = columns - 1; j >= 0; j -= 1) {
      const hit = same(i, j);
      if (hit) equal[i * columns + j] = 1;
      const taken = hit ? at(i + 1, j + 1) + (weights[i] ?? 0) : 0;
      best[i * width + j] = Math.max(taken, at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: number[] = [];
  let i = 0;
  let last = 1;
  for (let j = 0; j < columns; j += 1) {
    // Template lines that the best match leaves out, then the one that it takes, if it takes one here.
    while (i < rows && at(i + 1, j) === at(i, j) && at(i, j) > 0) i += 1;
    const isTaken =
      i < rows && equal[i * columns + j] === 1 && at(i, j) === at(i + 1, j + 1) + (weights[i] ?? 0);
    if (isTaken) {
      last = i + 1;
      i += 1;
    }
    lines.push(isTaken ? last : repeated(weights, columns, equal, last, j));
  }
  return lines;
}

/** A line that is there again (a loop) belongs to the last line before it that it may have come from. */
function repeated(
  weights: readonly number[],
  columns: number,
  equal: Uint8Array,
  last: number,
  j: number,
): number {
  for (let i = last - 1; i >= 0; i -= 1) {
    if (equal[i * columns + j] === 1 && (weights[i] ?? 0) > 1) return i + 1;
  }
  return last;
}
