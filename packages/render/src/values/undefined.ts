import { repr } from "./basics.ts";
import { PyError } from "./error.ts";
import { textRepr } from "./text.ts";
import { type BinaryOperator, objectName, type Order, PyObject, type Value } from "./value.ts";

/** What an undefined value was looked up on. */
export interface Missing {
  readonly hint?: string;
  readonly object?: Value;
  readonly name?: Value;
  /** Text of `name` in messages, where it is no str. */
  readonly nameText?: string;
}

/** Jinja's default Undefined: prints nothing, is false and empty, fails on all else (T-31). */
export class Undefined extends PyObject {
  readonly typeName = "Undefined";
  readonly missing: Missing;
  constructor(missing: Missing) {
    super();
    this.missing = missing;
  }
  override get objectName(): string {
    return "jinja2.runtime.Undefined";
  }
  get message(): string {
    const { hint, object, name, nameText } = this.missing;
    if (hint !== undefined) return hint;
    const isText =
      typeof name === "string" || (name instanceof PyObject && name.typeName === "Markup");
    const text = typeof name === "string" ? textRepr(name) : (nameText ?? repr(name ?? null));
    if (object === undefined) return `${text} is undefined`;
    return isText
      ? `'${objectName(object)}' has no attribute ${text}`
      : `${objectName(object)} has no element ${text}`;
  }
  fail(): never {
    throw new PyError("UndefinedError", this.message);
  }
  repr(): string {
    return "Undefined";
  }
  override str(): string {
    return "";
  }
  override size(): number {
    return 0;
  }
  override iterate(): Iterable<Value> {
    return [];
  }
  override differs(other: Value): boolean {
    return !this.equals(other);
  }
  override equals(other: Value): boolean {
    return other instanceof Undefined;
  }
  override hashKey(): string {
    return "\0U";
  }
  override compare(): Order {
    return this.fail();
  }
  override getAttribute(name: string): Value | undefined {
    return name.startsWith("__") && name.endsWith("__") ? undefined : this.fail();
  }
  override getItem(): Value | undefined {
    return this.fail();
  }
  override operate(_operator: BinaryOperator, _other: Value, _reversed: boolean): Value {
    return this.fail();
  }
  override negate(): Value {
    return this.fail();
  }
  override get callable(): boolean {
    return true;
  }
  override call(): Value {
    return this.fail();
  }
}
