import { parseInteger } from "../values/numbers.ts";
import { textRepr, trimEnd, WHITESPACE } from "../values/text.ts";
import { float, type Value } from "../values/value.ts";
import type { Delimiters } from "./delimiters.ts";
import { TemplateSyntaxError } from "./syntax-error.ts";

/** What a token is; operators are their own type. */
type TokenType =
  | "data"
  | "variable_begin"
  | "variable_end"
  | "block_begin"
  | "block_end"
  | "name"
  | "string"
  | "integer"
  | "float"
  | "eof"
  | Operator;

type Operator = (typeof OPERATORS)[number];

const OPERATORS = [
  "//",
  "**",
  "==",
  "!=",
  ">=",
  "<=",
  "+",
  "-",
  "/",
  "*",
  "%",
  "~",
  "[",
  "]",
  "(",
  ")",
  "{",
  "}",
  ">",
  "<",
  "=",
  ".",
  ":",
  "|",
  ",",
  ";",
] as const;

/** A token: its text, or for numbers the value. */
export interface Token {
  readonly type: TokenType;
  readonly text: string;
  readonly value: Value;
  readonly line: number;
  readonly column: number;
}

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const SPACE = `[${WHITESPACE}]`;
const OPERATOR = OPERATORS.map(escapePattern).join("|");
const NAME = "[\\p{L}\\p{N}_]+";
const FLOAT =
  "(?<!\\.)(?:\\d+_)*\\d+(?:(?:\\.(?:\\d+_)*\\d+)?[eE][+-]?(?:\\d+_)*\\d+|\\.(?:\\d+_)*\\d+)";
const INTEGER =
  "0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\\da-fA-F])+|[1-9](?:_?\\d)*|0(?:_?0)*";
const STRING = `'[^'\\\\]*(?:\\\\[^][^'\\\\]*)*'|"[^"\\\\]*(?:\\\\[^][^"\\\\]*)*"`;

interface Patterns {
  readonly begin: RegExp;
  readonly comment: RegExp;
  readonly blockEnd: RegExp;
  readonly variableEnd: RegExp;
  readonly rawEnd: RegExp;
  readonly inside: RegExp;
}

const compiled = new Map<Delimiters, Patterns>();

function patternsFor(marks: Delimiters): Patterns {
  const known = compiled.get(marks);
  if (known !== undefined) return known;
  const blockStart = escapePattern(marks.blockStart);
  const blockEnd = escapePattern(marks.blockEnd);
  const variableEnd = escapePattern(marks.variableEnd);
  const commentEnd = escapePattern(marks.commentEnd);
  const anyBlockEnd = `(?:\\+${blockEnd}|-${blockEnd}${SPACE}*|${blockEnd})`;
  const patterns = {
    begin: new RegExp(
      `(?<raw>${blockStart}([-+]?)${SPACE}*raw${SPACE}*(?:-${blockEnd}${SPACE}*|${blockEnd}))` +
        `|(?<variable>${escapePattern(marks.variableStart)}([-+]?))` +
        `|(?<block>${blockStart}([-+]?))` +
        `|(?<comment>${escapePattern(marks.commentStart)}([-+]?))`,
      "gu",
    ),
    comment: new RegExp(`\\+${commentEnd}|-${commentEnd}${SPACE}*|${commentEnd}`, "gu"),
    blockEnd: new RegExp(anyBlockEnd, "yu"),
    variableEnd: new RegExp(`-${variableEnd}${SPACE}*|${variableEnd}`, "yu"),
    rawEnd: new RegExp(`${blockStart}([-+]?)${SPACE}*endraw${SPACE}*${anyBlockEnd}`, "gu"),
    inside: new RegExp(
      `(?<space>${SPACE}+)|(?<float>${FLOAT})|(?<integer>${INTEGER})|(?<name>${NAME})` +
        `|(?<string>${STRING})|(?<operator>${OPERATOR})`,
      "yu",
    ),
  };
  compiled.set(marks, patterns);
  return patterns;
}

/**
 * Cuts a template into tokens by the grammar of Jinja 3.1: line ends become `\n` and the last one is dropped
 * (T-32), `-` at a mark strips the white space beside it.
 */
export function tokenize(template: string, marks: Delimiters): Token[] {
  let source = template.replace(/\r\n|\r/g, "\n");
  if (source.endsWith("\n")) source = source.slice(0, -1);
  return new Lexer(source, patternsFor(marks)).run();
}

/** Cuts a lone expression into tokens. */
export function tokenizeExpression(source: string, marks: Delimiters): Token[] {
  return new Lexer(source, patternsFor(marks)).expression();
}

const CLOSES: Readonly<Record<string, string>> = { "{": "}", "(": ")", "[": "]" };

class Lexer {
  readonly #source: string;
  readonly #patterns: Patterns;
  readonly #tokens: Token[] = [];
  readonly #open: string[] = [];
  #at = 0;
  #line = 1;
  #lineStart = 0;
  #counted = 0;

  constructor(source: string, patterns: Patterns) {
    this.#source = source;
    this.#patterns = patterns;
  }

