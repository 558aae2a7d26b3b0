import { typeError } from "./error.ts";
import { type CallArguments, PyObject, typeName, type Value } from "./value.ts";

/** What a function does with its bound arguments: the parameters in order, then what `*` collected. */
export type Implementation<S> = (
  self: S,
  args: readonly (Value | undefined)[],
  kwargs: ReadonlyMap<string, Value>,
) => Value;

interface Parameter {
  readonly name: string;
  readonly required: boolean;
  readonly default: Value | undefined;
}

/** How arguments are bound: a signature such as `sep=None, maxsplit=-1`. */
export interface Signature {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly rest: boolean;
  readonly keywords: boolean;
  readonly positionalOnly: boolean;
  readonly required: number;
}

/**
 * Reads `name(a, b=1, *, **)`; a trailing `/` makes all positional only; `=?` is optional without a default.
 * Defaults: None, True, False, ints, quoted text.
 */
export function parseSignature(text: string): Signature {
  const open = text.indexOf("(");
  const parts = text
    .slice(open + 1, -1)
    .split(/,\s*(?=[\w*/])/)
    .filter((part) => part !== "");
  const named = parts.filter((part) => !/^[*/]/.test(part));
  const parameters = named.map((part): Parameter => {
    const equals = part.indexOf("=");
    if (equals < 0) return { name: part, required: true, default: undefined };
    return {
      name: part.slice(0, equals),
      required: false,
      default: literal(part.slice(equals + 1)),
    };
  });
  return {
    name: text.slice(0, open),
    parameters,
    rest: parts.includes("*"),
    keywords: parts.includes("**"),
    positionalOnly: parts.includes("/"),
    required: parameters.filter((parameter) => parameter.required).length,
  };
}

function literal(text: string): Value | undefined {
  if (text === "?") return undefined;
  if (text === "None") return null;
  if (text === "True") return true;
  if (text === "False") return false;
  return /^-?\d+$/.test(text) ? Number(text) : text.slice(1, -1);
}

/** Binds the arguments of a call, or fails as Python does. `owner` is `str` for `str.join`. */
export function bind(
  signature: Signature,
  call: CallArguments,
  owner?: string,
): (Value | undefined)[] {
  const { parameters } = signature;
  const count = call.args.length;
  const takesOne = owner !== undefined && parameters.length === 1 && signature.required === 1;
  const noKeywords =
    takesOne || (owner !== undefined && signature.positionalOnly && !signature.keywords);
  if (noKeywords && call.kwargs.size > 0) {
    const of = isFinder(signature, owner) || owner === "" ? "" : `${owner}.`;
    throw typeError(`${of}${signature.name}() takes no keyword arguments`);
  }
  if (owner === undefined && hasUnknown(signature, call)) throw unexpected(signature, call, owner);
  if (count > parameters.length && !signature.rest) throw tooMany(signature, count, owner);
  const bound: (Value | undefined)[] = [];
  let taken = 0;
  for (let index = 0; index < parameters.length; index++) {
    const parameter = parameters[index];
    if (parameter === undefined) break;
    const keyword = signature.positionalOnly ? undefined : call.kwargs.get(parameter.name);
    if (keyword !== undefined) taken++;
    if (index < count) {
      if (keyword !== undefined) {
        throw typeError(
          owner === undefined
            ? `${signature.name}() got multiple values for argument '${parameter.name}'`
            : `argument for ${signature.name}() given by name ('${parameter.name}') and position (${index + 1})`,
        );
      }
      bound.push(call.args[index]);
    } else if (keyword !== undefined) bound.push(keyword);
    else if (parameter.required) throw missing(signature, count, index, call, owner);
    else bound.push(parameter.default);
  }
  if (signature.rest) for (const extra of call.args.slice(parameters.length)) bound.push(extra);
  if (call.kwargs.size > taken && !signature.keywords) throw unexpected(signature, call, owner);
  return bound;
}

const hasUnknown = (signature: Signature, call: CallArguments): boolean =>
  !signature.keywords &&
  call.kwargs.size > 0 &&
  [...call.kwargs.keys()].some((key) => !signature.parameters.some(({ name }) => name === key));

