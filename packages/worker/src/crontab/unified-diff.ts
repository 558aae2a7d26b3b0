/** A stretch that two lists share: `a[start..]` and `b[other..]` are the same for `size` lines. */
interface Match {
  readonly start: number;
  readonly other: number;
  readonly size: number;
}

/** `[a from, a to, b from, b to]`: a stretch that was changed, or is the same. */
interface Change {
  readonly same: boolean;
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
}

/**
 * The difference of two texts by lines, with one line of context, as Python's `difflib.unified_diff` gives it: three
 * head lines end in a line break, the others do not (WF-174).
 */
export function unifiedDiff(
  a: readonly string[],
  b: readonly string[],
  names: readonly [string, string],
): string[] {
  const lines: string[] = [];
  for (const group of groups(changes(a, b))) {
    if (lines.length === 0) lines.push(`--- ${names[0]}\n`, `+++ ${names[1]}\n`);
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined) continue;
    lines.push(`@@ -${range(first.a[0], last.a[1])} +${range(first.b[0], last.b[1])} @@\n`);
    for (const change of group) {
      if (change.same) lines.push(...a.slice(...change.a).map((line) => ` ${line}`));
      else {
        lines.push(...a.slice(...change.a).map((line) => `-${line}`));
        lines.push(...b.slice(...change.b).map((line) => `+${line}`));
      }
    }
  }
  return lines;
}

function range(from: number, to: number): string {
  const length = to - from;
  if (length === 1) return String(from + 1);
  return `${length === 0 ? from : from + 1},${length}`;
}

/** Changes with one line of context, those near each other together. */
function groups(all: readonly Change[]): Change[][] {
  if (!all.some(({ same }) => !same)) return [];
  const found: Change[][] = [];
  let group: Change[] = [];
  for (const [index, { same, a, b }] of all.entries()) {
    if (!same) {
      group.push({ same, a, b });
      continue;
    }
    const isFirst = index === 0;
    const isLast = index === all.length - 1;
    const length = a[1] - a[0];
    if (isFirst) {
      const skip = Math.max(0, length - 1);
      group.push({ same, a: [a[0] + skip, a[1]], b: [b[0] + skip, b[1]] });
    } else if (isLast || length > 2) {
      const end = Math.min(1, length);
      group.push({ same, a: [a[0], a[0] + end], b: [b[0], b[0] + end] });
      if (isLast) continue;
      found.push(group);
      group = [{ same, a: [a[1] - 1, a[1]], b: [b[1] - 1, b[1]] }];
    } else group.push({ same, a, b });
  }
  found.push(group);
  return found;
}

function changes(a: readonly string[], b: readonly string[]): Change[] {
  const found: Change[] = [];
  let [i, j] = [0, 0];
  for (const { start, other, size } of [
    ...matches(a, b),
    { start: a.length, other: b.length, size: 0 },
  ]) {
    if (i < start || j < other) found.push({ same: false, a: [i, start], b: [j, other] });
    [i, j] = [start + size, other + size];
    if (size > 0) found.push({ same: true, a: [start, i], b: [other, j] });
  }
  return found;
}

/** The longest shared stretch, then those before and after it, and so on; neighbours joined. */
function matches(a: readonly string[], b: readonly string[]): Match[] {
  const places = placesOf(b);
  const found: Match[] = [];
  const todo: [number, number, number, number][] = [[0, a.length, 0, b.length]];
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    const [aFrom, aTo, bFrom, bTo] = part;
    const match = longest(a, b, places, part);
    if (match.size === 0) continue;
    found.push(match);
    if (aFrom < match.start && bFrom < match.other) {
      todo.push([aFrom, match.start, bFrom, match.other]);
    }
    const [aEnd, bEnd] = [match.start + match.size, match.other + match.size];
    if (aEnd < aTo && bEnd < bTo) todo.push([aEnd, aTo, bEnd, bTo]);
  }
  const joined: Match[] = [];
  for (const match of found.toSorted((x, y) => x.start - y.start || x.other - y.other)) {
    const last = joined.at(-1);
    if (
      last?.start !== undefined &&
      last.start + last.size === match.start &&
      last.other + last.size === match.other
    ) {
      joined[joined.length - 1] = { ...last, size: last.size + match.size };
    } else joined.push(match);
  }
  return joined;
}

/** Where each line of `b` is; in long texts lines that are everywhere do not count. */
function placesOf(b: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [index, line] of b.entries()) {
    const known = places.get(line);
    if (known === undefined) places.set(line, [index]);
    else known.push(index);
  }
  if (b.length < 200) return places;
  const many = Math.floor(b.length / 100) + 1;
  for (const [line, found] of places) if (found.length > many) places.delete(line);
  return places;
}

function longest(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [aFrom, aTo, bFrom, bTo]: readonly [number, number, number, number],
): Match {
  let [start, other, size] = [aFrom, bFrom, 0];
  let lengths = new Map<number, number>();
  for (let i = aFrom; i < aTo; i += 1) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i] ?? "") ?? []) {
      if (j < bFrom) continue;
      if (j >= bTo) break;
      const length = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, length);
      if (length > size) [start, other, size] = [i - length + 1, j - length + 1, length];
    }
    lengths = next;
  }
  // Lines that were left out as too frequent may be at either end.
  while (start > aFrom && other > bFrom && a[start - 1] === b[other - 1]) {
    start -= 1;
    other -= 1;
    size += 1;
  }
  while (start + size < aTo && other + size < bTo && a[start + size] === b[other + size]) size += 1;
  return { start, other, size };
}