  run(): Token[] {
    while (this.#at < this.#source.length) this.#root();
    this.#push("eof", "", this.#source.length);
    return this.#tokens;
  }

  expression(): Token[] {
    while (this.#at < this.#source.length) this.#inside();
    this.#push("eof", "", this.#source.length);
    return this.#tokens;
  }

  /** Line and column of an offset; offsets only grow. */
  #place(offset: number): { line: number; column: number } {
    let next = this.#source.indexOf("\n", this.#counted);
    while (next >= 0 && next < offset) {
      this.#line++;
      this.#lineStart = next + 1;
      next = this.#source.indexOf("\n", next + 1);
    }
    this.#counted = Math.max(this.#counted, Math.min(offset, this.#source.length));
    if (this.#counted < this.#lineStart) this.#counted = this.#lineStart;
    return { line: this.#line, column: offset - this.#lineStart + 1 };
  }

  #push(type: TokenType, text: string, offset: number, value: Value = null): void {
    this.#tokens.push({ type, text, value, ...this.#place(offset) });
  }

  #root(): void {
    const { begin } = this.#patterns;
    begin.lastIndex = this.#at;
    const match = begin.exec(this.#source);
    if (match === null) {
      this.#push("data", this.#source.slice(this.#at), this.#at);
      this.#at = this.#source.length;
      return;
    }
    const groups = match.groups ?? {};
    const sign = match[2] ?? match[4] ?? match[6] ?? match[8];
    const data = this.#source.slice(this.#at, match.index);
    const text = sign === "-" ? trimEnd(data) : data;
    if (text !== "") this.#push("data", text, this.#at);
    this.#at = match.index + match[0].length;
    if (groups["raw"] !== undefined) this.#raw(match.index);
    else if (groups["comment"] !== undefined) this.#comment(match.index);
    else if (groups["variable"] !== undefined) {
      this.#push("variable_begin", match[0], match.index);
      this.#tag("variable_end", this.#patterns.variableEnd);
    } else {
      this.#push("block_begin", match[0], match.index);
      this.#tag("block_end", this.#patterns.blockEnd);
    }
  }

  #comment(start: number): void {
    const { comment } = this.#patterns;
    comment.lastIndex = this.#at;
    const match = comment.exec(this.#source);
    if (match === null) {
      throw new TemplateSyntaxError("Missing end of comment tag", this.#place(start));
    }
    this.#at = match.index + match[0].length;
  }

  #raw(start: number): void {
    const { rawEnd } = this.#patterns;
    rawEnd.lastIndex = this.#at;
    const match = rawEnd.exec(this.#source);
    if (match === null) {
      throw new TemplateSyntaxError("Missing end of raw directive", this.#place(start));
    }
    const data = this.#source.slice(this.#at, match.index);
    const text = match[1] === "-" ? trimEnd(data) : data;
    if (text !== "") this.#push("data", text, this.#at);
    this.#at = match.index + match[0].length;
  }

  #tag(end: "variable_end" | "block_end", pattern: RegExp): void {
    while (this.#at < this.#source.length) {
      if (this.#open.length === 0) {
        pattern.lastIndex = this.#at;
        const match = pattern.exec(this.#source);
        if (match !== null) {
          this.#push(end, match[0], this.#at);
          this.#at += match[0].length;
          return;
        }
      }
      this.#inside();
    }
  }

  #inside(): void {
    const { inside } = this.#patterns;
    inside.lastIndex = this.#at;
    const match = inside.exec(this.#source);
    const start = this.#at;
    if (match === null) {
      const character = String.fromCodePoint(this.#source.codePointAt(start) ?? 0);
      throw new TemplateSyntaxError(
        `unexpected char ${textRepr(character)} at ${start}`,
        this.#place(start),
      );
    }
    const [text] = match;
    const groups = match.groups ?? {};
    this.#at += text.length;
    if (groups["space"] !== undefined) return;
    if (groups["operator"] !== undefined) this.#operator(text, start);
    else if (groups["name"] !== undefined) {
      if (!/^[\p{ID_Start}_]\p{ID_Continue}*$/u.test(text)) {
        throw new TemplateSyntaxError("Invalid character in identifier", this.#place(start));
      }
      this.#push("name", text, start);
    } else if (groups["string"] !== undefined) {
      this.#push("string", text, start, this.#unescape(text.slice(1, -1), start));
    } else if (groups["float"] !== undefined) {
      this.#push("float", text, start, float(Number(text.replaceAll("_", ""))));
    } else this.#push("integer", text, start, parseInteger(text, 0));
  }

  #operator(text: string, start: number): void {
    const close = CLOSES[text];
    if (close !== undefined) this.#open.push(close);
    else if (text === "}" || text === ")" || text === "]") {
      const expected = this.#open.pop();
      if (expected === undefined) {
        throw new TemplateSyntaxError(`unexpected '${text}'`, this.#place(start));
      }
      if (expected !== text) {
        throw new TemplateSyntaxError(
          `unexpected '${text}', expected '${expected}'`,
          this.#place(start),
        );
      }
    }
    const operator = OPERATORS.find((known) => known === text);
    if (operator !== undefined) this.#push(operator, text, start);
  }

  #unescape(text: string, start: number): string {
    if (!text.includes("\\")) return text;
    return text.replace(
      /\\(?:\n|([abfnrtv\\'"])|([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([xuUN])|$)/g,
      (all, named, octal, x, u, big, broken) => {
        if (typeof named === "string") return NAMED[named] ?? named;
        if (typeof octal === "string") return String.fromCodePoint(Number.parseInt(octal, 8));
        const hex: unknown = x ?? u ?? big;
        if (typeof hex === "string") {
          const code = Number.parseInt(hex, 16);
          if (code <= 0x10ffff) return String.fromCodePoint(code);
          throw new TemplateSyntaxError("illegal Unicode character", this.#place(start));
        }
        if (typeof broken === "string") {
          throw new TemplateSyntaxError(BROKEN[broken] ?? "malformed escape", this.#place(start));
        }
        return all === "\\\n" ? "" : all;
      },
    );
  }
}

const NAMED: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

const BROKEN: Readonly<Record<string, string>> = {
  x: "truncated \\xXX escape",
  u: "truncated \\uXXXX escape",
  U: "truncated \\UXXXXXXXX escape",
  N: "malformed \\N character escape",
};
