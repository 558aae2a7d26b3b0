import { Namespace } from "./interpreter/namespace.ts";
import { lipsum } from "./lipsum.ts";
import { pairsOf, PyDict } from "./values/dict.ts";
import { PyError, typeError } from "./values/error.ts";
import { PyFunction, PyType } from "./values/method.ts";
import { makeRange } from "./values/range.ts";
import { textRepr } from "./values/text.ts";
import { type CallArguments, PyObject, type Value } from "./values/value.ts";

class Cycler extends PyObject {
  readonly typeName = "Cycler";
  readonly #items: readonly Value[];
  #at = 0;
  constructor(items: readonly Value[]) {
    super();
    this.#items = items;
  }
  override get objectName(): string {
    return "jinja2.utils.Cycler";
  }
  repr(): string {
    return "<jinja2.utils.Cycler object at 0x7f0000000000>";
  }
  override getAttribute(name: string): Value | undefined {
    if (name === "current") return this.#items[this.#at];
    if (name === "next") {
      return new PyFunction("next", () => {
        const item = this.#items[this.#at] ?? null;
        this.#at = (this.#at + 1) % this.#items.length;
        return item;
      });
    }
    if (name !== "reset") return undefined;
    return new PyFunction("reset", () => {
      this.#at = 0;
      return null;
    });
  }
}

class Joiner extends PyObject {
  readonly typeName = "Joiner";
  override get objectName(): string {
    return "jinja2.utils.Joiner";
  }
  readonly #separator: Value;
  #used = false;
  constructor(separator: Value) {
    super();
    this.#separator = separator;
  }
  repr(): string {
    return "<jinja2.utils.Joiner object at 0x7f0000000000>";
  }
  override get callable(): boolean {
    return true;
  }
  override call({ args }: CallArguments): Value {
    if (args.length > 0) {
      throw typeError(
        `Joiner.__call__() takes 1 positional argument but ${args.length + 1} were given`,
      );
    }
    if (this.#used) return this.#separator;
    this.#used = true;
    return "";
  }
}

/** Names that every template sees: made anew for each use, so that no rendering leaves anything behind. */
export const builtinGlobals: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["range", new PyType("range", ({ args }) => makeRange(args))],
  ["dict", new PyType("dict", (call) => new PyDict(pairsOf(call, "dict")))],
  [
    "namespace",
    new PyType("jinja2.utils.Namespace", (call) => {
      const dict = new PyDict(pairsOf(call, "dict"));
      return new Namespace(
        Array.from(dict.entries.values(), ([key, value]) => [String(key), value] as const),
      );
    }),
  ],
  [
    "cycler",
    new PyType("jinja2.utils.Cycler", ({ args }) => {
      if (args.length === 0)
        throw new PyError("RuntimeError", "at least one item has to be provided");
      return new Cycler(args);
    }),
  ],
  [
    "joiner",
    new PyType("jinja2.utils.Joiner", ({ args, kwargs }) => {
      const extra = [...kwargs.keys()].find((key) => key !== "sep");
      if (extra !== undefined) {
        throw typeError(`Joiner.__init__() got an unexpected keyword argument ${textRepr(extra)}`);
      }
      const count = args.length + 1;
      if (count > 2) {
        throw typeError(
          `Joiner.__init__() takes from 1 to 2 positional arguments but ${count} were given`,
        );
      }
      return new Joiner(args[0] ?? kwargs.get("sep") ?? ", ");
    }),
  ],
  ["lipsum", lipsum],
]);
