import { PyError, typeError } from "../values/error.ts";
import { textRepr } from "../values/text.ts";
import { typeName, type Value } from "../values/value.ts";
import type { ParsedPattern } from "./pattern-node.ts";
import { groupNumber, isIdentifier, PatternSource } from "./pattern-source.ts";
import { isText, Subject } from "./subject.ts";

/** A match as a replacement sees it. */
interface Parts {
  readonly subject: Subject;
  span(group: number): [from: number, to: number];
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

const OCTAL = /^[0-7]$/;
const DIGIT = /^[0-9]$/;
const MAX_GROUPS = 1_073_741_823;

/** Reads the template of a replacement, with `\1` and `\g<name>`; gives what it makes of a match. */
export function readReplacement(template: Value, pattern: ParsedPattern): (match: Parts) => string {
  if (!isText(template)) {
    throw typeError(`decoding to str: need a bytes-like object, ${typeName(template)} found`);
  }
  const subject = new Subject(template);
  const text = subject.text(0, subject.length);
  if (!text.includes("\\")) return () => text;
  const pieces = readPieces(new PatternSource(text), pattern);
  return (match) => {
    let out = "";
    for (const piece of pieces) {
      if (typeof piece === "string") out += piece;
      else {
        const [from, to] = match.span(piece);
        if (from >= 0) out += match.subject.text(from, to);
      }
    }
    return out;
  };
}

/** Texts, and numbers of groups. */
function readPieces(source: PatternSource, pattern: ParsedPattern): (string | number)[] {
  const pieces: (string | number)[] = [];
  for (let token = source.take(); token !== undefined; token = source.take()) {
    pieces.push(token.startsWith("\\") ? readEscape(source, token, pattern) : token);
  }
  return pieces;
}

function readEscape(source: PatternSource, token: string, pattern: ParsedPattern): string | number {
  const letter = token.slice(1);
  if (letter === "g") return readReference(source, pattern);
  if (letter === "0") {
    const digits = source.takeWhile(2, OCTAL);
    return String.fromCodePoint(Number.parseInt(`0${digits}`, 8) & 0xff);
  }
  if (DIGIT.test(letter)) {
    let escape = token + source.takeWhile(1, DIGIT);
    if (/^\\[0-7]{2}$/.test(escape) && source.next !== undefined && OCTAL.test(source.next)) {
      escape += source.take();
      const code = Number.parseInt(escape.slice(1), 8);
      if (code > 0o377) {
        throw source.error(`octal escape value ${escape} outside of range 0-0o377`, escape.length);
      }
      return String.fromCodePoint(code);
    }
    return checked(source, Number(escape.slice(1)), pattern, escape.length - 1);
  }
  if (Object.hasOwn(ESCAPES, letter)) return ESCAPES[letter] ?? "";
  if (/^[a-zA-Z]$/.test(letter)) throw source.error(`bad escape ${token}`, token.length);
  return token;
}

function checked(
  source: PatternSource,
  index: number,
  pattern: ParsedPattern,
  before: number,
): number {
  if (index <= pattern.groups) return index;
  throw source.error(`invalid group reference ${index}`, before);
}

/** `\g<name>` and `\g<1>`. */
function readReference(source: PatternSource, pattern: ParsedPattern): number {
  if (!source.accept("<")) throw source.error("missing <");
  const name = source.takeUntil(">", "group name");
  const size = Array.from(name).length + 1;
  if (isIdentifier(name)) {
    const index = pattern.names.get(name);
    if (index === undefined) {
      throw new PyError("IndexError", `unknown group name ${textRepr(name)}`);
    }
    return checked(source, index, pattern, size);
  }
  const index = groupNumber(name);
  if (index === undefined) {
    throw source.error(`bad character in group name ${textRepr(name)}`, size);
  }
  if (index >= MAX_GROUPS) throw source.error(`invalid group reference ${index}`, size);
  return checked(source, index, pattern, size);
}
