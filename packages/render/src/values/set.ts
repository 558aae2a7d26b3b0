import { equals, hashKey, iterate, keyError, repr } from "./basics.ts";
import { PyError, typeError } from "./error.ts";
import { HashOrder, numberHash } from "./hash-order.ts";
import { builtinMethods } from "./method.ts";
import { type BinaryOperator, type HashKey, type Order, PyObject, type Value } from "./value.ts";

/**
 * A set: DynamoDB sets arrive as these (T-09). Numbers alone come out in the order that CPython has them in, anything
 * else in the order of insertion: texts have no certain order in Python.
 */
export class PySet extends PyObject {
  readonly typeName = "set";
  readonly members: Map<HashKey, Value> = new Map();
  /** The order of numbers; undefined once something else is a member. */
  #order: HashOrder | undefined = new HashOrder();
  constructor(items: Iterable<Value> = []) {
    super();
    this.take(items);
  }
  add(item: Value): void {
    const key = hashKey(item);
    if (this.members.has(key)) return;
    this.members.set(key, item);
    const hash = this.#order === undefined ? undefined : numberHash(item);
    if (hash === undefined) this.#order = undefined;
    else this.#order?.add(hash, key);
  }
  /** Adds all members of a set, keys of a dict, or items of anything else. */
  take(items: Iterable<Value> | PySet): void {
    if (!(items instanceof PySet)) {
      for (const item of items) this.add(item);
      return;
    }
    const known = new Set(this.members.keys());
    for (const [key, item] of items.members) if (!known.has(key)) this.members.set(key, item);
    if (items.#order === undefined) this.#order = undefined;
    else this.#order?.merge(items.#order, (key) => !known.has(key));
  }
  /** What `update` does with a value. */
  update(value: Value | undefined): void {
    if (value instanceof PySet) {
      this.take(value);
      return;
    }
    const items = iterate(value ?? null);
    if (value instanceof PyObject && value.typeName === "dict") {
      this.#order?.reserve(value.size() ?? 0);
    }
    this.take(items);
  }
  remove(item: Value): boolean {
    const key = hashKey(item);
    this.#order?.remove(key);
    return this.members.delete(key);
  }
  /** Removes the items of a value, and tidies up as CPython does. */
  subtract(value: Value | undefined): void {
    const items = value === this ? [...this.iterate()] : iterate(value ?? null);
    for (const item of items) this.remove(item);
    this.#order?.tidy();
  }
  clear(): void {
    this.members.clear();
    this.#order = new HashOrder();
  }
  /** Takes over the members and order of another. */
  become(other: PySet): void {
    this.clear();
    for (const [key, item] of other.members) this.members.set(key, item);
    this.#order = other.#order;
  }
  pop(): Value | undefined {
    const [first] = this.members.keys();
    const key = this.#order?.next() ?? first;
    if (key === undefined) return undefined;
    const item = this.members.get(key);
    this.members.delete(key);
    this.#order?.remove(key);
    return item;
  }
  /** The members in their order. */
  ordered(): Value[] {
    if (this.#order === undefined) return [...this.members.values()];
    return Array.from(this.#order.keys(), (key) => this.members.get(key) ?? null);
  }
  repr(): string {
    return this.members.size === 0 ? "set()" : `{${this.ordered().map(repr).join(", ")}}`;
  }
  override size(): number {
    return this.members.size;
  }
  override iterate(): Iterable<Value> {
    return this.ordered();
  }
  override contains(item: Value): boolean {
    if (item instanceof PySet) return [...this.members.values()].some((own) => equals(own, item));
    return this.members.has(hashKey(item));
  }
  override equals(other: Value): boolean {
    if (other instanceof PyObject && other.typeName.startsWith("dict_")) return other.equals(this);
    return other instanceof PySet && other.members.size === this.members.size && this.within(other);
  }
  within(other: PySet): boolean {
    for (const key of this.members.keys()) if (!other.members.has(key)) return false;
    return true;
  }
  override compare(other: Value): Order {
    if (!(other instanceof PySet)) return undefined;
    if (this.equals(other)) return 0;
    return this.within(other) ? -1 : other.within(this) ? 1 : Number.NaN;
  }
  override hashKey(): never {
    throw typeError("unhashable type: 'set'");
  }
  override operate(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    if (operator !== "-" || reversed || !(other instanceof PySet)) return undefined;
    return difference(this, other);
  }
  override getAttribute(name: string): Value | undefined {
    return setMethods(this, name);
  }
}

const copyOf = (set: PySet): PySet => {
  const copy = new PySet();
  copy.take(set);
  return copy;
};

const asSet = (value: Value | undefined): PySet => {
  if (value instanceof PySet) return value;
  const set = new PySet();
  set.update(value);
  return set;
};

function difference(left: PySet, right: Value | undefined): PySet {
  const isDict = right instanceof PyObject && right.typeName === "dict";
  const size = right instanceof PySet || isDict ? (right.size() ?? 0) : undefined;
  if (size === undefined || left.members.size >> 2 > size) {
    const copy = copyOf(left);
    copy.subtract(right);
    return copy;
  }
  const result = new PySet();
  const holder = asSet(right);
  for (const item of left.ordered()) if (!holder.contains(item)) result.add(item);
  return result;
}

function intersection(left: PySet, right: Value | undefined): PySet {
  const result = new PySet();
  if (right instanceof PySet && right.members.size > left.members.size) {
    for (const item of left.ordered()) if (right.contains(item)) result.add(item);
    return result;
  }
  for (const item of iterate(right ?? null)) if (left.contains(item)) result.add(item);
  return result;
}

function toggle(self: PySet, other: PySet): void {
  for (const item of other.ordered()) if (!self.remove(item)) self.add(item);
}

const intersectionOf = (self: PySet, others: readonly (Value | undefined)[]): PySet => {
  let result = others.length === 0 ? copyOf(self) : self;
  for (const other of others) result = intersection(result, other);
  return result;
};

const setMethods = builtinMethods<PySet>("set", {
  "add(item)": (self, [item = null]) => {
    self.add(item);
    return null;
  },
  "discard(object)": (self, [item = null]) => {
    self.remove(item);
    return null;
  },
  "remove(item)": (self, [item = null]) => {
    if (!self.remove(item)) throw keyError(item);
    return null;
  },
  "pop()": (self) => {
    const item = self.pop();
    if (item === undefined) throw new PyError("KeyError", "'pop from an empty set'");
    return item;
  },
  "copy()": copyOf,
  "union(*)": (self, others) => {
    const all = copyOf(self);
    for (const other of others) all.update(other);
    return all;
  },
  "intersection(*)": intersectionOf,
  "difference(*)": (self, others) => {
    const [first, ...rest] = others;
    const result = first === undefined ? copyOf(self) : difference(self, first);
    for (const other of rest) result.subtract(other);
    return result;
  },
  "update(*)": (self, others) => {
    for (const other of others) self.update(other);
    return null;
  },
  "intersection_update(*)": (self, others) => {
    self.become(intersectionOf(self, others));
    return null;
  },
  "difference_update(*)": (self, others) => {
    for (const other of others) self.subtract(other);
    return null;
  },
  "symmetric_difference_update(other)": (self, [other]) => {
    if (other === self) self.clear();
    else toggle(self, asSet(other));
    return null;
  },
  "clear()": (self) => {
    self.clear();
    return null;
  },
  "symmetric_difference(other)": (self, [other]) => {
    const result = other instanceof PySet ? copyOf(other) : asSet(other);
    toggle(result, self);
    return result;
  },
  "issubset(other)": (self, [other]) => self.within(asSet(other)),
  "issuperset(other)": (self, [other]) => asSet(other).within(self),
  "isdisjoint(other)": (self, [other]) =>
    ![...iterate(other ?? null)].some((item) => self.contains(item)),
});
