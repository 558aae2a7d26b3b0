import { type CharSet, charSet, everything, foldedLiteral, notNewline } from "./char-set.ts";
import { FLAGS, TYPE_FLAGS } from "./flags.ts";
import type { PatternNode } from "./pattern-node.ts";

/** The flags within a group that turns some on and off. */
export function combineFlags(flags: number, on: number, off: number): number {
  const kept = (on & TYPE_FLAGS) === 0 ? flags : flags & ~TYPE_FLAGS;
  return (kept | on) & ~off;
}

/** The set of a node that takes one character; undefined for any other node. */
export function singleSet(node: PatternNode, flags: number): CharSet | undefined {
  const ignoreCase = (flags & FLAGS.IGNORECASE) !== 0;
  switch (node.kind) {
    case "any":
      return (flags & FLAGS.DOTALL) === 0 ? notNewline : everything;
    case "set":
      return charSet(node.items, node.negate, flags);
    case "literal": {
      const { code } = node;
      const folded = ignoreCase ? foldedLiteral(code, flags) : undefined;
      return folded ?? charSet([{ kind: "range", from: code, to: code }], false, 0);
    }
    default:
      return undefined;
  }
}
