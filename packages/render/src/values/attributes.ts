import { FloatValue } from "@lava/core";
import { iterate } from "./basics.ts";
import { bytesMethods } from "./bytes-methods.ts";
import { PyBytes } from "./bytes.ts";
import { PyError, typeError, valueError } from "./error.ts";
import { formatValue } from "./format-spec.ts";
import { checkText } from "./limits.ts";
import { escapeMarkup, Markup } from "./markup.ts";
import { bind, parseSignature, PyFunction } from "./method.ts";
import { floatMethods, intMethods } from "./number-methods.ts";
import { numeric, signed } from "./numbers.ts";
import { percentFormat } from "./percent-format.ts";
import { PyList, PyTuple, tooBig } from "./sequence.ts";
import { position, type PySlice, sliceItems } from "./slice.ts";
import { textFormat, textFormatMap } from "./text-format.ts";
import { textMethods } from "./text-methods.ts";
import { characters, isWide } from "./text.ts";
import { Undefined } from "./undefined.ts";
import {
  type BinaryOperator,
  type CallArguments,
  isInt,
  PyObject,
  typeName,
  type Value,
} from "./value.ts";

/** `value.name` of Python; undefined where there is no such attribute. */
export function attribute(value: Value, name: string): Value | undefined {
  if (typeof value === "string") {
    if (name === "format" || name === "format_map") return formatMethod(value, name);
    return textMethods(value, name);
  }
  if (value instanceof Markup) return markupMethod(value, name);
  if (value instanceof PyBytes) return bytesMethods(value, name);
  if (value instanceof PyObject) return value.getAttribute(name);
  if (value instanceof FloatValue || (typeof value === "number" && !Number.isInteger(value))) {
    if (name === "real") return value;
    if (name === "imag") return new FloatValue(0);
    return floatMethods(value, name);
  }
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") {
    const number = typeof value === "boolean" ? Number(value) : value;
    if (name === "real" || name === "numerator") return number;
    if (name === "imag") return 0;
    if (name === "denominator") return 1;
    return intMethods(number, name);
  }
  return undefined;
}

const formatMap = parseSignature("format_map(mapping)");

function formatMethod(self: string, name: string): PyFunction {
  return new PyFunction(
    name,
    (call) => {
      if (name === "format") return textFormat(self, call, attribute);
      const [mapping = null] = bind(formatMap, call, "str");
      return textFormatMap(self, mapping, attribute);
    },
    `<built-in method ${name} of str object at 0x7f0000000000>`,
  );
}

/** Methods that markupsafe defines in Python, whose errors are those of Python functions. */
const markupSignatures = new Map(
  [
    "join(self, iterable, /)",
    "split(self, sep=None, maxsplit=-1, /)",
    "rsplit(self, sep=None, maxsplit=-1, /)",
    "splitlines(self, keepends=False, /)",
    "unescape(self)",
    "striptags(self)",
    "capitalize(self)",
    "title(self)",
    "lower(self)",
    "upper(self)",
    "swapcase(self)",
    "casefold(self)",
    "replace(self, old, new, count=-1, /)",
    "ljust(self, width, fillchar=' ', /)",
    "rjust(self, width, fillchar=' ', /)",
    "center(self, width, fillchar=' ', /)",
    "lstrip(self, chars=None, /)",
    "rstrip(self, chars=None, /)",
    "strip(self, chars=None, /)",
    "expandtabs(self, tabsize=8, /)",
    "zfill(self, width, /)",
    "removeprefix(self, prefix, /)",
    "removesuffix(self, suffix, /)",
    "partition(self, sep, /)",
    "rpartition(self, sep, /)",
  ].map((text) => [text.slice(0, text.indexOf("(")), parseSignature(`Markup.${text}`)] as const),
);

function checkMarkupCall(self: Markup, name: string, call: CallArguments): void {
  const signature = markupSignatures.get(name);
  if (signature === undefined) return;
  const named = signature.parameters.filter((parameter) => call.kwargs.has(parameter.name));
  if (signature.positionalOnly && named.length > 0) {
    const names = named.map((parameter) => parameter.name).join(", ");
    throw typeError(
      `${signature.name}() got some positional-only arguments passed as keyword arguments: '${names}'`,
    );
  }
  bind(signature, { args: [self, ...call.args], kwargs: call.kwargs });
}

