import type { PyError } from "../values/error.ts";
import { textRepr } from "../values/text.ts";
import { regexError } from "./regex-error.ts";

/** Letters, digits and underscores as Python's identifiers have them. */
const IDENTIFIER = /^[\p{ID_Start}_]\p{ID_Continue}*$/u;

/** A pattern, or the template of a replacement, read token by token: a character, or a backslash with one. */
export class PatternSource {
  readonly characters: readonly string[];
  /** The token that comes next. */
  next: string | undefined;
  #at = 0;

  constructor(text: string) {
    this.characters = Array.from(text);
    this.#advance();
  }

  /** Where the next token begins. */
  get position(): number {
    return this.#at - (this.next === undefined ? 0 : Array.from(this.next).length);
  }

  #advance(): void {
    const character = this.characters[this.#at];
    this.next = character;
    if (character === undefined) return;
    this.#at++;
    if (character !== "\\") return;
    const escaped = this.characters[this.#at];
    if (escaped === undefined) {
      throw regexError("bad escape (end of pattern)", this.characters, this.#at - 1);
    }
    this.next = character + escaped;
    this.#at++;
  }

  take(): string | undefined {
    const token = this.next;
    this.#advance();
    return token;
  }

  accept(token: string): boolean {
    if (this.next !== token) return false;
    this.#advance();
    return true;
  }

  /** Goes back to a position. */
  seek(position: number): void {
    this.#at = position;
    this.#advance();
  }

  /** Up to `size` tokens that are in `allowed`. */
  takeWhile(size: number, allowed: RegExp): string {
    let taken = "";
    for (let count = 0; count < size; count++) {
      if (this.next === undefined || !allowed.test(this.next)) break;
      taken += this.next;
      this.#advance();
    }
    return taken;
  }

  /** The text before a terminator, which is taken too; an error calls it by its name. */
  takeUntil(terminator: string, name: string): string {
    let taken = "";
    for (;;) {
      const token = this.take();
      if (token === undefined) {
        if (taken === "") throw this.error(`missing ${name}`);
        throw this.error(`missing ${terminator}, unterminated name`, Array.from(taken).length);
      }
      if (token === terminator) {
        if (taken === "") throw this.error(`missing ${name}`, 1);
        return taken;
      }
      taken += token;
    }
  }

  /** An error so many characters before the next token. */
  error(message: string, before = 0): PyError {
    return regexError(message, this.characters, this.position - before);
  }

  checkGroupName(name: string, offset: number): void {
    if (IDENTIFIER.test(name)) return;
    throw this.error(
      `bad character in group name ${textRepr(name)}`,
      Array.from(name).length + offset,
    );
  }
}

/** Whether a group is named, not numbered. */
export const isIdentifier = (name: string): boolean => IDENTIFIER.test(name);

/** A number as Python's `int` reads one, without a sign; undefined for anything else. */
export const groupNumber = (text: string): number | undefined =>
  /^\s*\+?\d+(?:_\d+)*\s*$/.test(text) ? Number(text.replaceAll("_", "")) : undefined;
