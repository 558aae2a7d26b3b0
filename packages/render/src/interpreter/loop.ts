import { equals } from "../values/basics.ts";
import { typeError } from "../values/error.ts";
import { PyFunction } from "../values/method.ts";
import { PyTuple } from "../values/sequence.ts";
import { Undefined } from "../values/undefined.ts";
import { type CallArguments, orElse, PyObject, type Value } from "../values/value.ts";

/** The `loop` variable. */
export class Loop extends PyObject {
  readonly typeName = "LoopContext";
  readonly #source: Value | undefined;
  #iterator: Iterator<Value>;
  readonly #depth0: number;
  readonly #recurse: ((items: Value, depth: number) => Value) | undefined;
  #index0 = -1;
  #length: number | undefined;
  #after: Value | undefined;
  #ended = false;
  #current: Value | undefined;
  #before: Value | undefined;
  #changed: PyTuple | undefined;

  constructor(
    items: Iterable<Value>,
    source: Value | undefined,
    depth0: number,
    recurse?: (items: Value, depth: number) => Value,
  ) {
    super();
    this.#iterator = items[Symbol.iterator]();
    this.#source = source;
    this.#depth0 = depth0;
    this.#recurse = recurse;
  }

  override get objectName(): string {
    return "jinja2.runtime.LoopContext";
  }

  /** The next item; undefined at the end. */
  next(): Value | undefined {
    const item = this.#peek();
    if (item === undefined) return undefined;
    this.#after = undefined;
    this.#index0++;
    this.#before = this.#current;
    this.#current = item;
    return item;
  }

  #peek(): Value | undefined {
    if (this.#after !== undefined || this.#ended) return this.#after;
    const step = this.#iterator.next();
    if (step.done === true) this.#ended = true;
    else this.#after = step.value;
    return this.#after;
  }

  #size(): number {
    if (this.#length === undefined) {
      const source = this.#source;
      const size =
        typeof source === "string"
          ? [...source].length
          : source instanceof PyObject
            ? source.size()
            : undefined;
      if (size === undefined) {
        const rest: Value[] = [];
        for (let step = this.#iterator.next(); step.done !== true; step = this.#iterator.next()) {
          rest.push(step.value);
        }
        this.#iterator = rest[Symbol.iterator]();
        this.#length = rest.length + this.#index0 + 1 + (this.#after === undefined ? 0 : 1);
      } else this.#length = size;
    }
    return this.#length;
  }

  repr(): string {
    return `<LoopContext ${this.#index0 + 1}/${this.#size()}>`;
  }
  override size(): number {
    return this.#size();
  }
  /** What is left, each with the loop itself: taking an item moves the loop on. */
  override *iterate(): Generator<Value> {
    for (let item = this.next(); item !== undefined; item = this.next()) {
      yield new PyTuple([item, this]);
    }
  }
  override get callable(): boolean {
    return true;
  }
  override call({ args }: CallArguments): Value {
    if (this.#recurse === undefined) {
      throw typeError("The loop must have the 'recursive' marker to be called recursively.");
    }
    const [items] = args;
    if (items === undefined || args.length > 1) {
      throw typeError("LoopContext.__call__() missing 1 required positional argument: 'iterable'");
    }
    return this.#recurse(items, this.#depth0 + 1);
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "index":
        return this.#index0 + 1;
      case "index0":
        return this.#index0;
      case "first":
        return this.#index0 === 0;
      case "last":
        return this.#peek() === undefined;
      case "length":
        return this.#size();
      case "revindex":
        return this.#size() - this.#index0;
      case "revindex0":
        return this.#size() - this.#index0 - 1;
      case "depth":
        return this.#depth0 + 1;
      case "depth0":
        return this.#depth0;
      case "previtem":
        return this.#index0 === 0
          ? new Undefined({ hint: "there is no previous item" })
          : this.#before;
      case "nextitem":
        return orElse(this.#peek(), () => new Undefined({ hint: "there is no next item" }));
      case "cycle":
        return new PyFunction("cycle", ({ args }) => {
          if (args.length === 0) throw typeError("no items for cycling given");
          return args[this.#index0 % args.length] ?? null;
        });
      case "changed":
        return new PyFunction("changed", ({ args }) => {
          const now = new PyTuple(args);
          if (this.#changed !== undefined && equals(this.#changed, now)) return false;
          this.#changed = now;
          return true;
        });
      default:
        return undefined;
    }
  }
}
