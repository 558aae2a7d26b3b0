import type { MacroBody, MacroScope } from "../syntax/nodes.ts";
import { PyDict } from "../values/dict.ts";
import { typeError } from "../values/error.ts";
import { PyTuple } from "../values/sequence.ts";
import { textRepr } from "../values/text.ts";
import { Undefined } from "../values/undefined.ts";
import { type CallArguments, PyObject, type Value } from "../values/value.ts";

/** What a macro's body is given: the parameters (undefined where not passed) and the special names. */
export interface MacroArguments {
  readonly parameters: readonly (Value | undefined)[];
  readonly caller: Value | undefined;
  readonly kwargs: Value | undefined;
  readonly varargs: Value | undefined;
}

/** A macro, or the body of a call block. */
export class Macro extends PyObject {
  readonly typeName = "Macro";
  readonly #body: MacroBody;
  readonly #scope: MacroScope;
  readonly #names: readonly string[];
  readonly #invoke: (given: MacroArguments) => Value;

  constructor(body: MacroBody, scope: MacroScope, invoke: (given: MacroArguments) => Value) {
    super();
    this.#body = body;
    this.#scope = scope;
    this.#names = body.parameters.children.map((parameter) => parameter.name);
    this.#invoke = invoke;
  }

  override get objectName(): string {
    return "jinja2.runtime.Macro";
  }
  get #label(): string {
    return this.#body.name === null ? "None" : textRepr(this.#body.name);
  }
  repr(): string {
    return `<Macro ${this.#body.name === null ? "anonymous" : this.#label}>`;
  }
  override get callable(): boolean {
    return true;
  }
  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "name":
        return this.#body.name;
      case "arguments":
        return new PyTuple(this.#names);
      case "catch_kwargs":
        return this.#scope.kwargs !== undefined;
      case "catch_varargs":
        return this.#scope.varargs !== undefined;
      case "caller":
        return this.#scope.caller !== undefined;
      default:
        return undefined;
    }
  }

  override call({ args, kwargs }: CallArguments): Value {
    const names = this.#names;
    const scope = this.#scope;
    const rest = new Map(kwargs);
    const parameters: (Value | undefined)[] = args.slice(0, names.length);
    let callerFound = parameters.length === names.length && scope.explicitCaller;
    for (const name of names.slice(parameters.length)) {
      parameters.push(rest.get(name));
      rest.delete(name);
      if (name === "caller") callerFound = true;
    }
    let caller: Value | undefined;
    if (scope.caller !== undefined && !callerFound) {
      const given = rest.get("caller");
      caller =
        given === undefined || given === null
          ? new Undefined({ hint: "No caller defined", name: "caller" })
          : given;
      rest.delete("caller");
    }
    const [unexpected] = rest.keys();
    if (scope.kwargs === undefined && unexpected !== undefined) {
      throw typeError(
        rest.has("caller")
          ? `macro ${this.#label} was invoked with two values for the special caller argument. ` +
              "This is most likely a bug."
          : `macro ${this.#label} takes no keyword argument ${textRepr(unexpected)}`,
      );
    }
    if (scope.varargs === undefined && args.length > names.length) {
      throw typeError(`macro ${this.#label} takes not more than ${names.length} argument(s)`);
    }
    return this.#invoke({
      parameters,
      caller,
      kwargs: scope.kwargs === undefined ? undefined : new PyDict(rest),
      varargs: scope.varargs === undefined ? undefined : new PyTuple(args.slice(names.length)),
    });
  }
}
