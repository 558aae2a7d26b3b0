import { iterate } from "./basics.ts";
import { typeError, valueError } from "./error.ts";
import { spend } from "./limits.ts";
import { PyObject, typeName, type Value } from "./value.ts";

/** What `map`, `select`, `reverse`... give: runs once. */
export class PyIterator extends PyObject {
  readonly typeName: string;
  readonly #label: string;
  readonly #iterator: Iterator<Value>;
  /** `label`: the name of the generator, in its text. */
  constructor(items: Iterable<Value>, typeName = "generator", label = "") {
    super();
    this.typeName = typeName;
    this.#label = label === "" ? "" : ` ${label}`;
    this.#iterator = items[Symbol.iterator]();
  }
  repr(): string {
    return `<${this.typeName} object${this.#label} at 0x7f0000000000>`;
  }
  override truth(): boolean {
    return true;
  }
  next(): Value | undefined {
    const step = this.#iterator.next();
    return step.done === true ? undefined : step.value;
  }
  override *iterate(): Iterable<Value> {
    for (let item = this.next(); item !== undefined; item = this.next()) {
      spend(1);
      yield item;
    }
  }
}

const REVERSIBLE: ReadonlySet<string> = new Set([
  "list",
  "tuple",
  "_GroupTuple",
  "bytes",
  "range",
  "dict",
  "dict_keys",
  "dict_values",
  "dict_items",
]);

/** The members of a value backwards; a TypeError where it is no sequence. */
export function reversedItems(value: Value): Value[] | undefined {
  if (!(value instanceof PyObject)) return undefined;
  if (!REVERSIBLE.has(value.typeName)) return undefined;
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