/** Methods of Markup are those of str; their texts are escaped and the result is Markup again. */
function markupMethod(self: Markup, name: string): Value | undefined {
  if (name === "striptags" || name === "unescape") {
    return new PyFunction(name, (call) => {
      checkMarkupCall(self, name, call);
      return name === "striptags" ? stripTags(self.text) : unescapeHtml(self.text);
    });
  }
  if (name === "escape") {
    return new PyFunction(name, ({ args: [value = null] }) => escapeMarkup(value));
  }
  if (name === "format" || name === "format_map") return markupFormat(self.text, name);
  const method = attribute(self.text, name);
  if (!(method instanceof PyFunction)) return undefined;
  return new PyFunction(
    name,
    (call) => {
      checkMarkupCall(self, name, call);
      const escape = (value: Value): Value =>
        typeof value === "string" && !name.includes("split") ? escapeMarkup(value).text : value;
      const args =
        name === "join"
          ? call.args.map(
              (items) => new PyList(Array.from(iterate(items), (item) => escapeMarkup(item).text)),
            )
          : call.args.map(escape);
      const kwargs = new Map(
        Array.from(call.kwargs, ([key, value]) => [key, escape(value)] as const),
      );
      const result = ownErrors("Markup", () => method.call({ args, kwargs }));
      if (typeof result === "string") return new Markup(result);
      const isSplit = name.includes("split") || name.includes("partition");
      if (!isSplit || !(result instanceof PyList || result instanceof PyTuple)) return result;
      const parts = result.items.map((item) =>
        typeof item === "string" ? new Markup(item) : item,
      );
      return result instanceof PyList ? new PyList(parts) : new PyTuple(parts);
    },
    `<built-in method ${name} of Markup object at 0x7f0000000000>`,
  );
}

/** Errors of str's methods name the class of the value. */
function ownErrors(type: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PyError) || !error.message.startsWith("str.")) throw error;
    throw new PyError(error.type, type + error.message.slice(3));
  }
}

function markupFormat(self: string, name: string): PyFunction {
  const escapeField = (value: Value, spec: string): string => {
    if (!(value instanceof Markup)) return escapeMarkup(formatValue(value, spec)).text;
    if (spec === "") return value.text;
    throw valueError(
      `Format specifier ${spec} given, but ${value.repr()} does not define __html_format__. ` +
        "A class that defines __html__ must define __html_format__ to work with format specifiers.",
    );
  };
  return new PyFunction(name, (call) => {
    if (name === "format") return new Markup(textFormat(self, call, attribute, escapeField));
    const [mapping = null] = bind(formatMap, call, "str");
    return new Markup(textFormatMap(self, mapping, attribute, escapeField));
  });
}

/** The text of HTML without its tags, white space made single. */
export function stripTags(html: string): string {
  return unescapeHtml(
    withoutTags(withoutComments(html))
      .split(/\s+/)
      .filter((word) => word !== "")
      .join(" "),
  );
}

/** One comment after the other; what is left of two may be a third. */
function withoutComments(html: string): string {
  let rest = html;
  let out = "";
  for (let start = rest.indexOf("<!--"); start >= 0; start = rest.indexOf("<!--")) {
    const end = rest.indexOf("-->", start);
    if (end < 0) break;
    out += rest.slice(0, start);
    rest = rest.slice(end + 3);
    const seam = out.slice(-3);
    if (!(seam + rest.slice(0, 3)).includes("<!--")) continue;
    out = out.slice(0, out.length - seam.length);
    rest = seam + rest;
  }
  return out + rest;
}

function withoutTags(text: string): string {
  let out = "";
  let at = 0;
  for (let start = text.indexOf("<"); start >= 0; start = text.indexOf("<", at)) {
    const end = text.indexOf(">", start);
    if (end < 0) break;
    out += text.slice(at, start);
    at = end + 1;
  }
  return out + text.slice(at);
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  copy: "©",
  mdash: "—",
  ndash: "–",
  hellip: "…",
};

