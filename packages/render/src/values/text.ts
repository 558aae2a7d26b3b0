/** Characters that Python's str.isspace and strip know. */
export const WHITESPACE =
  "\\t\\n\\v\\f\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const SURROGATES = /[\ud800-\udfff]/;
const LEADING = new RegExp(`^[${WHITESPACE}]+`);
const TRAILING = new RegExp(`[${WHITESPACE}]+$`);
const SPACES = new RegExp(`[${WHITESPACE}]+`);

/** The code points of a text, each a string: what Python indexes. */
export const characters = (text: string): readonly string[] =>
  SURROGATES.test(text) ? Array.from(text) : text.split("");

/** Whether UTF-16 positions are not Python's. */
export const isWide = (text: string): boolean => SURROGATES.test(text);

/** Length in code points. */
export const textLength = (text: string): number =>
  SURROGATES.test(text) ? Array.from(text).length : text.length;

/** Without leading white space. */
export const trimStart = (text: string): string => text.replace(LEADING, "");

/** Without trailing white space. A loop: a pattern for it is quadratic. */
export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

/** Whether a UTF-16 unit is white space. */
function isSpace(code: number): boolean {
  if (code < 128) return (code >= 9 && code <= 13) || (code >= 28 && code <= 32);
  return TRAILING.test(String.fromCharCode(code));
}

/** The words between white space. */
export function words(text: string): string[] {
  const trimmed = trimEnd(trimStart(text));
  return trimmed === "" ? [] : trimmed.split(SPACES);
}

/** Order by code point, as Python sorts text (T-25). */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  if (!SURROGATES.test(left) && !SURROGATES.test(right)) return left < right ? -1 : 1;
  const a = Array.from(left);
  const b = Array.from(right);
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = (a[index]?.codePointAt(0) ?? 0) - (b[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/** `repr` of a str. */
export function textRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = "";
  for (const character of text) {
    if (character === quote || character === "\\") out += `\\${character}`;
    else if (NAMED[character] !== undefined) out += NAMED[character];
    else if (UNPRINTABLE.test(character)) out += escapeCode(character.codePointAt(0) ?? 0);
    else out += character;
  }
  return `${quote}${out}${quote}`;
}

function escapeCode(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

const LINE_ENDS = /\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]/g;

/** `str.splitlines`. */
export function splitLines(text: string, keepEnds: boolean): string[] {
  const lines: string[] = [];
  let start = 0;
  for (const match of text.matchAll(LINE_ENDS)) {
    const end = match.index + match[0].length;
    lines.push(text.slice(start, keepEnds ? end : match.index));
    start = end;
  }
  if (start < text.length) lines.push(text.slice(start));
  return lines;
}
