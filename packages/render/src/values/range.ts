import { equals, repr } from "./basics.ts";
import { typeError, valueError } from "./error.ts";
import { limitError, limits } from "./limits.ts";
import { builtinMethods } from "./method.ts";
import { position, PySlice, sliceRange } from "./slice.ts";
import { int, PyObject, typeName, type Value } from "./value.ts";

/** `range(...)`: lazy, of any size. */
export class PyRange extends PyObject {
  readonly typeName = "range";
  readonly start: number | bigint;
  readonly stop: number | bigint;
  readonly step: number | bigint;
  readonly #count: number;
  constructor(start: number | bigint, stop: number | bigint, step: number | bigint) {
    super();
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.#count = countOf(start, stop, step);
  }
  repr(): string {
    const step = this.step === 1 ? "" : `, ${repr(this.step)}`;
    return `range(${repr(this.start)}, ${repr(this.stop)}${step})`;
  }
  override size(): number {
    return this.#count;
  }
  at(index: number): number | bigint {
    if (typeof this.start === "number" && typeof this.step === "number") {
      const value = this.start + index * this.step;
      if (Number.isSafeInteger(value)) return value;
    }
    return int(BigInt(this.start) + BigInt(index) * BigInt(this.step));
  }
  override *iterate(): Iterable<Value> {
    for (let index = 0; index < this.#count; index++) yield this.at(index);
  }
  override contains(item: Value): boolean | undefined {
    const index = this.indexOf(item);
    return index === undefined ? undefined : index >= 0;
  }
  /** Where an int is, negative where it is not; undefined for what is no int. */
  indexOf(item: Value): number | undefined {
    const whole = typeof item === "boolean" ? Number(item) : item;
    const isWhole = typeof whole === "bigint" || Number.isInteger(whole);
    if (!isWhole || (typeof whole !== "bigint" && typeof whole !== "number")) return undefined;
    const offset = BigInt(whole) - BigInt(this.start);
    const step = BigInt(this.step);
    if (offset % step !== 0n) return -1;
    const index = Number(offset / step);
    return index >= 0 && index < this.#count ? index : -1;
  }
  override equals(other: Value): boolean {
    return (
      other instanceof PyRange &&
      other.size() === this.#count &&
      (this.#count === 0 ||
        (this.start === other.start && (this.#count === 1 || this.step === other.step)))
    );
  }
  override hashKey(): string {
    const end = this.#count === 0 ? "" : `${this.start},${this.#count === 1 ? "" : this.step}`;
    return `\0R${this.#count},${end}`;
  }
  override getItem(key: Value): Value | undefined {
    if (key instanceof PySlice) {
      const { start, step, count } = sliceRange(key, this.#count);
      const by = int(BigInt(this.step) * BigInt(step));
      return new PyRange(this.at(start), this.at(start + step * count), by);
    }
    const at = position(key, this.#count);
    return at === undefined ? undefined : this.at(at);
  }
  override getAttribute(name: string): Value | undefined {
    if (name === "start" || name === "stop" || name === "step") return this[name];
    return methods(this, name);
  }
}

function countOf(start: number | bigint, stop: number | bigint, step: number | bigint): number {
  if (typeof start === "number" && typeof stop === "number" && typeof step === "number") {
    return Math.max(0, Math.ceil((stop - start) / step));
  }
  const by = BigInt(step);
  const span = BigInt(stop) - BigInt(start);
  if (span === 0n || span > 0n !== by > 0n) return 0;
  return Number((span + by - (by > 0n ? 1n : -1n)) / by);
}

const methods = builtinMethods<PyRange>("range", {
  "index(value)": (self, [value = null]) => {
    const known = self.indexOf(value);
    if (known === undefined) {
      let at = 0;
      for (const item of self.iterate()) {
        if (equals(item, value)) return at;
        at++;
      }
      throw valueError("sequence.index(x): x not in sequence");
    }
    if (known < 0) throw valueError(`${repr(value)} is not in range`);
    return known;
  },
  "count(value)": (self, [value = null]) => {
    const known = self.indexOf(value);
    if (known !== undefined) return known < 0 ? 0 : 1;
    return [...self.iterate()].filter((item) => equals(item, value)).length;
  },
});

/** An argument of `range`. */
function bound(value: Value): number | bigint {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
}

/** `range(...)`; a LimitError where it would have too many items. */
export function makeRange(args: readonly Value[]): PyRange {
  if (args.length === 0) throw typeError("range expected at least 1 argument, got 0");
  if (args.length > 3) {
    throw typeError(`range expected at most 3 arguments, got ${args.length}`);
  }
  const [first = 0, second, step = 1] = args.map(bound);
  if (step === 0) throw valueError("range() arg 3 must not be zero");
  const range = second === undefined ? new PyRange(0, first, 1) : new PyRange(first, second, step);
  const most = limits().range;
  if (range.size() > most) throw limitError(`a range would have more than ${most} items`);
  return range;
}
