import { repr } from "../values/basics.ts";
import { PyObject, type Value } from "../values/value.ts";

/** `namespace(...)`: the one thing whose attributes a template may set. */
export class Namespace extends PyObject {
  readonly typeName = "Namespace";
  readonly #values: Map<string, Value>;
  constructor(values: Iterable<readonly [string, Value]>) {
    super();
    this.#values = new Map(values);
  }
  override get objectName(): string {
    return "jinja2.utils.Namespace";
  }
  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }
  repr(): string {
    const entries = Array.from(this.#values, ([key, value]) => `${repr(key)}: ${repr(value)}`);
    return `<Namespace {${entries.join(", ")}}>`;
  }
  override getAttribute(name: string): Value | undefined {
    return this.#values.get(name);
  }
}
