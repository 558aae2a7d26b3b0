import { asciiRepr } from "./ascii.ts";
import { repr, str } from "./basics.ts";
import { keyError } from "./basics.ts";
import { PyDecimal } from "./decimal.ts";
import { PyDict } from "./dict.ts";
import { PyError, typeError, valueError } from "./error.ts";
import { floatBody } from "./float-body.ts";
import { checkedPrecision } from "./format-spec.ts";
import { checkText } from "./limits.ts";
import { numberOf } from "./number-of.ts";
import { intText, truncate } from "./numbers.ts";
import { PyTuple } from "./sequence.ts";
import { characters, textLength } from "./text.ts";
import { Undefined } from "./undefined.ts";
import { isInt, PyObject, typeName, type Value } from "./value.ts";

const CONVERSION = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?(.)?/gsu;

/** `format % values`. `convert` is applied to each value that is printed (escaping, for Markup). */
export function percentFormat(
  format: string,
  values: Value,
  convert: (text: string) => string = (text) => text,
): string {
  const tuple = values instanceof PyTuple ? values.items : undefined;
  let next = 0;
  let mapped = false;
  const take = (): Value => {
    const items = tuple ?? [values];
    const item = items[next++];
    if (item === undefined) throw typeError("not enough arguments for format string");
    return item;
  };
  const out = format.replace(CONVERSION, (...found: unknown[]) => {
    const [all = "", key, flags = "", widthText, precisionText, type] = found
      .slice(0, 6)
      .map((part) => (typeof part === "string" ? part : undefined));
    const offset = Number(found[6]);
    if (type === undefined) throw valueError("incomplete format");
    if (type === "%" && all === "%%") return "%";
    let value: Value | undefined;
    if (key !== undefined) {
      if (!(values instanceof PyDict)) throw typeError("format requires a mapping");
      value = values.get(key);
      if (value === undefined) throw keyError(key);
      mapped = true;
    }
    const star = (text: string | undefined): number | undefined => {
      if (text === undefined) return undefined;
      if (text !== "*") return Number(text);
      const size = take();
      if (typeof size === "boolean") return Number(size);
      if (typeof size !== "number" || !Number.isInteger(size)) throw typeError("* wants int");
      return size;
    };
    let width = star(widthText);
    const dotted = /\.[^.]*$/.test(all.slice(0, -type.length)) && !(key ?? "").includes(".");
    const precision = star(precisionText) ?? (dotted ? 0 : undefined);
    let left = flags.includes("-");
    if (width !== undefined && width < 0) {
      left = true;
      width = -width;
    }
    if (!"diouxXeEfFgGcrsa".includes(type)) {
      const code = (type.codePointAt(0) ?? 0).toString(16);
      throw valueError(
        `unsupported format character '${type}' (0x${code}) at index ${offset + all.length - 1}`,
      );
    }
    const [sign, body] = converted(
      value === undefined ? take() : value,
      type,
      flags,
      precision,
      convert,
    );
    const missing = (width ?? 0) - textLength(body) - sign.length;
    if (missing <= 0) return sign + body;
    checkText(missing);
    if (left) return sign + body + " ".repeat(missing);
    const zero = flags.includes("0") && !"crsa".includes(type);
    return zero ? sign + "0".repeat(missing) + body : " ".repeat(missing) + sign + body;
  });
  const left =
    tuple === undefined ? next === 0 && !mapped && !isContainer(values) : next < tuple.length;
  if (left && !(tuple?.length === 0)) {
    throw typeError("not all arguments converted during string formatting");
  }
  return out;
}

/** Mappings and lists may go unused. */
const isContainer = (value: Value): boolean =>
  value instanceof PyObject && CONTAINERS.has(value.typeName);

const CONTAINERS = new Set(["dict", "list", "range", "bytes", "Undefined", "re.Match"]);

function converted(
  value: Value,
  type: string,
  flags: string,
  precision: number | undefined,
  convert: (text: string) => string,
): [sign: string, body: string] {
  if ("sra".includes(type)) {
    const text = type === "s" ? str(value) : type === "r" ? repr(value) : asciiRepr(value);
    const escaped = convert(text);
    return [
      "",
      precision === undefined ? escaped : characters(escaped).slice(0, precision).join(""),
    ];
  }
  if (type === "c") {
    if (typeof value === "string" && textLength(value) === 1) return ["", value];
    if (isInt(value) || typeof value === "boolean") {
      if (Number(value) < 0 || Number(value) > 0x10ffff) {
        throw new PyError("OverflowError", "%c arg not in range(0x110000)");
      }
      return ["", String.fromCodePoint(Number(value))];
    }
    throw typeError("%c requires int or char");
  }
  const plus = flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  if ("eEfFgG".includes(type)) {
    const number = realNumber(value);
    if (precision !== undefined) checkedPrecision(precision);
    const negative = number < 0 || Object.is(number, -0);
    return [
      negative ? "-" : plus,
      floatBody(Math.abs(number), type, precision ?? 6, flags.includes("#")),
    ];
  }
  const whole = integerOf(value, type);
  const size = whole < 0n ? -whole : whole;
  const base = type === "o" ? 8 : type.toLowerCase() === "x" ? 16 : 10;
  checkText(precision ?? 0);
  const digits = (base === 10 ? intText(size) : size.toString(base)).padStart(precision ?? 0, "0");
  const prefix = flags.includes("#") && base !== 10 ? `0${type}` : "";
  return [(whole < 0n ? "-" : plus) + prefix, type === "X" ? digits.toUpperCase() : digits];
}

function realNumber(value: Value): number {
  if (value instanceof PyDecimal) return value.toNumber();
  if (value instanceof Undefined) value.fail();
  const number = numberOf(value);
  if (number === undefined) throw typeError(`must be real number, not ${typeName(value)}`);
  const size = Number(number.value);
  if (number.kind === "int" && !Number.isFinite(size)) {
    throw new PyError("OverflowError", "int too large to convert to float");
  }
  return size;
}

function integerOf(value: Value, type: string): bigint {
  if (value instanceof PyDecimal && "diu".includes(type)) return value.toInteger();
  if (value instanceof Undefined && "diu".includes(type)) value.fail();
  const number = numberOf(value);
  if (number === undefined || (number.kind === "float" && !"diu".includes(type))) {
    const wanted = "diu".includes(type) ? "a real number" : "an integer";
    throw new PyError(
      "TypeError",
      `%${type} format: ${wanted} is required, not ${typeName(value)}`,
    );
  }
  return BigInt(number.kind === "float" ? truncate(number.value) : number.value);
}
