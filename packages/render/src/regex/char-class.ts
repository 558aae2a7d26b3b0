import type { ClassName } from "./pattern-node.ts";

const PATTERNS: Readonly<Record<ClassName, RegExp>> = {
  digit: /^\p{Nd}$/u,
  space: /^[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/,
  word: /^[\p{L}\p{N}_]$/u,
};

/** What is known of the characters of the basic plane, filled as they are met: 1 yes, 2 no. */
const known: Readonly<Record<ClassName, Uint8Array>> = {
  digit: new Uint8Array(0x10000),
  space: new Uint8Array(0x10000),
  word: new Uint8Array(0x10000),
};

/** Whether a code point is a digit, space or word character as Unicode has it. */
export function inClass(name: ClassName, code: number): boolean {
  const table = known[name];
  const found = table[code] ?? 0;
  if (found !== 0) return found === 1;
  const answer = PATTERNS[name].test(String.fromCodePoint(code));
  if (code < 0x10000) table[code] = answer ? 1 : 2;
  return answer;
}

/** Whether a code point is a digit, space or word character of ASCII. */
export const inAsciiClass = (name: ClassName, code: number): boolean => {
  if (code > 127) return false;
  return name === "space" ? code === 32 || (code >= 9 && code <= 13) : inClass(name, code);
};

/** The one lower-case character of a code point, as Unicode's simple mapping has it. */
export function lowerCode(code: number): number {
  if (code < 128) return code >= 65 && code <= 90 ? code + 32 : code;
  if (code === 0x130) return 0x69;
  return String.fromCodePoint(code).toLowerCase().codePointAt(0) ?? code;
}

/** As {@link lowerCode}, of ASCII letters only. */
export const lowerAscii = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code);

/** Lower-case characters that share an upper-case one: `s` and the long s, the sigmas, ... */
const SHARED: readonly (readonly number[])[] = [
  [0x69, 0x131],
  [0x73, 0x17f],
  [0xb5, 0x3bc],
  [0x345, 0x3b9, 0x1fbe],
  [0x390, 0x1fd3],
  [0x3b0, 0x1fe3],
  [0x3b2, 0x3d0],
  [0x3b5, 0x3f5],
  [0x3b8, 0x3d1],
  [0x3ba, 0x3f0],
  [0x3c0, 0x3d6],
  [0x3c1, 0x3f1],
  [0x3c2, 0x3c3],
  [0x3c6, 0x3d5],
  [0x432, 0x1c80],
  [0x434, 0x1c81],
  [0x43e, 0x1c82],
  [0x441, 0x1c83],
  [0x442, 0x1c84, 0x1c85],
  [0x44a, 0x1c86],
  [0x463, 0x1c87],
  [0x1c88, 0xa64b],
  [0x1e61, 0x1e9b],
  [0xfb05, 0xfb06],
];

const shared: ReadonlyMap<number, readonly number[]> = new Map(
  SHARED.flatMap((codes) => codes.map((code) => [code, codes] as const)),
);

const alone: readonly number[] = [];

/** All lower-case characters that match a lower-case one when case is ignored, besides itself. */
export const sameUpper = (lower: number): readonly number[] => shared.get(lower) ?? alone;
