import { parseInteger } from "../values/numbers.ts";
import { textLength, textRepr, trimEnd, WHITESPACE } from "../values/text.ts";
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

/** White space that a lexer drops or keeps without being told at a mark. */
export interface LexerOptions {
  /** The newline after a block or comment goes. */
  readonly trimBlocks: boolean;
  /** Blanks before a block or comment that begins its line go. */
  readonly lstripBlocks: boolean;
  /** The last newline stays. */
  readonly keepTrailingNewline: boolean;
}

/** Jinja's own defaults. */
export const plainLexing: LexerOptions = {
  trimBlocks: false,
  lstripBlocks: false,
  keepTrailingNewline: false,
};

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

const compiled = {
  plain: new Map<Delimiters, Patterns>(),
  trimmed: new Map<Delimiters, Patterns>(),
};

function patternsFor(marks: Delimiters, trimBlocks: boolean): Patterns {
  const all = trimBlocks ? compiled.trimmed : compiled.plain;
  const known = all.get(marks);
  if (known !== undefined) return known;
  const suffix = trimBlocks ? "\\n?" : "";
  const blockStart = escapePattern(marks.blockStart);
  const blockEnd = escapePattern(marks.blockEnd);
  const variableEnd = escapePattern(marks.variableEnd);
  const commentEnd = escapePattern(marks.commentEnd);
  const anyBlockEnd = `(?:\\+${blockEnd}|-${blockEnd}${SPACE}*|${blockEnd}${suffix})`;
  const patterns = {
    begin: new RegExp(
      `(?<raw>${blockStart}([-+]?)${SPACE}*raw${SPACE}*(?:-${blockEnd}${SPACE}*|${blockEnd}))` +
        `|(?<variable>${escapePattern(marks.variableStart)}([-+]?))` +
        `|(?<block>${blockStart}([-+]?))` +
        `|(?<comment>${escapePattern(marks.commentStart)}([-+]?))`,
      "gu",
    ),
    comment: new RegExp(`\\+${commentEnd}|-${commentEnd}${SPACE}*|${commentEnd}${suffix}`, "gu"),
    blockEnd: new RegExp(anyBlockEnd, "yu"),
    variableEnd: new RegExp(`-${variableEnd}${SPACE}*|${variableEnd}`, "yu"),
    rawEnd: new RegExp(`${blockStart}([-+]?)${SPACE}*endraw${SPACE}*${anyBlockEnd}`, "gu"),
    inside: new RegExp(
      `(?<space>${SPACE}+)|(?<float>${FLOAT})|(?<integer>${INTEGER})|(?<name>${NAME})` +
        `|(?<string>${STRING})|(?<operator>${OPERATOR})`,
      "yu",
    ),
  };
  all.set(marks, patterns);
  return patterns;
}

/**
 * Cuts a template into tokens by the grammar of Jinja 3.1: line ends become `\n` and the last one is dropped
 * (T-32), `-` at a mark strips the white space beside it. Faults show when the parser gets to them.
 */
export function tokenize(template: string, marks: Delimiters, options = plainLexing): Lexer {
  let source = template.includes("\r") ? template.replace(/\r\n|\r/g, "\n") : template;
  if (!options.keepTrailingNewline && source.endsWith("\n")) source = source.slice(0, -1);
  return new Lexer(source, patternsFor(marks, options.trimBlocks), options, false);
}

/** Cuts a lone expression into tokens. */
export function tokenizeExpression(source: string, marks: Delimiters): Lexer {
  return new Lexer(source, patternsFor(marks, false), plainLexing, true);
}

/** Most tokens of a template: far more than a person writes, and parsed within seconds. */
const MOST_TOKENS = 300_000;

const CLOSES: Readonly<Record<string, string>> = { "{": "}", "(": ")", "[": "]" };

/** Tokens, cut as they are asked for. */
export class Lexer {
  readonly #source: string;
  readonly #patterns: Patterns;
  readonly #tokens: Token[] = [];
  readonly #open: string[] = [];
  #at = 0;
  #line = 1;
  #lineStart = 0;
  #lineEnd: number;
  readonly #options: LexerOptions;
  /** Whether what was read last ends a line. */
  #lineStarts = true;

  readonly #isExpression: boolean;
  /** What ends the tag that is read, outside of brackets. */
  #tagEnd: "variable_end" | "block_end" | undefined;
  #ended = false;

  constructor(source: string, patterns: Patterns, options: LexerOptions, isExpression: boolean) {
    this.#isExpression = isExpression;
    this.#source = source;
    this.#patterns = patterns;
    this.#options = options;
    this.#lineEnd = this.#endOfLine(0);
  }

