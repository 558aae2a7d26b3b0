import { type Data, type DataMap, fnmatch } from "@lava/core";
import { isDataMap, pythonJson } from "../build/python-json.ts";

/** Lines of a unified diff: ` same`, `-first`, `+second`, `@@ ... @@`; none where both say the same (CLI-226, FW-276). */
export function jsonDiff(
  first: Data,
  second: Data,
  options: {
    /** Patterns of top-level keys that do not count. */
    readonly ignore?: readonly string[];
    /** Lines shown around a difference; 3 by default. */
    readonly lines?: number;
  } = {},
): string[] {
  const { ignore = [], lines = 3 } = options;
  const text = (data: Data): string[] => pythonJson(without(data, ignore), 4).split("\n");
  return hunks(edits(text(first), text(second)), lines);
}

function without(data: Data, patterns: readonly string[]): Data {
  if (!isDataMap(data)) return data;
  const kept = Object.entries(data).filter(
    ([key]) => !patterns.some((pattern) => fnmatch(key, pattern)),
  );
  return Object.fromEntries(kept) satisfies DataMap;
}

interface Edit {
  readonly mark: " " | "-" | "+";
  readonly line: string;
}

/** The longest common lines stay, everything else goes or comes. */
function edits(a: readonly string[], b: readonly string[]): Edit[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (
    tail < a.length - head &&
    tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  )
    tail += 1;
  const [x, y] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  // length[i][j]: common lines of what is left after i and j.
  const width = y.length + 1;
  const length = new Uint32Array((x.length + 1) * width);
  const at = (i: number, j: number): number => length[i * width + j] ?? 0;
  for (let i = x.length - 1; i >= 0; i -= 1)
    for (let j = y.length - 1; j >= 0; j -= 1)
      length[i * width + j] =
        x[i] === y[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const middle: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < x.length || j < y.length) {
    const [one, other] = [x[i], y[j]];
    if (one !== undefined && one === other) {
      middle.push({ mark: " ", line: one });
      i += 1;
      j += 1;
    } else if (one !== undefined && (other === undefined || at(i + 1, j) >= at(i, j + 1))) {
      middle.push({ mark: "-", line: one });
      i += 1;
    } else {
      middle.push({ mark: "+", line: other ?? "" });
      j += 1;
    }
  }
  const same = (lines: readonly string[]): Edit[] => lines.map((line) => ({ mark: " ", line }));
  return [...same(a.slice(0, head)), ...middle, ...same(a.slice(a.length - tail))];
}

function hunks(all: readonly Edit[], context: number): string[] {
  const changed = all.flatMap(({ mark }, index) => (mark === " " ? [] : [index]));
  const ranges: [number, number][] = [];
  for (const index of changed) {
    const [from, to] = [Math.max(0, index - context), Math.min(all.length, index + context + 1)];
    const last = ranges.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = to;
    else ranges.push([from, to]);
  }
  const count = (edits: readonly Edit[], mark: string): number =>
    edits.filter((edit) => edit.mark === " " || edit.mark === mark).length;
  const range = (mark: "-" | "+", from: number, part: readonly Edit[]): string => {
    const size = count(part, mark);
    const start = count(all.slice(0, from), mark) + (size === 0 ? 0 : 1);
    return `${mark}${start}${size === 1 ? "" : `,${size}`}`;
  };
  return ranges.flatMap(([from, to]) => {
    const part = all.slice(from, to);
    return [
      `@@ ${range("-", from, part)} ${range("+", from, part)} @@`,
      ...part.map(({ mark, line }) => mark + line),
    ];
  });
}
