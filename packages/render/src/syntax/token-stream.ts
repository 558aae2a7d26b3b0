import type { Lexer, Token } from "./lexer.ts";
import { TemplateSyntaxError } from "./syntax-error.ts";

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  data: "template data / text",
  block_begin: "begin of statement block",
  block_end: "end of statement block",
  variable_begin: "begin of print statement",
  variable_end: "end of print statement",
  eof: "end of template",
};

/** What a token is called in messages. */
export function describe(token: Token): string {
  return token.type === "name" ? token.text : (DESCRIPTIONS[token.type] ?? token.type);
}

/** What `expect` was asked for, in messages. */
export function describeExpression(expression: string): string {
  const [type = "", value] = expression.split(/:(?=.)/);
  return type === "name" && value !== undefined ? value : (DESCRIPTIONS[type] ?? type);
}

/** Most levels of statements, brackets and operators within one another. */
const DEEPEST = 400;

/** Most operators of one chain. */
const LONGEST = 1000;

/** Walks along tokens. Expressions such as `name:endfor` ask for a type and a text. */
export class TokenStream {
  readonly #lexer: Lexer;
  #at = 0;
  #depth = 0;
  current: Token;

  constructor(lexer: Lexer) {
    this.#lexer = lexer;
    this.current = lexer.token(0);
  }

  /** Goes one level deeper into the template, until `leave`; a fault where that goes too far. */
  enter(): void {
    if (++this.#depth > DEEPEST) {
      throw new TemplateSyntaxError(
        `the template is nested more than ${DEEPEST} levels deep`,
        this.current,
        true,
      );
    }
  }

  leave(levels = 1): void {
    this.#depth -= levels;
  }

  /** Counts a link of a chain such as `a + b + c`; a fault where there are too many. */
  link(count: number): void {
    if (count > LONGEST) {
      throw new TemplateSyntaxError(
        `more than ${LONGEST} operators, filters or attributes follow one another`,
        this.current,
        true,
      );
    }
  }

  look(): Token {
    return this.#lexer.token(this.#at + 1);
  }

  /** Goes on and gives the token that was current. */
  next(): Token {
    const token = this.current;
    this.current = this.#lexer.token(++this.#at);
    return token;
  }

  skip(count: number): void {
    for (let turn = 0; turn < count; turn++) this.next();
  }

  test(expression: string, token: Token = this.current): boolean {
    if (token.type === expression) return true;
    return token.type === "name" && expression === `name:${token.text}`;
  }

  testAny(expressions: readonly string[]): boolean {
    return expressions.some((expression) => this.test(expression));
  }

  skipIf(expression: string): boolean {
    if (!this.test(expression)) return false;
    this.next();
    return true;
  }

  expect(expression: string): Token {
    if (this.test(expression)) return this.next();
    const wanted = describeExpression(expression);
    throw this.fault(
      this.current.type === "eof"
        ? `unexpected end of template, expected '${wanted}'.`
        : `expected token '${wanted}', got '${describe(this.current)}'`,
    );
  }

  fault(message: string, at: { line: number; column: number } = this.current): TemplateSyntaxError {
    return new TemplateSyntaxError(message, at);
  }
}
