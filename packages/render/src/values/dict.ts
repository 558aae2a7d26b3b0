import { contains, equals, hashKey, iterate, keyError, repr } from "./basics.ts";
import { PyError, typeError, valueError } from "./error.ts";
import { builtinMethods } from "./method.ts";
import { guarded, PyTuple } from "./sequence.ts";
import { PySet } from "./set.ts";
import { Undefined } from "./undefined.ts";
import {
  type BinaryOperator,
  type CallArguments,
  type HashKey,
  type Order,
  orElse,
  PyObject,
  type Value,
} from "./value.ts";

/** A dict: keys in order of insertion, equal keys (`1`, `1.0`, `True`) are one. */
export class PyDict extends PyObject {
  readonly typeName = "dict";
  readonly entries: Map<HashKey, [key: Value, value: Value]> = new Map();
  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    super();
    for (const [key, value] of entries) this.set(key, value);
  }
  get(key: Value): Value | undefined {
    return this.entries.get(hashKey(key))?.[1];
  }
  set(key: Value, value: Value): void {
    const hash = hashKey(key);
    const entry = this.entries.get(hash);
    if (entry === undefined) this.entries.set(hash, [key, value]);
    else entry[1] = value;
  }
  keys(): Value[] {
    return Array.from(this.entries.values(), ([key]) => key);
  }
  repr(): string {
    return guarded(this, "{...}", () => {
      const parts = Array.from(
        this.entries.values(),
        ([key, value]) => `${repr(key)}: ${repr(value)}`,
      );
      return `{${parts.join(", ")}}`;
    });
  }
  override size(): number {
    return this.entries.size;
  }
  override iterate(): Iterable<Value> {
    return this.keys();
  }
  override contains(item: Value): boolean {
    return this.entries.has(hashKey(item));
  }
  override equals(other: Value): boolean {
    if (!(other instanceof PyDict) || other.entries.size !== this.entries.size) return false;
    for (const [hash, [, value]] of this.entries) {
      const entry = other.entries.get(hash);
      if (entry === undefined || !equals(value, entry[1])) return false;
    }
    return true;
  }
  override hashKey(): never {
    throw typeError("unhashable type: 'dict'");
  }
  override getItem(key: Value): Value | undefined {
    if (key instanceof PyObject && (key instanceof PyDict || key.typeName === "list")) {
      return undefined;
    }
    return this.get(key);
  }
  override getAttribute(name: string): Value | undefined {
    return dictMethods(this, name);
  }
}

