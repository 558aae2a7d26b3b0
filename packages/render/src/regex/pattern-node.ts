/** Code point classes: `\d`, `\s`, `\w`. */
export type ClassName = "digit" | "space" | "word";

/** A part of a set: one code point, a range, a class. */
export type SetItem =
  | { readonly kind: "range"; readonly from: number; readonly to: number }
  | { readonly kind: "class"; readonly name: ClassName; readonly negate: boolean };

/** Where an assertion without width holds. */
export type Place = "start" | "end" | "text-start" | "text-end" | "boundary" | "no-boundary";

/** How often: as much as possible, as little as possible, or as much as possible and no way back. */
export type RepeatMode = "greedy" | "lazy" | "possessive";

/** A sequence of nodes. */
export type Sequence = readonly PatternNode[];

/** A node of a parsed pattern. */
export type PatternNode =
  | { readonly kind: "literal"; readonly code: number }
  | { readonly kind: "any" }
  | { readonly kind: "set"; readonly items: readonly SetItem[]; readonly negate: boolean }
  | { readonly kind: "place"; readonly place: Place }
  | {
      readonly kind: "group";
      /** 0 for one that does not capture. */
      readonly index: number;
      readonly on: number;
      readonly off: number;
      readonly body: Sequence;
    }
  | { readonly kind: "branch"; readonly branches: readonly Sequence[] }
  | {
      readonly kind: "repeat";
      readonly min: number;
      readonly max: number;
      readonly mode: RepeatMode;
      readonly body: Sequence;
    }
  | {
      readonly kind: "look";
      readonly behind: boolean;
      readonly negate: boolean;
      readonly body: Sequence;
    }
  | { readonly kind: "atomic"; readonly body: Sequence }
  | { readonly kind: "backreference"; readonly index: number }
  | {
      readonly kind: "conditional";
      readonly index: number;
      readonly yes: Sequence;
      readonly no: Sequence;
    };

/** A parsed pattern. */
export interface ParsedPattern {
  readonly body: Sequence;
  /** All flags: the given ones and those at the start of the pattern. */
  readonly flags: number;
  /** Number of capturing groups. */
  readonly groups: number;
  /** Index of each named group. */
  readonly names: ReadonlyMap<string, number>;
}
