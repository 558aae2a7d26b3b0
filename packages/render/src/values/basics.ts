import { FloatValue } from "@lava/core";
import { PyError, typeError } from "./error.ts";
import { floatRepr } from "./float-text.ts";
import { spend } from "./limits.ts";
import { intText } from "./numbers.ts";
import { compareText, textLength, textRepr, characters } from "./text.ts";
import { type HashKey, type Order, PyObject, typeName, type Value } from "./value.ts";

/** `repr(value)`. */
export function repr(value: Value): string {
  switch (typeof value) {
    case "string":
      return textRepr(value);
    case "boolean":
      return value ? "True" : "False";
    case "bigint":
      return intText(value);
    case "number":
      return Number.isInteger(value) ? String(value) : floatRepr(value);
    default:
      if (value === null) return "None";
      return value instanceof FloatValue ? floatRepr(value.value) : value.repr();
  }
}

/** `str(value)`: how a value prints in a template. */
export function str(value: Value): string {
  if (typeof value === "string") return value;
  return value instanceof PyObject ? value.str() : repr(value);
}

/** `bool(value)`. */
export function truth(value: Value): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "string") return value !== "";
  if (typeof value === "number") return value !== 0;
  if (typeof value === "bigint") return value !== 0n;
  if (value === null) return false;
  return value instanceof FloatValue ? value.value !== 0 : value.truth();
}

/** The JS number of an int, bool or float that is no bigint. */
function plainNumber(value: Value): number | bigint | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return value instanceof FloatValue ? value.value : undefined;
}

/** `left == right`. */
export function equals(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (left instanceof PyObject) return left.equals(right);
  if (right instanceof PyObject) return right.equals(left);
  const a = plainNumber(left);
  const b = plainNumber(right);
  // oxlint-disable-next-line eqeqeq -- an int and a float are equal when their values are
  return a !== undefined && b !== undefined && a == b;
}

/** `left != right`: some types of Python do not say the opposite of `==`. */
export function differs(left: Value, right: Value): boolean {
  const own = left instanceof PyObject ? left.differs(right) : undefined;
  if (own !== undefined) return own;
  const other = right instanceof PyObject ? right.differs(left) : undefined;
  return other ?? !equals(left, right);
}

/** Order of two values, undefined where Python has none (or one is nan). */
export function order(left: Value, right: Value): Order {
  if (typeof left === "string" && typeof right === "string") return compareText(left, right);
  const a = plainNumber(left);
  const b = plainNumber(right);
  if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : a == b ? 0 : Number.NaN; // oxlint-disable-line eqeqeq
  const forward = left instanceof PyObject ? left.compare(right) : undefined;
  if (forward !== undefined || !(right instanceof PyObject)) return forward;
  const backward = right.compare(left);
  return backward === undefined ? undefined : -backward;
}

/** `left < right` and the like; a TypeError where the types have no order. */
export function compareWith(operator: "<" | "<=" | ">" | ">=", left: Value, right: Value): boolean {
  const result = orderFor(operator, left, right);
  if (result === undefined) {
    throw typeError(
      `'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`,
    );
  }
  switch (operator) {
    case "<":
      return result < 0;
    case "<=":
      return result <= 0;
    case ">":
      return result > 0;
    case ">=":
      return result >= 0;
  }
}

/** The order of two values; what fails inside of sequences names the operator. */
function orderFor(operator: string, left: Value, right: Value): Order {
  try {
    return order(left, right);
  } catch (error) {
    if (!(error instanceof PyError) || operator === "<") throw error;
    throw new PyError(error.type, error.message.replace(/^'<' not/, `'${operator}' not`));
  }
}

/** A stable sort by `<`, as `sorted` does it. */
export function sorted(
  items: readonly Value[],
  key: (item: Value) => Value = (item) => item,
  reverse = false,
): Value[] {
  const keyed = items.map((item) => ({ item, key: key(item) }));
  // Equal items keep their order when the result is turned around.
  if (reverse) keyed.reverse();
  // Node's sort hands (later, earlier); Python asks `later < earlier`.
  keyed.sort((a, b) => {
    if (compareWith("<", a.key, b.key)) return -1;
    return compareWith("<", b.key, a.key) ? 1 : 0;
  });
  if (reverse) keyed.reverse();
  return keyed.map((entry) => entry.item);
}

/** What a hash table knows a value by; a TypeError for lists, dicts and sets. */
export function hashKey(value: Value): HashKey {
  if (typeof value === "string") return value.startsWith("\0") ? `\0s${value}` : value;
  if (value === null) return "\0N";
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof FloatValue) {
    return Number.isSafeInteger(value.value) ? value.value : BigInt(value.value);
  }
  return value.hashKey();
}

/** The members of a value in order; a TypeError where it is not iterable. */
export function iterate(value: Value): Iterable<Value> {
  if (typeof value === "string") {
    spend(value.length);
    return characters(value);
  }
  const members = value instanceof PyObject ? value.iterate() : undefined;
  if (members === undefined) throw typeError(`'${typeName(value)}' object is not iterable`);
  if (value instanceof PyObject) spend(value.size() ?? 0);
  return members;
}

/** `len(value)`. */
export function length(value: Value): number {
  if (typeof value === "string") return textLength(value);
  const size = value instanceof PyObject ? value.size() : undefined;
  if (size === undefined) throw typeError(`object of type '${typeName(value)}' has no len()`);
  return size;
}

/** `item in container`. */
export function contains(container: Value, item: Value): boolean {
  if (typeof container === "string") {
    const text = item instanceof PyObject && item.typeName === "Markup" ? item.str() : item;
    if (typeof text !== "string") {
      throw typeError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
    }
    return container.includes(text);
  }
  if (!(container instanceof PyObject)) {
    throw typeError(`argument of type '${typeName(container)}' is not iterable`);
  }
  const answer = container.contains(item);
  if (answer !== undefined) return answer;
  const members = container.iterate();
  if (members === undefined) {
    throw typeError(`argument of type '${typeName(container)}' is not iterable`);
  }
  spend(container.size() ?? 0);
  for (const member of members) if (equals(member, item)) return true;
  return false;
}

/** `KeyError: key`. */
export const keyError = (key: Value): PyError => new PyError("KeyError", repr(key));
