import { str } from "./basics.ts";
import { ComplexValue } from "./complex.ts";
import { formatDecimal } from "./decimal-format.ts";
import { PyDecimal } from "./decimal.ts";
import { PyError, typeError, valueError } from "./error.ts";
import { floatBody } from "./float-body.ts";
import { limitError } from "./limits.ts";
import { Markup } from "./markup.ts";
import { numberOf } from "./number-of.ts";
import { intText } from "./numbers.ts";
import { pad, padNumber } from "./pad-number.ts";
import { characters } from "./text.ts";
import { PyObject, typeName, type Value } from "./value.ts";

/** A parsed `[[fill]align][sign][z][#][0][width][,][.precision][type]`. */
export interface Spec {
  readonly fill: string;
  readonly align: string;
  readonly sign: string;
  /** `z`: no sign of a zero. */
  readonly plainZero: boolean;
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | undefined;
  readonly type: string;
}

const ALIGN = "<>=^";
const COMMA_TYPES = "defgEG%F";

/** `c` as messages show it. */
function shownType(code: string): string {
  const point = code.codePointAt(0) ?? 0;
  return point > 32 && point < 128 ? code : `\\x${point.toString(16)}`;
}

const unknownCode = (code: string, value: Value): PyError =>
  valueError(`Unknown format code '${shownType(code)}' for object of type '${typeName(value)}'`);

function parseSpec(text: string, value: Value, defaultAlign: "<" | ">", usual = ""): Spec {
  const all = characters(text);
  let at = 0;
  const is = (set: string): boolean => at < all.length && set.includes(all[at] ?? " ");
  const next = (): string => all[at++] ?? "";
  const number = (): number | undefined => {
    let digits = "";
    while (at < all.length && /\p{Nd}/u.test(all[at] ?? "")) digits += next();
    if (digits === "") return undefined;
    const size = Number(digits);
    if (size > Number.MAX_SAFE_INTEGER) {
      throw valueError("Too many decimal digits in format string");
    }
    return size;
  };
  let fill: string | undefined;
  let align: string | undefined;
  const second = all[1];
  if (second !== undefined && ALIGN.includes(second)) {
    fill = next();
    align = next();
  } else if (is(ALIGN)) align = next();
  const sign = is("+- ") ? next() : "";
  const plainZero = is("z") && next() !== "";
  const alternate = is("#") && next() !== "";
  if (fill === undefined && is("0")) {
    at++;
    fill = "0";
    if (align === undefined && defaultAlign === ">") align = "=";
  }
  const width = number() ?? -1;
  let grouping = is(",") ? next() : "";
  const both = (): PyError => valueError("Cannot specify both ',' and '_'.");
  if (is("_")) {
    if (grouping !== "") throw both();
    grouping = next();
  }
  if (is(",") && grouping === "_") throw both();
  let precision: number | undefined;
  if (is(".")) {
    at++;
    precision = number();
    if (precision === undefined) throw valueError("Format specifier missing precision");
  }
  if (all.length - at > 1) {
    throw valueError(`Invalid format specifier '${text}' for object of type '${typeName(value)}'`);
  }
  const type = next();
  const shown = type === "" ? usual : type;
  if (grouping !== "" && shown !== "" && !COMMA_TYPES.includes(shown)) {
    if (grouping !== "_" || !"boxX".includes(shown)) {
      throw valueError(`Cannot specify '${grouping}' with '${shownType(shown)}'.`);
    }
  }
  return {
    fill: fill ?? " ",
    align: align ?? defaultAlign,
    sign,
    plainZero,
    alternate,
    width,
    grouping,
    precision,
    type,
  };
}

