import { asciiRepr } from "./ascii.ts";
import { keyError, repr, str } from "./basics.ts";
import { PyDict } from "./dict.ts";
import { PyError, typeError, valueError } from "./error.ts";
import { formatValue } from "./format-spec.ts";
import { checkText } from "./limits.ts";
import { Markup } from "./markup.ts";
import { characters } from "./text.ts";
import { Undefined } from "./undefined.ts";
import { type CallArguments, PyObject, typeName, type Value } from "./value.ts";

/** Looks up an attribute of a value: the template's own look-up, so that nothing else is reachable. */
export type AttributeLookup = (value: Value, name: string) => Value | undefined;

/** The text of a field's value. */
export type FormatField = (value: Value, spec: string) => string;

/** Where fields come from: arguments, or for `format_map` one mapping. */
interface Source {
  readonly args: readonly Value[] | undefined;
  readonly named: (name: string) => Value;
}

/** `format.format(*args, **kwargs)`. */
export function textFormat(
  format: string,
  call: CallArguments,
  attribute: AttributeLookup,
  formatField: FormatField = formatValue,
): string {
  const named = (name: string): Value => {
    const value = call.kwargs.get(name);
    if (value === undefined) throw keyError(name);
    return value;
  };
  return new Formatter({ args: call.args, named }, attribute, formatField).expand(format, 2);
}

/** `format.format_map(mapping)`. */
export function textFormatMap(
  format: string,
  mapping: Value,
  attribute: AttributeLookup,
  formatField: FormatField = formatValue,
): string {
  const named = (name: string): Value => subscripted(mapping, name);
  return new Formatter({ args: undefined, named }, attribute, formatField).expand(format, 2);
}

/** A field of a format: `{name!conversion:spec}`. */
interface Field {
  readonly name: string;
  readonly conversion: string;
  readonly spec: string;
  readonly nested: boolean;
  readonly end: number;
}

class Formatter {
  readonly #source: Source;
  readonly #attribute: AttributeLookup;
  readonly #formatField: FormatField;
  #next = 0;
  #numbering: "" | "automatic" | "manual" = "";

  constructor(source: Source, attribute: AttributeLookup, formatField: FormatField) {
    this.#formatField = formatField;
    this.#source = source;
    this.#attribute = attribute;
  }

  expand(format: string, depth: number): string {
    if (depth <= 0) throw valueError("Max string recursion exceeded");
    let out = "";
    let at = 0;
    while (at < format.length) {
      const mark = format.slice(at).search(/[{}]/);
      if (mark < 0) return out + format.slice(at);
      const start = at + mark;
      const character = format[start];
      out += format.slice(at, start);
      if (format[start + 1] === character) {
        out += character;
        at = start + 2;
        continue;
      }
      if (character === "}") throw valueError("Single '}' encountered in format string");
      if (start + 1 >= format.length) {
        throw valueError("Single '{' encountered in format string");
      }
      const field = parseField(format, start + 1);
      out += this.#field(field, depth);
      checkText(out.length);
      at = field.end;
    }
    return out;
  }

  #field(field: Field, depth: number): string {
    const value = converted(this.#value(field.name), field.conversion);
    const spec = field.nested ? this.expand(field.spec, depth - 1) : field.spec;
    return this.#formatField(value, spec);
  }

  #value(path: string): Value {
    const split = path.search(/[.[]/);
    const first = split < 0 ? path : path.slice(0, split);
    let value = this.#root(first);
    let at = split < 0 ? path.length : split;
    while (at < path.length) {
      if (path[at] === ".") {
        const end = path.slice(at + 1).search(/[.[]/);
        const name = end < 0 ? path.slice(at + 1) : path.slice(at + 1, at + 1 + end);
        if (name === "") throw emptyAttribute();
        value = this.#member(value, name);
        at += 1 + name.length;
      } else if (path[at] === "[") {
        const end = path.indexOf("]", at);
        if (end < 0) throw valueError("Missing ']' in format string");
        const key = path.slice(at + 1, end);
        if (key === "") throw emptyAttribute();
        value = subscripted(value, /^\d+$/.test(key) ? Number(key) : key);
        at = end + 1;
      } else throw valueError("Only '.' or '[' may follow ']' in format field specifier");
    }
    return value;
  }

  #root(name: string): Value {
    if (name !== "" && !/^\d+$/.test(name)) return this.#source.named(name);
    const { args } = this.#source;
    if (args === undefined) throw valueError("Format string contains positional fields");
    const numbering = name === "" ? "automatic" : "manual";
    if (this.#numbering !== "" && this.#numbering !== numbering) {
      throw valueError(
        numbering === "automatic"
          ? "cannot switch from manual field specification to automatic field numbering"
          : "cannot switch from automatic field numbering to manual field specification",
      );
    }
    this.#numbering = numbering;
    const index = name === "" ? this.#next++ : Number(name);
    const value = args[index];
    if (value === undefined) {
      throw new PyError(
        "IndexError",
        `Replacement index ${index} out of range for positional args tuple`,
      );
    }
    return value;
  }

