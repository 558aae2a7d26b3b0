import { PyError, typeError } from "../values/error.ts";
import {
  bind,
  type Implementation,
  parseSignature,
  PyFunction,
  type Signature,
} from "../values/method.ts";
import {
  type CallArguments,
  indexNumber,
  PyObject,
  typeName,
  type Value,
} from "../values/value.ts";

/** How a class written in C binds the arguments of a call. */
interface NativeBinding {
  /** Absent for constructors, whose errors say "function". */
  readonly name?: string;
  /** How many may be given by position; all by default. */
  readonly positional?: number;
}

/** Binds arguments as CPython does for functions in C that take keywords. */
export function bindNative(
  signature: Signature,
  call: CallArguments,
  { name, positional }: NativeBinding = {},
): (Value | undefined)[] {
  const { parameters } = signature;
  const { args, kwargs } = call;
  const label = name === undefined ? "function" : `${name}()`;
  const plural = (count: number): string => (count === 1 ? "argument" : "arguments");
  const size = parameters.length;
  const given = args.length + kwargs.size;
  if (given > size) {
    const kind = args.length === 0 ? "keyword " : "";
    const range = signature.required === size && name !== undefined ? "exactly" : "at most";
    throw typeError(`${label} takes ${range} ${size} ${kind}${plural(size)} (${given} given)`);
  }
  if (positional !== undefined && args.length > positional) {
    throw typeError(
      `${label} takes at most ${positional} positional ${plural(positional)} (${args.length} given)`,
    );
  }
  const bound = parameters.map((parameter, index): Value | undefined => {
    const keyword = kwargs.get(parameter.name);
    if (index < args.length) {
      if (keyword === undefined) return args[index];
      throw typeError(
        `argument for ${label} given by name ('${parameter.name}') and position (${index + 1})`,
      );
    }
    if (keyword !== undefined || !parameter.required) {
      return keyword === undefined ? parameter.default : keyword;
    }
    throw typeError(`${label} missing required argument '${parameter.name}' (pos ${index + 1})`);
  });
  for (const key of kwargs.keys()) {
    if (parameters.some((parameter) => parameter.name === key)) continue;
    const where = name === undefined ? "this function" : label;
    throw typeError(`'${key}' is an invalid keyword argument for ${where}`);
  }
  return bound;
}

/** Signatures that errors count strictly: "takes exactly 2 arguments". */
const bindExactly = (signature: Signature, call: CallArguments): (Value | undefined)[] => {
  const { name, parameters } = signature;
  if (call.kwargs.size > 0) throw typeError(`${name}() takes no keyword arguments`);
  if (call.args.length !== parameters.length) {
    const noun = parameters.length === 1 ? "argument" : "arguments";
    throw typeError(
      `${name}() takes exactly ${parameters.length} ${noun} (${call.args.length} given)`,
    );
  }
  return [...call.args];
};

/**
 * Methods of a class in C, by signature: none or one positional (`/`) argument, exactly so many (a leading `!`),
 * or keywords. `owner` is the class in errors, `type` its full name.
 */
export function nativeMethods<S extends Value>(
  owner: string,
  type: string,
  table: Readonly<Record<string, Implementation<S>>>,
): (self: S, name: string) => PyFunction | undefined {
  const methods = new Map<string, (self: S, call: CallArguments) => Value>();
  const ownerOf = (self: S): string =>
    self === null ? owner : typeName(self).replace(/^datetime\./, "");
  for (const [text, run] of Object.entries(table)) {
    const isExact = text.startsWith("!");
    const signature = parseSignature(isExact ? text.slice(1) : text);
    const isPlain = signature.positionalOnly || signature.parameters.length === 0;
    const bound = (call: CallArguments, self: S): (Value | undefined)[] => {
      if (isExact) return bindExactly(signature, call);
      return isPlain
        ? bind({ ...signature, positionalOnly: true }, call, ownerOf(self))
        : bindNative(signature, call, { name: signature.name });
    };
    methods.set(signature.name, (self, call) => run(self, bound(call, self), call.kwargs));
  }
  return (self, name) => {
    const method = methods.get(name);
    if (method === undefined) return undefined;
    const of = self === null ? "type" : type;
    return new PyFunction(
      name,
      (call) => method(self, call),
      `<built-in method ${name} of ${of} object at 0x7f0000000000>`,
    );
  };
}

/** Class methods as members of a type. */
export function classMembers(
  methods: (self: null, name: string) => Value | undefined,
  names: readonly string[],
): Record<string, Value> {
  return Object.fromEntries(names.map((name) => [name, methods(null, name) ?? null]));
}

/** An argument that is a C int; what is absent is `usual`. */
export function intArgument(value: Value | undefined, usual: number): number {
  if (value === undefined) return usual;
  if (typeof value === "bigint") {
    throw new PyError("OverflowError", "Python int too large to convert to C long");
  }
  const number = indexNumber(value);
  if (number > 2_147_483_647) {
    throw new PyError("OverflowError", "signed integer is greater than maximum");
  }
  if (number < -2_147_483_648) {
    throw new PyError("OverflowError", "signed integer is less than minimum");
  }
  return number;
}

/** An argument that is a text. */
export function textArgument(value: Value | undefined, method: string, position: number): string {
  if (typeof value === "string") return value;
  if (value instanceof PyObject && value.typeName === "Markup") return value.str();
  throw typeError(`${method}() argument ${position} must be str, not ${typeName(value ?? null)}`);
}

/** The text that a `fromisoformat` reads. */
export function isoArgument(value: Value | undefined): string {
  if (typeof value === "string") return value;
  if (value instanceof PyObject && value.typeName === "Markup") return value.str();
  throw typeError("fromisoformat: argument must be str");
}
