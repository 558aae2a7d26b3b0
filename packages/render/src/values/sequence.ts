import { equals, hashKey, iterate, order, repr, sorted, str, truth } from "./basics.ts";
import { PyError, typeError, valueError } from "./error.ts";
import { checkItems, checkText, spend } from "./limits.ts";
import { builtinMethods } from "./method.ts";
import { position, PySlice, sliceItems } from "./slice.ts";
import {
  type BinaryOperator,
  indexNumber,
  isInt,
  type Order,
  positional,
  PyObject,
  typeName,
  type Value,
} from "./value.ts";

/** Order of two sequences: the first difference decides. */
function sequenceOrder(left: readonly Value[], right: readonly Value[]): Order {
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const a = left[index] ?? null;
    const b = right[index] ?? null;
    if (equals(a, b)) continue;
    const result = order(a, b);
    if (result === undefined) {
      throw typeError(
        `'<' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`,
      );
    }
    return result;
  }
  return left.length - right.length;
}

function sameItems(left: readonly Value[], right: readonly Value[]): boolean {
  if (left.length !== right.length) return false;
  spend(left.length);
  return left.every((item, index) => equals(item, right[index] ?? null));
}

/** The error of a count beyond all memory. */
export const tooBig = (): PyError =>
  new PyError("OverflowError", "cannot fit 'int' into an index-sized integer");

/** `items * count`. */
function repeated<T>(items: readonly T[], count: Value): T[] {
  if (typeof count === "bigint") throw tooBig();
  const times = Math.max(0, indexNumber(count));
  checkItems(items.length * times);
  const out: T[] = [];
  for (let turn = 0; turn < times; turn++) for (const item of items) out.push(item);
  return out;
}

function findIndex(
  items: readonly Value[],
  [wanted = null, start = 0, stop = Number.MAX_SAFE_INTEGER]: readonly (Value | undefined)[],
  what: string,
): number {
  const bound = (value: Value): number => {
    if (!isInt(value) && typeof value !== "boolean") {
      throw typeError("slice indices must be integers or have an __index__ method");
    }
    const index = Number(value);
    return index < 0 ? Math.max(0, index + items.length) : index;
  };
  const end = Math.min(bound(stop), items.length);
  for (let index = bound(start); index < end; index++) {
    if (equals(items[index] ?? null, wanted)) return index;
  }
  throw valueError(what);
}

/** A list: the one mutable sequence. */
export class PyList extends PyObject {
  readonly typeName = "list";
  items: Value[];
  constructor(items: Value[]) {
    super();
    checkItems(items.length);
    this.items = items;
  }
  repr(): string {
    return guarded(this, "[...]", () => `[${this.items.map(repr).join(", ")}]`);
  }
  override size(): number {
    return this.items.length;
  }
  override iterate(): Iterable<Value> {
    return this.items;
  }
  override equals(other: Value): boolean {
    return other instanceof PyList && sameItems(this.items, other.items);
  }
  override compare(other: Value): Order {
    return other instanceof PyList ? sequenceOrder(this.items, other.items) : undefined;
  }
  override hashKey(): never {
    throw typeError("unhashable type: 'list'");
  }
  override getItem(key: Value): Value | undefined {
    if (key instanceof PySlice) return new PyList(sliceItems(this.items, key));
    const at = position(key, this.items.length);
    return at === undefined ? undefined : this.items[at];
  }
  override getAttribute(name: string): Value | undefined {
    return listMethods(this, name);
  }
  override operate(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    if (operator === "+" && !reversed) {
      if (other instanceof PyList) return new PyList([...this.items, ...other.items]);
      throw typeError(`can only concatenate list (not "${typeName(other)}") to list`);
    }
    if (operator === "*" && !(reversed && typeof other === "string")) {
      if (isInt(other) || typeof other === "boolean")
        return new PyList(repeated(this.items, other));
      throw typeError(`can't multiply sequence by non-int of type '${typeName(other)}'`);
    }
    return undefined;
  }
}

const busy = new Set<PyObject>();

/** Keeps the text of a list that holds itself finite. */
export function guarded(self: PyObject, again: string, text: () => string): string {
  if (busy.has(self)) return again;
  busy.add(self);
  try {
    const made = text();
    checkText(made.length);
    return made;
  } finally {
    busy.delete(self);
  }
}

