import { CharSet } from "./char-set.ts";
import { FLAGS } from "./flags.ts";
import type { Sequence } from "./pattern-node.ts";
import { combineFlags, singleSet } from "./single-set.ts";

/** The text that every match of a sequence begins with. */
export function literalPrefix(sequence: Sequence, flags: number): readonly number[] {
  const codes: number[] = [];
  if ((flags & FLAGS.IGNORECASE) !== 0) return codes;
  for (const node of sequence) {
    if (node.kind !== "literal") break;
    codes.push(node.code);
  }
  return codes;
}

/** The characters that a match of a sequence may begin with; undefined where it may be empty or is hard to tell. */
export function firstSet(sequence: Sequence, flags: number): CharSet | undefined {
  const sets: CharSet[] = [];
  return collect(sequence, flags, sets) ? union(sets) : undefined;
}

function union(sets: readonly CharSet[]): CharSet {
  const [only] = sets;
  if (sets.length === 1 && only !== undefined) return only;
  return new CharSet((code) => sets.some((set) => set.has(code)));
}

/** Collects the first characters of a sequence; false where it may match without taking one. */
function collect(sequence: Sequence, flags: number, sets: CharSet[]): boolean {
  for (const node of sequence) {
    const single = singleSet(node, flags);
    if (single !== undefined) {
      sets.push(single);
      return true;
    }
    switch (node.kind) {
      case "place":
      case "look":
        continue;
      case "group":
        if (collect(node.body, combineFlags(flags, node.on, node.off), sets)) return true;
        continue;
      case "atomic":
        if (collect(node.body, flags, sets)) return true;
        continue;
      case "branch": {
        let all = true;
        for (const branch of node.branches) {
          if (!collect(branch, flags, sets)) all = false;
        }
        if (all) return true;
        continue;
      }
      case "repeat":
        if (collect(node.body, flags, sets) && node.min > 0) return true;
        continue;
      default:
        return false;
    }
  }
  return false;
}
