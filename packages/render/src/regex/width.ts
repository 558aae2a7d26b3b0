import { MAX_REPEAT } from "./parse-pattern.ts";
import type { PatternNode, Sequence } from "./pattern-node.ts";

/** Shortest and longest text that something matches. */
export interface Width {
  readonly min: number;
  readonly max: number;
}

const clamp = (size: number): number => Math.min(size, MAX_REPEAT);

/** The width of a sequence; `groups` gives that of a group that is referred to. */
export function widthOf(sequence: Sequence, groups: ReadonlyMap<number, Width>): Width {
  let min = 0;
  let max = 0;
  for (const node of sequence) {
    const width = nodeWidth(node, groups);
    min += width.min;
    max += width.max;
  }
  return { min: clamp(min), max: clamp(max) };
}

function nodeWidth(node: PatternNode, groups: ReadonlyMap<number, Width>): Width {
  switch (node.kind) {
    case "literal":
    case "any":
    case "set":
      return { min: 1, max: 1 };
    case "place":
    case "look":
      return { min: 0, max: 0 };
    case "group":
    case "atomic":
      return widthOf(node.body, groups);
    case "branch":
      return either(node.branches.map((branch) => widthOf(branch, groups)));
    case "conditional":
      return either([widthOf(node.yes, groups), widthOf(node.no, groups)]);
    case "repeat": {
      const { min, max } = widthOf(node.body, groups);
      return { min: clamp(min * node.min), max: max === 0 ? 0 : clamp(max * node.max) };
    }
    case "backreference":
      return groups.get(node.index) ?? { min: 0, max: MAX_REPEAT };
  }
}

const either = (widths: readonly Width[]): Width => ({
  min: Math.min(...widths.map((width) => width.min)),
  max: Math.max(...widths.map((width) => width.max)),
});

/** The widths of all groups of a pattern. */
export function groupWidths(sequence: Sequence): ReadonlyMap<number, Width> {
  const widths = new Map<number, Width>();
  const visit = (nodes: Sequence): void => {
    for (const node of nodes) {
      if (node.kind === "branch") node.branches.forEach(visit);
      else if (node.kind === "conditional") {
        visit(node.yes);
        visit(node.no);
      } else if ("body" in node) {
        visit(node.body);
        if (node.kind === "group" && node.index > 0) {
          widths.set(node.index, widthOf(node.body, widths));
        }
      }
    }
  };
  visit(sequence);
  return widths;
}