/** Methods of str and bytes whose arguments CPython reads in an older way, with other errors. */
const FINDERS: ReadonlySet<string> = new Set([
  "find",
  "rfind",
  "index",
  "rindex",
  "count",
  "startswith",
  "endswith",
]);

const isFinder = (signature: Signature, owner: string | undefined): boolean =>
  (owner === "str" || owner === "bytes") && FINDERS.has(signature.name);

function tooMany(signature: Signature, count: number, owner: string | undefined): Error {
  const { name, parameters, required } = signature;
  const most = parameters.length;
  if (owner === undefined) {
    const range = required === most ? `${most}` : `from ${required} to ${most}`;
    const noun = most === 1 ? "argument" : "arguments";
    return typeError(
      `${name}() takes ${range} positional ${noun} but ${count} ${count === 1 ? "was" : "were"} given`,
    );
  }
  const short = owner.replace(/^.*\./, "");
  if (most === 0) return typeError(`${short}.${name}() takes no arguments (${count} given)`);
  if (most === 1 && required === 1) {
    const of = owner === "" ? "" : `${short}.`;
    return typeError(`${of}${name}() takes exactly one argument (${count} given)`);
  }
  if (isFinder(signature, owner)) {
    return typeError(`${name}() takes at most ${most} arguments (${count} given)`);
  }
  if (signature.positionalOnly) {
    return typeError(
      `${name} expected ${required === most ? "" : "at most "}${most} argument${most === 1 ? "" : "s"}, got ${count}`,
    );
  }
  return typeError(
    `${name}() takes at most ${most} argument${most === 1 ? "" : "s"} (${count} given)`,
  );
}

function missing(
  signature: Signature,
  count: number,
  index: number,
  call: CallArguments,
  owner: string | undefined,
): Error {
  const { name, parameters, required } = signature;
  if (owner === undefined) {
    const names = parameters
      .filter((item, at) => at >= count && item.required && !call.kwargs.has(item.name))
      .map((item) => `'${item.name}'`);
    const list =
      names.length > 2
        ? `${names.slice(0, -1).join(", ")}, and ${names.at(-1)}`
        : names.join(" and ");
    const noun = names.length === 1 ? "argument" : "arguments";
    return typeError(`${name}() missing ${names.length} required positional ${noun}: ${list}`);
  }
  if (parameters.length === 1) {
    const short = owner.replace(/^.*\./, "");
    return typeError(`${short}.${name}() takes exactly one argument (${count} given)`);
  }
  if (isFinder(signature, owner)) {
    return typeError(`${name}() takes at least 1 argument (${count} given)`);
  }
  if (signature.positionalOnly) {
    const bound = required === parameters.length ? "" : "at least ";
    return typeError(
      `${name} expected ${bound}${required} argument${required === 1 ? "" : "s"}, got ${count}`,
    );
  }
  return typeError(
    `${name}() missing required argument '${parameters[index]?.name}' (pos ${index + 1})`,
  );
}

function unexpected(signature: Signature, call: CallArguments, owner: string | undefined): Error {
  const known = new Set(signature.parameters.map((parameter) => parameter.name));
  const name = [...call.kwargs.keys()].find((key) => !known.has(key)) ?? "";
  if (owner === undefined) {
    return typeError(`${signature.name}() got an unexpected keyword argument '${name}'`);
  }
  return signature.positionalOnly || signature.parameters.length === 0
    ? typeError(`${owner}.${signature.name}() takes no keyword arguments`)
    : typeError(`'${name}' is an invalid keyword argument for ${signature.name}()`);
}

/** A function of the template's world. */
export class PyFunction extends PyObject {
  readonly typeName: string = "builtin_function_or_method";
  readonly name: string;
  readonly #run: (call: CallArguments) => Value;
  readonly #text: string;
  constructor(name: string, run: (call: CallArguments) => Value, text?: string) {
    super();
    this.name = name;
    this.#run = run;
    this.#text = text ?? `<built-in function ${name}>`;
  }
  repr(): string {
    return this.#text;
  }
  override get callable(): boolean {
    return true;
  }
  override call(call: CallArguments): Value {
    return this.#run(call);
  }
}

/** A function that is written in Python. */
class PythonFunction extends PyFunction {
  override readonly typeName = "function";
}

