import { iterate } from "./basics.ts";
import { typeError, valueError } from "./error.ts";
import { sliceRange, position, PySlice } from "./slice.ts";
import { PyObject, typeName, type Value } from "./value.ts";

/** What `map`, `select`, `reverse`... give: runs once. */
export class PyIterator extends PyObject {
  readonly typeName: string;
  readonly #iterator: Iterator<Value>;
  constructor(items: Iterable<Value>, typeName = "generator") {
    super();
    this.typeName = typeName;
    this.#iterator = items[Symbol.iterator]();
  }
  repr(): string {
    return `<${this.typeName} object at 0x7f0000000000>`;
  }
  override truth(): boolean {
    return true;
  }
  next(): Value | undefined {
    const step = this.#iterator.next();
    return step.done === true ? undefined : step.value;
  }
  override *iterate(): Iterable<Value> {
    for (let item = this.next(); item !== undefined; item = this.next()) yield item;
  }
}

/** `range(...)`: lazy, of any size. */
export class PyRange extends PyObject {
  readonly typeName = "range";
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly #count: number;
  constructor(start: number, stop: number, step: number) {
    super();
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.#count = Math.max(0, Math.ceil((stop - start) / step));
  }
  repr(): string {
    const step = this.step === 1 ? "" : `, ${this.step}`;
    return `range(${this.start}, ${this.stop}${step})`;
  }
  override size(): number {
    return this.#count;
  }
  at(index: number): number {
    return this.start + index * this.step;
  }
  override *iterate(): Iterable<Value> {
    for (let index = 0; index < this.#count; index++) yield this.at(index);
  }
  override contains(item: Value): boolean | undefined {
    if (typeof item !== "number" || !Number.isInteger(item)) return undefined;
    const offset = (item - this.start) / this.step;
    return Number.isInteger(offset) && offset >= 0 && offset < this.#count;
  }
  override equals(other: Value): boolean {
    return (
      other instanceof PyRange &&
      other.size() === this.#count &&
      (this.#count === 0 ||
        (this.start === other.start && (this.#count === 1 || this.step === other.step)))
    );
  }
  override getItem(key: Value): Value | undefined {
    if (key instanceof PySlice) {
      const { start, step, count } = sliceRange(key, this.#count);
      return new PyRange(this.at(start), this.at(start + step * count), this.step * step);
    }
    const at = position(key, this.#count);
    return at === undefined ? undefined : this.at(at);
  }
  override getAttribute(name: string): Value | undefined {
    if (name === "start" || name === "stop" || name === "step") return this[name];
    return undefined;
  }
}

/** The members of a value backwards; a TypeError where it is no sequence. */
export function reversedItems(value: Value): Value[] | undefined {
  if (!(value instanceof PyObject)) return undefined;
  const known = ["list", "tuple", "range", "dict", "dict_keys", "dict_values", "dict_items"];
  if (!known.includes(value.typeName)) return undefined;
  return [...(value.iterate() ?? [])].reverse();
}

/** The values of a target list such as `a, b`; fails where a value has no members or the count differs. */
export function unpackValue(value: Value, count: number): Value[] {
  if (typeof value !== "string" && !(value instanceof PyObject && value.iterate() !== undefined)) {
    throw typeError(`cannot unpack non-iterable ${typeName(value)} object`);
  }
  const members = iterate(value);
  const items: Value[] = [];
  for (const item of members) {
    items.push(item);
    if (items.length > count) throw valueError(`too many values to unpack (expected ${count})`);
  }
  if (items.length < count) {
    throw valueError(`not enough values to unpack (expected ${count}, got ${items.length})`);
  }
  return items;
}
