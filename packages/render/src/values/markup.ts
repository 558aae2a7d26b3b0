import { contains, str } from "./basics.ts";
import { checkText } from "./limits.ts";
import { compareText, textLength, textRepr, characters } from "./text.ts";
import { type BinaryOperator, isInt, type Order, PyObject, type Value } from "./value.ts";

/** Text that is safe in HTML: joined to other text, it escapes it. */
export class Markup extends PyObject {
  readonly typeName = "Markup";
  readonly text: string;
  constructor(text: string) {
    super();
    checkText(text.length);
    this.text = text;
  }
  override get objectName(): string {
    return "markupsafe.Markup";
  }
  repr(): string {
    return `Markup(${textRepr(this.text)})`;
  }
  override str(): string {
    return this.text;
  }
  override size(): number {
    return textLength(this.text);
  }
  override iterate(): Iterable<Value> {
    return characters(this.text);
  }
  override equals(other: Value): boolean {
    return (other instanceof Markup ? other.text : other) === this.text;
  }
  override compare(other: Value): Order {
    const text = other instanceof Markup ? other.text : other;
    return typeof text === "string" ? compareText(this.text, text) : undefined;
  }
  override contains(item: Value): boolean {
    return contains(this.text, item);
  }
  override hashKey(): string {
    return this.text.startsWith("\0") ? `\0s${this.text}` : this.text;
  }
  override operate(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    if (operator === "+" && (typeof other === "string" || other instanceof Markup)) {
      const text = escapeMarkup(other).text;
      return new Markup(reversed ? text + this.text : this.text + text);
    }
    if (operator === "*" && (isInt(other) || typeof other === "boolean")) {
      const count = Math.max(0, Number(other));
      checkText(count * this.text.length);
      return new Markup(this.text.repeat(count));
    }
    return undefined;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&#39;",
  '"': "&#34;",
};

/** `escape(value)` of markupsafe. */
export function escapeMarkup(value: Value): Markup {
  if (value instanceof Markup) return value;
  return new Markup(str(value).replace(/[&<>'"]/g, (character) => ESCAPES[character] ?? character));
}