/** What `keys()`, `values()` and `items()` give: follows the dict. */
class PyDictView extends PyObject {
  readonly typeName: string;
  readonly #dict: PyDict;
  readonly #take: (entry: [Value, Value]) => Value;
  constructor(kind: "keys" | "values" | "items", dict: PyDict) {
    super();
    this.typeName = `dict_${kind}`;
    this.#dict = dict;
    this.#take =
      kind === "keys"
        ? ([key]) => key
        : kind === "values"
          ? ([, value]) => value
          : ([key, value]) => new PyTuple([key, value]);
  }
  repr(): string {
    return `${this.typeName}([${[...this.iterate()].map(repr).join(", ")}])`;
  }
  override size(): number {
    return this.#dict.entries.size;
  }
  override iterate(): Iterable<Value> {
    return Array.from(this.#dict.entries.values(), this.#take);
  }
  override hashKey(): HashKey {
    if (this.typeName === "dict_values") return this;
    throw typeError(`unhashable type: '${this.typeName}'`);
  }
  override equals(other: Value): boolean {
    if (this === other) return true;
    return this.#isSetLike(other) && other.size() === this.size() && within(this, other);
  }
  /** Keys and items are compared with sets and with one another. */
  #isSetLike(other: Value): other is PySet | PyDictView {
    if (this.typeName === "dict_values") return false;
    if (other instanceof PySet) return true;
    return other instanceof PyDictView && other.typeName !== "dict_values";
  }
  override compare(other: Value): Order {
    if (!this.#isSetLike(other)) return undefined;
    if (this.equals(other)) return 0;
    return within(this, other) ? -1 : within(other, this) ? 1 : Number.NaN;
  }
  override operate(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    if (operator !== "-" || this.typeName === "dict_values") return undefined;
    const result = new PySet();
    result.update(reversed ? other : this.#source());
    result.subtract(reversed ? this : other);
    return result;
  }
  /** The keys of a dict are merged into a set as the dict itself. */
  #source(): Value {
    return this.typeName === "dict_keys" ? this.#dict : this;
  }
  override getAttribute(name: string): Value | undefined {
    if (name === "mapping") return new PyMappingProxy(this.#dict.entries.values());
    if (name !== "isdisjoint" || this.typeName === "dict_values") return undefined;
    return viewMethods(this, name);
  }
  override contains(item: Value): boolean | undefined {
    return this.typeName === "dict_keys" ? this.#dict.contains(item) : undefined;
  }
}

const within = (left: PyObject, right: Value): boolean =>
  [...(left.iterate() ?? [])].every((item) => contains(right, item));

const viewMethods = builtinMethods<PyDictView>("dict_keys", {
  "isdisjoint(other)": (self, [other = null]) => {
    for (const item of iterate(other)) if (contains(self, item)) return false;
    return true;
  },
});

/** A dict that is only looked at. */
export class PyMappingProxy extends PyDict {
  override repr(): string {
    return `mappingproxy(${super.repr()})`;
  }
  override str(): string {
    return super.repr();
  }
}

/** The pairs that `dict(...)` and `update(...)` take: a dict, pairs, keywords. */
export function pairsOf(call: CallArguments, name: string): [Value, Value][] {
  if (call.args.length > 1) {
    throw typeError(`${name} expected at most 1 argument, got ${call.args.length}`);
  }
  const pairs: [Value, Value][] = [];
  const [source] = call.args;
  if (source instanceof Undefined) source.fail();
  if (source instanceof PyDict) for (const entry of source.entries.values()) pairs.push(entry);
  else if (source !== undefined) {
    let index = 0;
    for (const item of iterate(source)) {
      const parts = pairParts(item, index++);
      pairs.push(parts);
    }
  }
  for (const [key, value] of call.kwargs) pairs.push([key, value]);
  return pairs;
}

function pairParts(item: Value, index: number): [Value, Value] {
  if (typeof item !== "string" && !(item instanceof PyObject && item.iterate() !== undefined)) {
    throw typeError(`cannot convert dictionary update sequence element #${index} to a sequence`);
  }
  const parts = [...iterate(item)];
  const [key, value] = parts;
  if (parts.length !== 2 || key === undefined || value === undefined) {
    throw valueError(
      `dictionary update sequence element #${index} has length ${parts.length}; 2 is required`,
    );
  }
  return [key, value];
}

const dictMethods = builtinMethods<PyDict>("dict", {
  "get(key, default=None, /)": (self, [key = null, fallback = null]) =>
    orElse(self.get(key), () => fallback),
  "keys()": (self) => new PyDictView("keys", self),
  "values()": (self) => new PyDictView("values", self),
  "items()": (self) => new PyDictView("items", self),
  "copy()": (self) => new PyDict(self.entries.values()),
  "clear()": (self) => {
    self.entries.clear();
    return null;
  },
  "pop(key, default=?, /)": (self, [key = null, fallback]) => {
    const value = self.get(key);
    if (value === undefined) {
      if (fallback === undefined) throw keyError(key);
      return fallback;
    }
    self.entries.delete(hashKey(key));
    return value;
  },
  "popitem()": (self) => {
    const last = [...self.entries].at(-1);
    if (last === undefined) throw new PyError("KeyError", "'popitem(): dictionary is empty'");
    self.entries.delete(last[0]);
    return new PyTuple(last[1]);
  },
  "setdefault(key, default=None, /)": (self, [key = null, fallback = null]) => {
    const value = self.get(key);
    if (value !== undefined) return value;
    self.set(key, fallback);
    return fallback;
  },
  "update(*, **)": (self, args, kwargs) => {
    const call = { args: args.map((item) => item ?? null), kwargs };
    for (const [key, value] of pairsOf(call, "update")) self.set(key, value);
    return null;
  },
  "fromkeys(iterable, value=None, /)": (_self, [keys = null, value = null]) =>
    new PyDict([...iterate(keys)].map((key) => [key, value] as const)),
});