/** A function from its signature, such as `parse(timestr, dayfirst=None)`. */
export function pyFunction(signature: string, run: Implementation<undefined>): PyFunction {
  const parsed = parseSignature(signature);
  return new PythonFunction(
    parsed.name,
    (call) => run(undefined, bind(parsed, call), call.kwargs),
    `<function ${parsed.name} at 0x7f0000000000>`,
  );
}

/** The methods of a type from a table of signature to implementation; the result looks one up, bound. */
export function builtinMethods<S extends Value>(
  type: string,
  table: Readonly<Record<string, Implementation<S>>>,
): (self: S, name: string) => PyFunction | undefined {
  const methods = new Map<string, { signature: Signature; run: Implementation<S> }>();
  for (const [text, run] of Object.entries(table)) {
    const signature = parseSignature(text);
    methods.set(signature.name, { signature, run });
  }
  return (self, name) => {
    const method = methods.get(name);
    if (method === undefined) return undefined;
    return new PyFunction(
      name,
      (call) => method.run(self, bind(method.signature, call, type), call.kwargs),
      `<built-in method ${name} of ${type} object at 0x7f0000000000>`,
    );
  };
}

/** A class: called to make a value, with members of its own such as `datetime.now`. */
export class PyType extends PyObject {
  readonly typeName = "type";
  readonly name: string;
  readonly #create: (call: CallArguments) => Value;
  readonly #members: ReadonlyMap<string, Value | (() => Value)>;
  readonly #matches: (value: Value) => boolean;
  constructor(
    name: string,
    create: (call: CallArguments) => Value,
    members: Readonly<Record<string, Value | (() => Value)>> = {},
    matches: (value: Value) => boolean = () => false,
  ) {
    super();
    this.name = name;
    this.#create = create;
    this.#members = new Map(Object.entries(members));
    this.#matches = matches;
  }
  repr(): string {
    return `<class '${this.name}'>`;
  }
  matches(value: Value): boolean {
    return this.#matches(value);
  }
  override get objectName(): string {
    return "type";
  }
  override get callable(): boolean {
    return true;
  }
  override call(call: CallArguments): Value {
    return this.#create(call);
  }
  override getAttribute(name: string): Value | undefined {
    const member = this.#members.get(name);
    if (member !== undefined) return typeof member === "function" ? member() : member;
    return this.#unbound(name);
  }
  /** A method of the instances, which takes one as its first argument: `datetime.isoformat(start)`. */
  #unbound(name: string): Value | undefined {
    const example = this.#members.get("min");
    const instance = typeof example === "function" ? example() : example;
    if (!(instance instanceof PyObject)) return undefined;
    if (!(instance.getAttribute(name) instanceof PyFunction)) return undefined;
    const short = this.name.replace(/^.*\./, "");
    return new PyFunction(
      name,
      ({ args: [self, ...args], kwargs }) => {
        if (self === undefined) {
          throw typeError(`unbound method ${short}.${name}() needs an argument`);
        }
        if (!(self instanceof PyObject) || !this.#matches(self)) {
          throw typeError(
            `descriptor '${name}' for '${this.name}' objects doesn't apply to a '${typeName(self)}' object`,
          );
        }
        const method = this.#methodOf(self, instance, name);
        return method.call({ args, kwargs });
      },
      `<method '${name}' of '${this.name}' objects>`,
    );
  }
  /** The method as this class has it, though the value may be of a more special one. */
  #methodOf(self: PyObject, instance: PyObject, name: string): PyObject {
    const base = instance.typeName === self.typeName ? self : (self.asBase() ?? self);
    const method = base.getAttribute(name);
    if (method instanceof PyFunction) return method;
    throw typeError(`'${self.typeName}' object is not callable`);
  }
}

/** A module: members by name, nothing else. */
export class PyModule extends PyObject {
  readonly typeName = "module";
  readonly #name: string;
  readonly #members: ReadonlyMap<string, Value | (() => Value)>;
  constructor(name: string, members: Readonly<Record<string, Value | (() => Value)>>) {
    super();
    this.#name = name;
    this.#members = new Map(Object.entries(members));
  }
  repr(): string {
    return `<module '${this.#name}'>`;
  }
  override getAttribute(name: string): Value | undefined {
    const member = this.#members.get(name);
    return typeof member === "function" ? member() : member;
  }
}