function unescapeHtml(text: string): string {
  return text.replace(/&(?:#(\d+)|#[xX]([0-9a-fA-F]+)|(\w+));/g, (all, ten, hex, name) => {
    if (typeof ten === "string") return String.fromCodePoint(Number(ten));
    if (typeof hex === "string") return String.fromCodePoint(Number.parseInt(hex, 16));
    return typeof name === "string" && Object.hasOwn(ENTITIES, name)
      ? (ENTITIES[name] ?? all)
      : all;
  });
}

/** `value[key]`; undefined where Python raises a LookupError or TypeError. */
export function subscript(value: Value, key: Value): Value | undefined {
  if (value instanceof Markup) {
    const item = subscript(value.text, key);
    return typeof item === "string" ? new Markup(item) : item;
  }
  if (typeof value === "string") {
    if (!isWide(value)) {
      const at = position(key, value.length);
      return at === undefined ? undefined : value[at];
    }
    const all = characters(value);
    const at = position(key, all.length);
    return at === undefined ? undefined : all[at];
  }
  return value instanceof PyObject ? value.getItem(key) : undefined;
}

/** `value[start:stop:step]`. */
export function sliced(value: Value, slice: PySlice): Value {
  if (typeof value === "string") return sliceItems(characters(value), slice).join("");
  if (value instanceof Markup) {
    return new Markup(sliceItems(characters(value.text), slice).join(""));
  }
  if (value instanceof Undefined) value.fail();
  if (value instanceof PyObject) {
    if (value.typeName === "dict") throw typeError("unhashable type: 'slice'");
    const items = value.getItem(slice);
    if (items !== undefined) return items;
  }
  throw typeError(`'${typeName(value)}' object is not subscriptable`);
}

const isTextual = (value: Value): value is string => typeof value === "string";

/** `left <operator> right`. */
export function binary(operator: BinaryOperator, left: Value, right: Value): Value {
  const number = numeric(operator, left, right);
  if (number !== undefined) return number;
  if (isTextual(left)) {
    if (operator === "%") return percentFormat(left, right);
    if (operator === "+" && typeof right === "string") {
      checkText(left.length + right.length);
      return left + right;
    }
    if (operator === "*" && (isInt(right) || typeof right === "boolean")) {
      return repeatText(left, right);
    }
  }
  if (left instanceof Markup && operator === "%") {
    return new Markup(percentFormat(left.text, right, (text) => escapeMarkup(text).text));
  }
  if (isTextual(right) && operator === "*" && (isInt(left) || typeof left === "boolean")) {
    return repeatText(right, left);
  }
  if (left instanceof Undefined) left.fail();
  if (right instanceof Undefined) right.fail();
  const forward = left instanceof PyObject ? left.operate(operator, right, false) : undefined;
  if (forward !== undefined) return forward;
  const backward = right instanceof PyObject ? right.operate(operator, left, true) : undefined;
  if (backward !== undefined) return backward;
  throw unsupported(operator, left, right);
}

function repeatText(text: string, count: Value): string {
  if (typeof count === "boolean") return count ? text : "";
  if (typeof count === "bigint") throw tooBig();
  checkText(text.length * Number(count));
  return text.repeat(Math.max(0, Number(count)));
}

function unsupported(operator: BinaryOperator, left: Value, right: Value): PyError {
  const a = typeName(left);
  const b = typeName(right);
  if (operator === "+" && isTextual(left)) {
    return typeError(`can only concatenate str (not "${b}") to str`);
  }
  if (operator === "*" && (isTextual(left) || isTextual(right))) {
    return typeError(`can't multiply sequence by non-int of type '${isTextual(left) ? b : a}'`);
  }
  const symbol = operator === "**" ? "** or pow()" : operator;
  return typeError(`unsupported operand type(s) for ${symbol}: '${a}' and '${b}'`);
}

/** `-value` and `+value`. */
export function unary(sign: "-" | "+", value: Value): Value {
  const number = signed(sign, value);
  if (number !== undefined) return number;
  if (value instanceof PyObject) return value.negate(sign);
  throw typeError(`bad operand type for unary ${sign}: '${typeName(value)}'`);
}
