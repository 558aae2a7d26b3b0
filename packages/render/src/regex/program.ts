import type { CharSet } from "./char-set.ts";
import type { ParsedPattern } from "./pattern-node.ts";

/** Instructions of the matching machine; the operands of each follow it. */
export const OP = {
  /** code point */
  char: 0,
  /** set */
  set: 1,
  /** any character at all */
  advance: 2,
  /** other branch, set of the first characters of this branch or -1 */
  split: 3,
  /** target */
  jump: 4,
  /** register: the position goes there */
  mark: 5,
  /** group: its end, and the last group that was closed */
  close: 6,
  /** index in {@link PLACES} */
  place: 7,
  /** group */
  backreference: 8,
  /** group */
  foldedBackreference: 9,
  /** 1 for "must not match", width looked back, where to go on */
  look: 10,
  /** where to go on */
  atomic: 11,
  /** set, min, max, mode: a repetition of single characters */
  run: 12,
  /** register of the loop */
  enter: 13,
  /** register, min, max, mode, exit */
  loop: 14,
  /** group, else */
  condition: 15,
  match: 16,
} as const;

/** Places as the operand of {@link OP}.place has them, those of Unicode's letters last. */
export const PLACES = [
  "start",
  "line-start",
  "end",
  "line-end",
  "text-end",
  "ascii-boundary",
  "ascii-no-boundary",
  "boundary",
  "no-boundary",
] as const;

/** Repeat modes as operands. */
export const MODES = { greedy: 0, lazy: 1, possessive: 2 } as const;

/** A compiled pattern. */
export interface Program extends ParsedPattern {
  readonly code: Int32Array;
  readonly sets: readonly CharSet[];
  /** Registers: two marks for each group (the whole match is group 0), the last closed group, two for each loop. */
  readonly registers: number;
  /** Folds letters for references back when case is ignored. */
  readonly fold: (code: number) => number;
  /** What every match begins with, as far as that is one text. */
  readonly prefix: readonly number[];
  /** The first characters that a match may have; undefined where that does not help. */
  readonly first: CharSet | undefined;
  /** The characters of the endless run that it begins with, where nothing refers back to the run. */
  readonly run: CharSet | undefined;
}
