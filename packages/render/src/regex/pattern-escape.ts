import type { PatternNode, Place, SetItem } from "./pattern-node.ts";
import type { PatternSource } from "./pattern-source.ts";

const HEX = /^[0-9a-fA-F]$/;
const OCTAL = /^[0-7]$/;
const DIGIT = /^[0-9]$/;

const CONTROLS: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
};

const PLACES: Readonly<Record<string, Place>> = {
  A: "text-start",
  Z: "text-end",
  b: "boundary",
  B: "no-boundary",
};

const CLASSES: Readonly<Record<string, SetItem>> = {
  d: { kind: "class", name: "digit", negate: false },
  D: { kind: "class", name: "digit", negate: true },
  s: { kind: "class", name: "space", negate: false },
  S: { kind: "class", name: "space", negate: true },
  w: { kind: "class", name: "word", negate: false },
  W: { kind: "class", name: "word", negate: true },
};

const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** The code of `\x41`, `\u0041`, `\U00000041`; undefined for another escape. */
function hexEscape(source: PatternSource, escape: string, letter: string): number | undefined {
  const size = letter === "x" ? 2 : letter === "u" ? 4 : letter === "U" ? 8 : 0;
  if (size === 0) return undefined;
  const digits = source.takeWhile(size, HEX);
  const all = escape + digits;
  if (digits.length !== size) throw source.error(`incomplete escape ${all}`, all.length);
  const code = Number.parseInt(digits, 16);
  if (code > 0x10ffff) throw source.error(`bad escape ${all}`, all.length);
  return code;
}

/** `\N{NAME}`: the names of characters are not at hand, so each is unknown. */
function namedEscape(source: PatternSource): never {
  if (!source.accept("{")) throw source.error("missing {");
  const name = source.takeUntil("}", "character name");
  throw source.error(`undefined character name '${name}'`, name.length + "\\N{}".length);
}

function octal(source: PatternSource, escape: string): number {
  const code = Number.parseInt(escape.slice(1), 8);
  if (code > 0o377) {
    throw source.error(`octal escape value ${escape} outside of range 0-0o377`, escape.length);
  }
  return code;
}

/** An escape within a set. */
export function setEscape(source: PatternSource, escape: string): SetItem {
  const letter = escape.slice(1);
  const one = (code: number): SetItem => ({ kind: "range", from: code, to: code });
  const known = own(CLASSES, letter);
  if (known !== undefined) return known;
  const control = own(CONTROLS, letter);
  if (control !== undefined) return one(control);
  const hex = hexEscape(source, escape, letter);
  if (hex !== undefined) return one(hex);
  if (letter === "N") namedEscape(source);
  if (OCTAL.test(letter)) return one(octal(source, escape + source.takeWhile(2, OCTAL)));
  if (/^[a-zA-Z0-9]$/.test(letter)) throw source.error(`bad escape ${escape}`, escape.length);
  return one(letter.codePointAt(0) ?? 0);
}

/** What an escape outside of a set needs to know of groups. */
export interface GroupState {
  /** The number that the next group would get. */
  readonly count: number;
  isOpen(index: number): boolean;
  /** Refuses a group that the same lookbehind defines. */
  checkLookbehind(index: number, source: PatternSource): void;
}

/** An escape outside of a set. */
export function escapeNode(source: PatternSource, escape: string, groups: GroupState): PatternNode {
  const letter = escape.slice(1);
  const place = own(PLACES, letter);
  if (place !== undefined) return { kind: "place", place };
  const known = own(CLASSES, letter);
  if (known !== undefined) return { kind: "set", items: [known], negate: false };
  const control = own(CONTROLS, letter);
  if (control !== undefined) return { kind: "literal", code: control };
  const hex = hexEscape(source, escape, letter);
  if (hex !== undefined) return { kind: "literal", code: hex };
  if (letter === "N") namedEscape(source);
  if (letter === "0") {
    return { kind: "literal", code: octal(source, escape + source.takeWhile(2, OCTAL)) };
  }
  if (DIGIT.test(letter)) return numbered(source, escape, groups);
  if (/^[a-zA-Z]$/.test(letter)) throw source.error(`bad escape ${escape}`, escape.length);
  return { kind: "literal", code: letter.codePointAt(0) ?? 0 };
}

/** `\1`, `\12`, or three octal digits. */
function numbered(source: PatternSource, first: string, groups: GroupState): PatternNode {
  let escape = first + source.takeWhile(1, DIGIT);
  if (/^\\[0-7]{2}$/.test(escape) && source.next !== undefined && OCTAL.test(source.next)) {
    escape += source.take();
    return { kind: "literal", code: octal(source, escape) };
  }
  const index = Number(escape.slice(1));
  if (index >= groups.count) {
    throw source.error(`invalid group reference ${index}`, escape.length - 1);
  }
  if (groups.isOpen(index)) throw source.error("cannot refer to an open group", escape.length);
  groups.checkLookbehind(index, source);
  return { kind: "backreference", index };
}
