import type { AttributeValue, Item } from "../values.ts";
import type { ResolvedPath } from "./placeholders.ts";

/** The value at a path, if there. */
export function getAt(item: Item, path: ResolvedPath): AttributeValue | undefined {
  let value: AttributeValue = { M: item };
  for (const part of path) {
    const next = childOf(value, part);
    if (next === undefined) return undefined;
    value = next;
  }
  return value;
}

function childOf(value: AttributeValue, part: string | number): AttributeValue | undefined {
  if (typeof part === "number") return "L" in value ? value.L[part] : undefined;
  return "M" in value && Object.hasOwn(value.M, part) ? value.M[part] : undefined;
}

/** The item with only what the paths lead to; lists keep the order of their elements. */
export function project(item: Item, paths: readonly ResolvedPath[]): Item {
  const result = select({ M: item }, paths);
  return result !== undefined && "M" in result ? result.M : {};
}

function select(value: AttributeValue, paths: readonly ResolvedPath[]): AttributeValue | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  const groups = new Map<string | number, ResolvedPath[]>();
  for (const [first, ...rest] of paths) {
    if (first === undefined) continue;
    const group = groups.get(first);
    if (group === undefined) groups.set(first, [rest]);
    else group.push(rest);
  }
  if ("L" in value) {
    const indexes = [...groups.keys()].filter((key) => typeof key === "number");
    const list = indexes
      .toSorted((a, b) => a - b)
      .map((index) => selectChild(value, index, groups))
      .filter((child) => child !== undefined);
    return list.length === 0 ? undefined : { L: list };
  }
  if (!("M" in value)) return undefined;
  const map: Record<string, AttributeValue> = Object.create(null);
  for (const key of groups.keys()) {
    const child = typeof key === "string" ? selectChild(value, key, groups) : undefined;
    if (child !== undefined) map[key] = child;
  }
  return Object.keys(map).length === 0 ? undefined : { M: map };
}

function selectChild(
  value: AttributeValue,
  key: string | number,
  groups: ReadonlyMap<string | number, readonly ResolvedPath[]>,
): AttributeValue | undefined {
  const child = childOf(value, key);
  return child === undefined ? undefined : select(child, groups.get(key) ?? []);
}

/** The two paths that overlap (one leads to or through the other), if any do. */
export function findOverlap(
  paths: readonly ResolvedPath[],
): readonly [ResolvedPath, ResolvedPath] | undefined {
  for (const [index, one] of paths.entries()) {
    for (const two of paths.slice(index + 1)) {
      const length = Math.min(one.length, two.length);
      if (one.slice(0, length).every((part, at) => part === two[at])) return [one, two];
    }
  }
  return undefined;
}

/** `[a, b, [3]]`, as error texts show a path. */
export function showPath(path: ResolvedPath): string {
  return `[${path.map((part) => (typeof part === "number" ? `[${part}]` : part)).join(", ")}]`;
}