/** A tuple. With names, a named tuple such as `groupby` gives. */
export class PyTuple extends PyObject {
  readonly typeName: string;
  readonly items: readonly Value[];
  readonly #names: readonly string[];
  readonly #label: string | undefined;
  /** With a label, the text shows it and the names. */
  constructor(
    items: readonly Value[],
    names: readonly string[] = [],
    label?: string,
    typeName = "tuple",
  ) {
    super();
    this.typeName = typeName;
    this.items = items;
    this.#names = names;
    this.#label = label;
  }
  repr(): string {
    if (this.#label !== undefined) {
      const parts = this.items.map((item, index) => `${this.#names[index]}=${repr(item)}`);
      return `${this.#label}(${parts.join(", ")})`;
    }
    const [first] = this.items;
    if (this.items.length === 1 && first !== undefined) return `(${repr(first)},)`;
    return `(${this.items.map(repr).join(", ")})`;
  }
  override size(): number {
    return this.items.length;
  }
  override iterate(): Iterable<Value> {
    return this.items;
  }
  override equals(other: Value): boolean {
    return other instanceof PyTuple && sameItems(this.items, other.items);
  }
  override compare(other: Value): Order {
    return other instanceof PyTuple ? sequenceOrder(this.items, other.items) : undefined;
  }
  override hashKey(): string {
    const keys = this.items.map((item) => {
      const key = hashKey(item);
      return `${typeof key}${key instanceof PyObject ? key.repr() : String(key)}`;
    });
    return `\0T${JSON.stringify(keys)}`;
  }
  override getItem(key: Value): Value | undefined {
    if (key instanceof PySlice) return new PyTuple(sliceItems(this.items, key));
    const at = position(key, this.items.length);
    return at === undefined ? undefined : this.items[at];
  }
  override getAttribute(name: string): Value | undefined {
    const named = this.#names.indexOf(name);
    return named >= 0 ? this.items[named] : tupleMethods(this, name);
  }
  override operate(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    if (operator === "+" && !reversed) {
      if (other instanceof PyTuple) return new PyTuple([...this.items, ...other.items]);
      throw typeError(`can only concatenate tuple (not "${typeName(other)}") to tuple`);
    }
    if (operator === "*" && !(reversed && typeof other === "string")) {
      if (isInt(other) || typeof other === "boolean")
        return new PyTuple(repeated(this.items, other));
      throw typeError(`can't multiply sequence by non-int of type '${typeName(other)}'`);
    }
    return undefined;
  }
}

const tupleMethods = builtinMethods<PyTuple>("tuple", {
  "count(value)": (self, [value = null]) => self.items.filter((item) => equals(item, value)).length,
  "index(value, start=0, stop=9007199254740991, /)": (self, args) =>
    findIndex(self.items, args, "tuple.index(x): x not in tuple"),
});

const listMethods = builtinMethods<PyList>("list", {
  "append(object)": (self, [item = null]) => {
    self.items.push(item);
    return null;
  },
  "extend(iterable)": (self, [items = null]) => {
    const more = [...iterate(items)];
    checkItems(self.items.length + more.length);
    for (const item of more) self.items.push(item);
    return null;
  },
  "insert(index, object, /)": (self, [index = 0, item = null]) => {
    self.items.splice(indexNumber(index), 0, item);
    return null;
  },
  "pop(index=-1, /)": (self, [index = -1]) => {
    indexNumber(index);
    if (self.items.length === 0) throw new PyError("IndexError", "pop from empty list");
    const at = position(index, self.items.length);
    if (at === undefined) throw new PyError("IndexError", "pop index out of range");
    return self.items.splice(at, 1)[0] ?? null;
  },
  "remove(value)": (self, [value = null]) => {
    self.items.splice(findIndex(self.items, [value], "list.remove(x): x not in list"), 1);
    return null;
  },
  "clear()": (self) => {
    self.items = [];
    return null;
  },
  "copy()": (self) => new PyList([...self.items]),
  "count(value)": (self, [value = null]) => self.items.filter((item) => equals(item, value)).length,
  "index(value, start=0, stop=9007199254740991, /)": (self, args) =>
    findIndex(self.items, args, `${repr(args[0] ?? null)} is not in list`),
  "reverse()": (self) => {
    self.items.reverse();
    return null;
  },
  "sort(*, **)": (self, args, kwargs) => {
    if (args.length > 0) throw typeError("sort() takes no positional arguments");
    const wrong = [...kwargs.keys()].find((name) => name !== "key" && name !== "reverse");
    if (wrong !== undefined) {
      throw typeError(`'${wrong}' is an invalid keyword argument for sort()`);
    }
    const key = kwargs.get("key") ?? null;
    const reverse = kwargs.get("reverse") ?? false;
    if (key !== null && !(key instanceof PyObject)) {
      throw typeError(`'${typeName(key)}' object is not callable`);
    }
    self.items = sorted(
      self.items,
      key === null ? undefined : (item) => key.call(positional(item)),
      truth(reverse),
    );
    return null;
  },
});

/** The text that `str.join` makes of its items. */
export function joined(separator: string, items: Value): string {
  const parts: string[] = [];
  if (typeof items !== "string" && !(items instanceof PyObject && items.iterate() !== undefined)) {
    throw typeError("can only join an iterable");
  }
  for (const item of iterate(items)) {
    if (typeof item !== "string" && !(item instanceof PyObject && item.typeName === "Markup")) {
      throw typeError(
        `sequence item ${parts.length}: expected str instance, ${typeName(item)} found`,
      );
    }
    parts.push(str(item));
  }
  checkText(joinedSize(parts, separator));
  return parts.join(separator);
}

/** How long texts are with a separator between them. */
export function joinedSize(parts: readonly string[], separator: string): number {
  let size = separator.length * Math.max(0, parts.length - 1);
  for (const part of parts) size += part.length;
  return size;
}