/** `format(value, spec)`. */
export function formatValue(value: Value, text: string): string {
  if (value instanceof Markup) {
    return formatText(value.text, parseSpec(text, value, "<", "s"), value);
  }
  if (text === "") return value instanceof PyObject ? value.format("") : str(value);
  if (typeof value === "string") return formatText(value, parseSpec(text, value, "<", "s"), value);
  if (value instanceof PyDecimal) return formatDecimal(value, text);
  if (value instanceof ComplexValue) return formatComplex(value, parseSpec(text, value, ">"));
  const number = numberOf(value);
  if (number === undefined) {
    if (value instanceof PyObject) return value.format(text);
    throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`);
  }
  const spec = parseSpec(text, value, ">");
  if (number.kind === "float") return formatFloat(number.value, spec, value);
  if (spec.type !== "" && "eEfFgG%".includes(spec.type)) {
    const size = Number(number.value);
    if (!Number.isFinite(size)) {
      throw new PyError("OverflowError", "int too large to convert to float");
    }
    return formatFloat(size, spec, value);
  }
  return formatInt(BigInt(number.value), spec, value);
}

function formatText(text: string, spec: Spec, value: Value): string {
  if (spec.type !== "" && spec.type !== "s") throw unknownCode(spec.type, value);
  const refuse = (message: string): never => {
    throw valueError(`${message} not allowed in string format specifier`);
  };
  if (spec.sign !== "") refuse(spec.sign === " " ? "Space" : "Sign");
  if (spec.plainZero) refuse("Negative zero coercion (z)");
  if (spec.alternate) refuse("Alternate form (#)");
  if (spec.align === "=") refuse("'=' alignment");
  const cut =
    spec.precision === undefined ? text : characters(text).slice(0, spec.precision).join("");
  return pad(cut, "", spec);
}

const signText = (negative: boolean, sign: string): string =>
  negative ? "-" : sign === "-" ? "" : sign;

function formatInt(value: bigint, spec: Spec, original: Value): string {
  const { type } = spec;
  if (type !== "" && !"bcdoxXn".includes(type)) throw unknownCode(type, original);
  if (spec.precision !== undefined) {
    throw valueError("Precision not allowed in integer format specifier");
  }
  if (spec.plainZero) {
    throw valueError("Negative zero coercion (z) not allowed in integer format specifier");
  }
  if (type === "c") {
    if (spec.sign !== "") throw valueError("Sign not allowed with integer format specifier 'c'");
    if (spec.alternate) {
      throw valueError("Alternate form (#) not allowed with integer format specifier 'c'");
    }
    if (value < 0n || value > 0x10ffffn) {
      throw new PyError("OverflowError", "%c arg not in range(0x110000)");
    }
    return pad(String.fromCodePoint(Number(value)), "", spec);
  }
  const negative = value < 0n;
  const size = negative ? -value : value;
  const sign = signText(negative, spec.sign);
  const base = type === "b" ? 2 : type === "o" ? 8 : type === "x" || type === "X" ? 16 : 10;
  const prefix = spec.alternate && base !== 10 ? `0${type}` : "";
  const digits = base === 10 ? intText(size) : size.toString(base);
  return padNumber(
    type === "X" ? digits.toUpperCase() : digits,
    sign + prefix,
    spec,
    base === 10 ? 3 : 4,
  );
}

/** Most places behind the point: their digits are worked out exactly. */
const MOST_PRECISION = 10_000;

/** A precision that C's printf would take. */
export function checkedPrecision(precision: number): number {
  if (precision > 2 ** 31 - 1) throw valueError("precision too big");
  if (precision > MOST_PRECISION) {
    throw limitError(`a number would have more than ${MOST_PRECISION} decimal places`);
  }
  return precision;
}

function formatFloat(value: number, spec: Spec, original: Value): string {
  const { type } = spec;
  if (type !== "" && !"eEfFgGn%".includes(type)) throw unknownCode(type, original);
  if (spec.precision !== undefined) checkedPrecision(spec.precision);
  const body = floatBody(Math.abs(value), type, spec.precision, spec.alternate);
  const negative =
    (value < 0 || Object.is(value, -0)) &&
    !(spec.plainZero && !/[1-9a-z]/i.test(body.split(/e[+-]/)[0] ?? ""));
  return padNumber(body, signText(negative, spec.sign), spec);
}

function formatComplex(value: ComplexValue, spec: Spec): string {
  if (spec.fill === "0") {
    throw valueError("Zero padding is not allowed in complex format specifier");
  }
  if (spec.align === "=") {
    throw valueError("'=' alignment flag is not allowed in complex format specifier");
  }
  if (spec.type !== "" && !"eEfFgGn".includes(spec.type)) throw unknownCode(spec.type, value);
  const precision = spec.precision === undefined ? undefined : checkedPrecision(spec.precision);
  if (spec.type === "" && precision === undefined) return pad(value.str(), "", spec);
  const part = (number: number, sign: string): string =>
    signText(number < 0 || Object.is(number, -0), sign) +
    floatBody(Math.abs(number), spec.type === "" ? "g" : spec.type, precision, spec.alternate);
  const text = `${part(value.real, spec.sign)}${part(value.imaginary, "+")}j`;
  return pad(spec.type === "" ? `(${text})` : text, "", spec);
}
