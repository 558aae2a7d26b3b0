import { PyBytes } from "../values/bytes.ts";
import { typeError } from "../values/error.ts";
import { Markup } from "../values/markup.ts";
import { isWide } from "../values/text.ts";
import { typeName, type Value } from "../values/value.ts";
import type { Haystack } from "./machine.ts";

/** Text or bytes that a pattern is tried on; positions count characters, as Python's do. */
export class Subject {
  readonly value: Value;
  readonly isBytes: boolean;
  readonly codes: Uint16Array | Uint32Array;
  readonly #text: string;
  /** The characters, where they are not the units of the text. */
  readonly #characters: readonly string[] | undefined;

  constructor(value: Value) {
    this.value = value;
    this.isBytes = value instanceof PyBytes;
    const text = textOf(value);
    this.#text = text;
    if (isWide(text)) {
      this.#characters = Array.from(text);
      this.codes = Uint32Array.from(this.#characters, (character) => character.codePointAt(0) ?? 0);
    } else {
      this.#characters = undefined;
      const codes = new Uint16Array(text.length);
      for (let at = 0; at < text.length; at++) codes[at] = text.charCodeAt(at);
      this.codes = codes;
    }
  }

  get length(): number {
    return this.codes.length;
  }

  /** What the pattern sees: all, or what is before a position. */
  upTo(end: number): Haystack {
    return { codes: this.codes, end: Math.max(0, Math.min(end, this.length)) };
  }

  text(from: number, to: number): string {
    if (this.#characters === undefined) return this.#text.slice(from, to);
    return this.#characters.slice(from, to).join("");
  }

  /** A part, as a value of the kind that the whole is. */
  slice(from: number, to: number): Value {
    return this.valueOf(this.text(from, to));
  }

  /** A text made of parts, as a value of the kind that the whole is. */
  valueOf(text: string): Value {
    return this.isBytes ? new PyBytes(Uint8Array.from(Buffer.from(text, "latin1"))) : text;
  }
}

/** Whether a value is text or bytes. */
export const isText = (value: Value): boolean =>
  typeof value === "string" || value instanceof Markup || value instanceof PyBytes;

function textOf(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof PyBytes) return Buffer.from(value.data).toString("latin1");
  throw typeError(`expected string or bytes-like object, got '${typeName(value)}'`);
}
