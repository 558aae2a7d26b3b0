import { FloatValue } from "@lava/core";
import { PyError, typeError } from "./error.ts";

/**
 * Any value of a template. A whole JS number or a bigint is an int, any other number and {@link FloatValue} a
 * float, a string a str, null is None; everything else is a {@link PyObject}. No host object is ever a value.
 */
export type Value = null | boolean | number | bigint | string | FloatValue | PyObject;

/** Arguments of a call. */
export interface CallArguments {
  readonly args: readonly Value[];
  readonly kwargs: ReadonlyMap<string, Value>;
}

const NO_KWARGS: ReadonlyMap<string, Value> = new Map();

/** Arguments without keywords. */
export const positional = (...args: readonly Value[]): CallArguments => ({
  args,
  kwargs: NO_KWARGS,
});

/** A value, or what stands for a missing one: None is a value, so `??` will not do. */
export const orElse = (value: Value | undefined, otherwise: () => Value): Value =>
  value === undefined ? otherwise() : value;

/** The order of two values: negative, zero, positive; undefined where there is none. */
export type Order = number | undefined;

/**
 * Base of every value that is not a JS primitive. A subclass says what Python's type can do; what it does not
 * override fails as it does in Python. Members are only what `getAttribute` answers: JS properties are unreachable.
 */
export abstract class PyObject {
  /** Name in operator errors: `list`, `datetime.date`. */
  abstract readonly typeName: string;
  /** Name in `'... object' has no attribute`; differs for classes that Python itself defines. */
  get objectName(): string {
    return this.typeName;
  }
  abstract repr(): string;
  str(): string {
    return this.repr();
  }
  /** `format(self, spec)`. */
  format(spec: string): string {
    if (spec === "") return this.str();
    throw typeError(`unsupported format string passed to ${this.typeName}.__format__`);
  }
  /** The text that stands for the value in plain data; datetimes have their own. */
  dataText(): string {
    return this.str();
  }
  truth(): boolean {
    const size = this.size();
    return size === undefined || size !== 0;
  }
  /** `len()`, undefined where there is none. */
  size(): number | undefined {
    return undefined;
  }
  /** The members in order, undefined where the value is not iterable. */
  iterate(): Iterable<Value> | undefined {
    return undefined;
  }
  equals(other: Value): boolean {
    return this === other;
  }
  /** `self != other`, where a type says something of its own about that. */
  differs(_other: Value): boolean | undefined {
    return undefined;
  }
  /** Order against another value; undefined for "not supported". */
  compare(_other: Value): Order {
    return undefined;
  }
  /** What a dict or set knows the value by. */
  hashKey(): HashKey {
    return this;
  }
  getAttribute(_name: string): Value | undefined {
    return undefined;
  }
  /** `self[key]`; undefined where Python raises a KeyError, IndexError or TypeError. */
  getItem(_key: Value): Value | undefined {
    return undefined;
  }
  contains(_item: Value): boolean | undefined {
    return undefined;
  }
  /** `self <operator> other`, or with `reversed` `other <operator> self`; undefined for "not implemented". */
  operate(_operator: BinaryOperator, _other: Value, _reversed: boolean): Value | undefined {
    return undefined;
  }
  negate(_sign: "-" | "+"): Value {
    throw typeError(`bad operand type for unary ${_sign}: '${this.typeName}'`);
  }
  /** `abs(self)`. */
  absolute(): Value {
    throw typeError(`bad operand type for abs(): '${this.typeName}'`);
  }
  /** The value as the class above its own has it: the date of a datetime. */
  asBase(): PyObject | undefined {
    return undefined;
  }
  get callable(): boolean {
    return false;
  }
  call(_call: CallArguments): Value {
    throw typeError(`'${this.typeName}' object is not callable`);
  }
}

/** Key of a hash table: equal values have the same. */
export type HashKey = null | number | bigint | string | PyObject;

/** Operators with two operands that call on types. */
export type BinaryOperator = "+" | "-" | "*" | "/" | "//" | "%" | "**";

/** A float: whole ones are told from ints by their class. */
export function float(value: number): Value {
  return Number.isInteger(value) ? new FloatValue(value) : value;
}

/** An int: a plain number while that is exact. */
export function int(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/** Whether a value is an int (a bool is not here, though it is in Python). */
export function isInt(value: Value): value is number | bigint {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

/** Whether a value is a float. */
export function isFloat(value: Value): value is number | FloatValue {
  return value instanceof FloatValue || (typeof value === "number" && !Number.isInteger(value));
}

/** Python's name of a value's type, as operator errors spell it. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case "string":
      return "str";
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return Number.isInteger(value) ? "int" : "float";
    default:
      if (value === null) return "NoneType";
      return value instanceof PyObject ? value.typeName : "float";
  }
}

/** `dict object`, `None`: how Jinja names a value in "has no attribute". */
export function objectName(value: Value): string {
  if (value === null) return "None";
  return `${value instanceof PyObject ? value.objectName : typeName(value)} object`;
}

/** An int argument (bool counts) as a JS number; a TypeError for anything else. */
export function indexNumber(value: Value): number {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "bigint") {
    throw new PyError("OverflowError", "Python int too large to convert to C ssize_t");
  }
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
}
