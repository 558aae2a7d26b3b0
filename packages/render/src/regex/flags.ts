import { numeric } from "../values/numbers.ts";
import {
  type BinaryOperator,
  type HashKey,
  type Order,
  PyObject,
  type Value,
} from "../values/value.ts";

/** Flags of Python's `re`, by name. */
export const FLAGS = {
  IGNORECASE: 2,
  LOCALE: 4,
  MULTILINE: 8,
  DOTALL: 16,
  UNICODE: 32,
  VERBOSE: 64,
  DEBUG: 128,
  ASCII: 256,
} as const;

/** Flags by the letter of an inline flag. */
export const FLAG_LETTERS: Readonly<Record<string, number>> = {
  i: FLAGS.IGNORECASE,
  L: FLAGS.LOCALE,
  m: FLAGS.MULTILINE,
  s: FLAGS.DOTALL,
  x: FLAGS.VERBOSE,
  a: FLAGS.ASCII,
  u: FLAGS.UNICODE,
};

/** The flags that choose what a letter is. */
export const TYPE_FLAGS: number = FLAGS.ASCII | FLAGS.LOCALE | FLAGS.UNICODE;

/** `re.IGNORECASE` and the like: an int that prints by name. */
export class PyRegexFlag extends PyObject {
  readonly typeName = "RegexFlag";
  readonly bits: number;
  constructor(bits: number) {
    super();
    this.bits = bits;
  }
  repr(): string {
    const names = flagNames(this.bits);
    return names === "" ? "re.NOFLAG" : names;
  }
  override format(): string {
    return this.repr();
  }
  override truth(): boolean {
    return this.bits !== 0;
  }
  override equals(other: Value): boolean {
    return other instanceof PyRegexFlag ? other.bits === this.bits : other === this.bits;
  }
  override compare(other: Value): Order {
    if (other instanceof PyRegexFlag) return this.bits - other.bits;
    return typeof other === "number" ? this.bits - other : undefined;
  }
  override hashKey(): HashKey {
    return this.bits;
  }
  override operate(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    const operand = other instanceof PyRegexFlag ? other.bits : other;
    return reversed ? numeric(operator, operand, this.bits) : numeric(operator, this.bits, operand);
  }
  override negate(sign: "-" | "+"): Value {
    return sign === "-" ? -this.bits : this.bits;
  }
  override getAttribute(name: string): Value | undefined {
    if (name === "value") return this.bits;
    return name === "name" ? this.repr().replaceAll("re.", "") : undefined;
  }
}

/** `re.IGNORECASE|re.DOTALL`, in the order of the bits. */
export function flagNames(bits: number): string {
  const names = Object.entries(FLAGS).filter(([, bit]) => (bits & bit) !== 0);
  return names.map(([name]) => `re.${name}`).join("|");
}
