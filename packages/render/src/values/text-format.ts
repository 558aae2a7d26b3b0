import { keyError, repr, str } from "./basics.ts";
import { PyError, valueError } from "./error.ts";
import { formatValue } from "./format-spec.ts";
import { type CallArguments, PyObject, typeName, type Value } from "./value.ts";

/** Looks up an attribute of a value: the template's own look-up, so that nothing else is reachable. */
export type AttributeLookup = (value: Value, name: string) => Value | undefined;

/** `format.format(*args, **kwargs)`. */
export function textFormat(
  format: string,
  call: CallArguments,
  attribute: AttributeLookup,
): string {
  const state = { next: 0, numbering: "" };
  return expand(format, call, attribute, state, 2);
}

interface State {
  next: number;
  numbering: string;
}

function expand(
  format: string,
  call: CallArguments,
  attribute: AttributeLookup,
  state: State,
  depth: number,
): string {
  if (depth < 0) throw valueError("Max string recursion exceeded");
  let out = "";
  let at = 0;
  while (at < format.length) {
    const character = format[at] ?? "";
    if (character === "{" || character === "}") {
      if (format[at + 1] === character) {
        out += character;
        at += 2;
        continue;
      }
      if (character === "}") throw valueError("Single '}' encountered in format string");
      const end = fieldEnd(format, at + 1);
      out += field(format.slice(at + 1, end), call, attribute, state, depth);
      at = end + 1;
    } else {
      out += character;
      at++;
    }
  }
  return out;
}

function fieldEnd(format: string, start: number): number {
  if (start >= format.length) throw valueError("Single '{' encountered in format string");
  let depth = 1;
  let bracket = false;
  for (let at = start; at < format.length; at++) {
    const character = format[at];
    if (character === "[") bracket = true;
    else if (character === "]") bracket = false;
    else if (!bracket && character === "{") depth++;
    else if (!bracket && character === "}" && --depth === 0) return at;
  }
  throw valueError("expected '}' before end of string");
}

function field(
  text: string,
  call: CallArguments,
  attribute: AttributeLookup,
  state: State,
  depth: number,
): string {
  const match = /^((?:[^[\]!:{}]|\[[^\]]*\])*)(?:!([^:]*))?(?::(.*))?$/s.exec(text);
  if (match === null) throw valueError("expected ':' after conversion specifier");
  const [, path = "", conversion, specText = ""] = match;
  let value = lookUp(path, call, attribute, state);
  if (conversion === "r" || conversion === "a") value = repr(value);
  else if (conversion === "s") value = str(value);
  else if (conversion !== undefined) {
    throw valueError(`Unknown conversion specifier ${conversion}`);
  }
  const spec = specText.includes("{")
    ? expand(specText, call, attribute, state, depth - 1)
    : specText;
  return formatValue(value, spec);
}

function lookUp(
  path: string,
  call: CallArguments,
  attribute: AttributeLookup,
  state: State,
): Value {
  const match = /^([^.[]*)(.*)$/s.exec(path);
  const first = match?.[1] ?? "";
  let value = root(first, call, state);
  const steps = /\.([^.[]*)|\[([^\]]*)\]/gy;
  const rest = match?.[2] ?? "";
  while (steps.lastIndex < rest.length) {
    const step = steps.exec(rest);
    if (step === null) {
      throw valueError("Only '.' or '[' may follow ']' in format field specifier");
    }
    const [, name, key] = step;
    if (name === "" || key === "") throw valueError("Empty attribute in format string");
    value = name === undefined ? item(value, key ?? "") : member(value, name, attribute);
  }
  return value;
}

function root(name: string, call: CallArguments, state: State): Value {
  if (name !== "" && !/^\d+$/.test(name)) {
    const value = call.kwargs.get(name);
    if (value === undefined) throw keyError(name);
    return value;
  }
  const numbering = name === "" ? "automatic" : "manual";
  if (state.numbering !== "" && state.numbering !== numbering) {
    throw valueError(
      numbering === "automatic"
        ? "cannot switch from manual field specification to automatic field numbering"
        : "cannot switch from automatic field numbering to manual field specification",
    );
  }
  state.numbering = numbering;
  const index = name === "" ? state.next++ : Number(name);
  const value = call.args[index];
  if (value === undefined) {
    throw new PyError(
      "IndexError",
      `Replacement index ${index} out of range for positional args tuple`,
    );
  }
  return value;
}

function member(value: Value, name: string, attribute: AttributeLookup): Value {
  const found = attribute(value, name);
  if (found !== undefined) return found;
  throw new PyError("AttributeError", `'${typeName(value)}' object has no attribute '${name}'`);
}

function item(value: Value, key: string): Value {
  const index = /^\d+$/.test(key) ? Number(key) : key;
  const found = value instanceof PyObject ? value.getItem(index) : undefined;
  if (found !== undefined) return found;
  if (typeof value === "string" && typeof index === "number") {
    const character = Array.from(value)[index];
    if (character !== undefined) return character;
    throw new PyError("IndexError", "string index out of range");
  }
  if (value instanceof PyObject && value.typeName === "dict") throw keyError(index);
  throw new PyError("IndexError", `${typeName(value)} index out of range`);
}
