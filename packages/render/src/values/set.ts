import { hashKey, iterate, keyError, repr } from "./basics.ts";
import { PyError, typeError } from "./error.ts";
import { builtinMethods } from "./method.ts";
import { type BinaryOperator, type HashKey, type Order, PyObject, type Value } from "./value.ts";

/** A set: DynamoDB sets arrive as these (T-09). Prints in the order of insertion. */
export class PySet extends PyObject {
  readonly typeName = "set";
  readonly members: Map<HashKey, Value> = new Map();
  constructor(items: Iterable<Value> = []) {
    super();
    for (const item of items) this.add(item);
  }
  add(item: Value): void {
    const key = hashKey(item);
    if (!this.members.has(key)) this.members.set(key, item);
  }
  /** Drops the members that fail a test. */
  keep(test: (item: Value) => boolean): void {
    for (const [key, item] of this.members) if (!test(item)) this.members.delete(key);
  }
  repr(): string {
    return this.members.size === 0
      ? "set()"
      : `{${Array.from(this.members.values(), repr).join(", ")}}`;
  }
  override size(): number {
    return this.members.size;
  }
  override iterate(): Iterable<Value> {
    return [...this.members.values()];
  }
  override contains(item: Value): boolean {
    return this.members.has(hashKey(item));
  }
  override equals(other: Value): boolean {
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

const difference = (left: PySet, right: PySet): PySet =>
  new PySet([...left.iterate()].filter((item) => !right.contains(item)));

const asSet = (value: Value | undefined): PySet => new PySet(iterate(value ?? null));

const setMethods = builtinMethods<PySet>("set", {
  "add(item)": (self, [item = null]) => {
    self.add(item);
    return null;
  },
  "discard(object)": (self, [item = null]) => {
    self.members.delete(hashKey(item));
    return null;
  },
  "remove(item)": (self, [item = null]) => {
    if (!self.members.delete(hashKey(item))) throw keyError(item);
    return null;
  },
  "pop()": (self) => {
    const first = [...self.members][0];
    if (first === undefined) throw new PyError("KeyError", "'pop from an empty set'");
    self.members.delete(first[0]);
    return first[1];
  },
  "copy()": (self) => new PySet(self.iterate()),
  "union(*)": (self, others) => {
    const all = new PySet(self.iterate());
    for (const other of others) for (const item of iterate(other ?? null)) all.add(item);
    return all;
  },
  "intersection(*)": (self, others) => {
    const sets = others.map(asSet);
    return new PySet([...self.iterate()].filter((item) => sets.every((set) => set.contains(item))));
  },
  "difference(*)": (self, others) => {
    const sets = others.map(asSet);
    return new PySet([...self.iterate()].filter((item) => !sets.some((set) => set.contains(item))));
  },
  "update(*)": (self, others) => {
    for (const other of others) for (const item of iterate(other ?? null)) self.add(item);
    return null;
  },
  "intersection_update(*)": (self, others) => {
    const sets = others.map(asSet);
    self.keep((item) => sets.every((set) => set.contains(item)));
    return null;
  },
  "difference_update(*)": (self, others) => {
    const sets = others.map(asSet);
    self.keep((item) => !sets.some((set) => set.contains(item)));
    return null;
  },
  "symmetric_difference_update(other)": (self, [other]) => {
    for (const item of asSet(other).iterate()) {
      const key = hashKey(item);
      if (!self.members.delete(key)) self.members.set(key, item);
    }
    return null;
  },
  "clear()": (self) => {
    self.members.clear();
    return null;
  },
  "symmetric_difference(other)": (self, [other]) => {
    const right = asSet(other);
    return new PySet([...difference(self, right).iterate(), ...difference(right, self).iterate()]);
  },
  "issubset(other)": (self, [other]) => self.within(asSet(other)),
  "issuperset(other)": (self, [other]) => asSet(other).within(self),
  "isdisjoint(other)": (self, [other]) =>
    ![...iterate(other ?? null)].some((item) => self.contains(item)),
});