  #endOfLine(start: number): number {
    const end = this.#source.indexOf("\n", start);
    return end < 0 ? Infinity : end;
  }

  /** The token of an index; the last one is `eof`. */
  token(index: number): Token {
    while (this.#tokens.length <= index && !this.#ended) this.#advance();
    const token = this.#tokens[Math.min(index, this.#tokens.length - 1)];
    if (token === undefined) throw new Error("tokens end with eof");
    return token;
  }

  #advance(): void {
    if (this.#at >= this.#source.length) {
      this.#push("eof", "", this.#source.length);
      this.#ended = true;
    } else if (this.#isExpression) this.#inside();
    else if (this.#tagEnd === undefined) this.#root();
    else this.#tag(this.#tagEnd);
  }

  /** Goes on behind a match. */
  #take(match: RegExpExecArray): void {
    this.#at = match.index + match[0].length;
    this.#lineStarts = match[0].endsWith("\n");
  }

  /** The text before a mark, without the white space that the mark or the options take away. */
  #before(data: string, sign: string | undefined, isVariable: boolean): string {
    if (sign === "-") return trimEnd(data);
    if (sign === "+" || !this.#options.lstripBlocks || isVariable) return data;
    const start = data.lastIndexOf("\n") + 1;
    if (start === 0 && !this.#lineStarts) return data;
    return start < data.length && trimEnd(data.slice(start)) === "" ? data.slice(0, start) : data;
  }

  /** Line and column of an offset; offsets only grow. */
  #place(offset: number): { line: number; column: number } {
    while (this.#lineEnd < offset) {
      this.#line++;
      this.#lineStart = this.#lineEnd + 1;
      this.#lineEnd = this.#endOfLine(this.#lineStart);
    }
    return { line: this.#line, column: offset - this.#lineStart + 1 };
  }

  #push(type: TokenType, text: string, offset: number, value: Value = null): void {
    if (this.#tokens.length >= MOST_TOKENS) {
      throw new TemplateSyntaxError(
        `the template has more than ${MOST_TOKENS} names, marks and texts`,
        this.#place(offset),
        true,
      );
    }
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
    const text = this.#before(data, sign, groups["variable"] !== undefined);
    if (text !== "") this.#push("data", text, this.#at);
    this.#take(match);
    if (groups["raw"] !== undefined) this.#raw(match.index);
    else if (groups["comment"] !== undefined) this.#comment(match.index);
    else if (groups["variable"] !== undefined) {
      this.#push("variable_begin", match[0], match.index);
      this.#tagEnd = "variable_end";
    } else {
      this.#push("block_begin", match[0], match.index);
      this.#tagEnd = "block_end";
    }
  }

  #comment(start: number): void {
    if (this.#at >= this.#source.length) return;
    const { comment } = this.#patterns;
    comment.lastIndex = this.#at;
    const match = comment.exec(this.#source);
    if (match === null) {
      throw new TemplateSyntaxError("Missing end of comment tag", this.#place(start));
    }
    this.#take(match);
  }

  #raw(start: number): void {
    if (this.#at >= this.#source.length) return;
    const { rawEnd } = this.#patterns;
    rawEnd.lastIndex = this.#at;
    const match = rawEnd.exec(this.#source);
    if (match === null) {
      throw new TemplateSyntaxError("Missing end of raw directive", this.#place(start));
    }
    const data = this.#source.slice(this.#at, match.index);
    const text = this.#before(data, match[1], false);
    if (text !== "") this.#push("data", text, this.#at);
    this.#take(match);
  }

  /** The next token of a tag, or its end. */
  #tag(end: "variable_end" | "block_end"): void {
    if (this.#open.length === 0) {
      const pattern = end === "variable_end" ? this.#patterns.variableEnd : this.#patterns.blockEnd;
      pattern.lastIndex = this.#at;
      const match = pattern.exec(this.#source);
      if (match !== null) {
        this.#push(end, match[0], this.#at);
        this.#take(match);
        this.#tagEnd = undefined;
        return;
      }
    }
    this.#inside();
  }

  #inside(): void {
    const { inside } = this.#patterns;
    inside.lastIndex = this.#at;
    const match = inside.exec(this.#source);
    const start = this.#at;
    if (match === null) {
      const character = String.fromCodePoint(this.#source.codePointAt(start) ?? 0);
      throw new TemplateSyntaxError(
        `unexpected char ${textRepr(character)} at ${textLength(this.#source.slice(0, start))}`,
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
