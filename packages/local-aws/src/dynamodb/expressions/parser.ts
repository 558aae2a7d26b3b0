import { reservedWords } from "../reserved-words.ts";
import { invalid } from "../values.ts";
import type { Path, PathPart } from "./syntax.ts";
import { type ExpressionKind, syntaxError, type Token, tokenize } from "./tokens.ts";

/** Walks the tokens of one expression; notes the placeholders it meets. */
export class Parser {
  readonly kind: ExpressionKind;
  readonly names = new Set<string>();
  readonly values = new Set<string>();
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(kind: ExpressionKind, source: string) {
    this.kind = kind;
    this.#tokens = tokenize(kind, source);
  }

  peek(ahead = 0): Token {
    return this.#tokens[this.#position + ahead] ?? { kind: "end", text: "<EOF>", at: 0 };
  }

  next(): Token {
    const token = this.peek();
    this.#position += 1;
    return token;
  }

  /** Whether the next token is this symbol; takes it if so. */
  takeSymbol(text: string): boolean {
    const token = this.peek();
    if (token.kind !== "symbol" || token.text !== text) return false;
    this.#position += 1;
    return true;
  }

  /** Whether the next token is this keyword, in any case; takes it if so. */
  takeKeyword(text: string): boolean {
    if (!this.isKeyword(text)) return false;
    this.#position += 1;
    return true;
  }

  isKeyword(text: string): boolean {
    const token = this.peek();
    return token.kind === "word" && token.text.toUpperCase() === text;
  }

  expectSymbol(text: string): void {
    if (!this.takeSymbol(text)) throw this.unexpected();
  }

  expectEnd(): void {
    if (this.peek().kind !== "end") throw this.unexpected();
  }

  /** A value placeholder. */
  value(): string {
    const token = this.peek();
    if (token.kind !== "value") throw this.unexpected();
    this.#position += 1;
    this.values.add(token.text);
    return token.text;
  }

  path(): Path {
    const parts: PathPart[] = [this.#pathName()];
    for (;;) {
      if (this.takeSymbol(".")) {
        parts.push(this.#pathName());
      } else if (this.takeSymbol("[")) {
        const token = this.next();
        if (token.kind !== "index") throw this.unexpected(-1);
        parts.push({ index: Number(token.text) });
        this.expectSymbol("]");
      } else {
        return parts;
      }
    }
  }

  /** A name followed by an opening parenthesis. */
  functionName(): string | undefined {
    const token = this.peek();
    const after = this.peek(1);
    return token.kind === "word" && after.kind === "symbol" && after.text === "("
      ? token.text
      : undefined;
  }

  unexpected(offset = 0): Error {
    const token = this.peek(offset);
    const near = [this.peek(offset - 1), token, this.peek(offset + 1)]
      .filter(({ kind }) => kind !== "end")
      .map(({ text }) => text)
      .join(" ");
    return syntaxError(this.kind, token.text, near);
  }

  #pathName(): PathPart {
    const token = this.peek();
    if (token.kind === "name") {
      this.names.add(token.text);
    } else if (token.kind !== "word") {
      throw this.unexpected();
    } else if (reservedWords.has(token.text.toUpperCase())) {
      throw invalid(
        `Invalid ${this.kind}: Attribute name is a reserved keyword; reserved keyword: ${token.text}`,
      );
    }
    this.#position += 1;
    return { name: token.text };
  }
}