  #member(value: Value, name: string): Value {
    const found = this.#attribute(value, name);
    if (found !== undefined) return found;
    throw new PyError("AttributeError", `'${typeName(value)}' object has no attribute '${name}'`);
  }
}

const emptyAttribute = (): PyError => valueError("Empty attribute in format string");

/** Reads a field from behind its brace to behind the closing one. */
function parseField(format: string, start: number): Field {
  let at = start;
  let character = "";
  for (; at < format.length; at++) {
    character = format[at] ?? "";
    if (character === "{") throw valueError("unexpected '{' in field name");
    if (character === "[") {
      const close = format.indexOf("]", at + 1);
      at = close < 0 ? format.length : close - 1;
      character = "";
    } else if (character === "}" || character === ":" || character === "!") break;
    else character = "";
  }
  const name = format.slice(start, at);
  if (character === "}") return { name, conversion: "", spec: "", nested: false, end: at + 1 };
  if (character === "") throw valueError("expected '}' before end of string");
  at++;
  let conversion = "";
  if (character === "!") {
    if (at >= format.length) {
      throw valueError("end of string while looking for conversion specifier");
    }
    conversion = String.fromCodePoint(format.codePointAt(at) ?? 0);
    at += conversion.length;
    if (at < format.length) {
      const next = format[at++];
      if (next === "}") return { name, conversion, spec: "", nested: false, end: at };
      if (next !== ":") throw valueError("expected ':' after conversion specifier");
    }
  }
  const from = at;
  let depth = 1;
  let nested = false;
  for (; at < format.length; at++) {
    if (format[at] === "{") {
      nested = true;
      depth++;
    } else if (format[at] === "}" && --depth === 0) {
      return { name, conversion, spec: format.slice(from, at), nested, end: at + 1 };
    }
  }
  throw valueError("unmatched '{' in format spec");
}

function converted(value: Value, conversion: string): Value {
  switch (conversion) {
    case "":
      return value;
    case "r":
      return repr(value);
    case "a":
      return asciiRepr(value);
    case "s":
      return str(value);
    default: {
      const code = conversion.codePointAt(0) ?? 0;
      const shown = code > 32 && code < 127 ? conversion : `\\x${code.toString(16)}`;
      throw valueError(`Unknown conversion specifier ${shown}`);
    }
  }
}

const INDICES: ReadonlySet<string> = new Set(["list", "tuple", "range"]);

/** `value[key]`, with Python's errors. */
function subscripted(value: Value, key: string | number): Value {
  if (value instanceof Undefined) return value.fail();
  if (typeof value === "string") {
    if (typeof key === "string") {
      throw typeError("string indices must be integers, not 'str'");
    }
    const character = characters(value)[key];
    if (character !== undefined) return character;
    throw new PyError("IndexError", "string index out of range");
  }
  if (value instanceof Markup) {
    const character = subscripted(value.text, key);
    return typeof character === "string" ? new Markup(character) : character;
  }
  const found = value instanceof PyObject ? value.getItem(key) : undefined;
  if (found !== undefined) return found;
  if (value instanceof PyDict) throw keyError(key);
  const type = typeName(value);
  if (INDICES.has(type)) {
    throw typeof key === "string"
      ? typeError(`${type} indices must be integers or slices, not str`)
      : new PyError(
          "IndexError",
          type === "range" ? "range object index out of range" : `${type} index out of range`,
        );
  }
  throw typeError(`'${type}' object is not subscriptable`);
}
