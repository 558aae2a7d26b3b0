import { str } from "./basics.ts";
import { PyDecimal } from "./decimal.ts";
import { valueError } from "./error.ts";
import { exponentPart, fixedText, floatRepr, significant } from "./float-text.ts";
import { Markup } from "./markup.ts";
import { numberOf } from "./numbers.ts";
import { characters, textLength } from "./text.ts";
import { PyObject, typeName, type Value } from "./value.ts";

/** A parsed `[[fill]align][sign][#][0][width][,][.precision][type]`. */
interface Spec {
  readonly fill: string;
  readonly align: string;
  readonly sign: string;
  readonly alternate: boolean;
  readonly zero: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | undefined;
  readonly type: string;
}

const SPEC = /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/su;

function parseSpec(text: string, value: Value): Spec {
  const match = SPEC.exec(text);
  if (match === null) {
    throw valueError(`Invalid format specifier '${text}' for object of type '${typeName(value)}'`);
  }
  const [, fill, align, sign, , alternate, zero, width, grouping, precision, type] = match;
  return {
    fill: fill ?? (zero === undefined ? " " : "0"),
    align: align ?? "",
    sign: sign ?? "-",
    alternate: alternate !== undefined,
    zero: zero !== undefined,
    width: Number(width ?? 0),
    grouping: grouping ?? "",
    precision: precision === undefined ? undefined : Number(precision),
    type: type ?? "",
  };
}

/** `format(value, spec)`. */
export function formatValue(value: Value, text: string): string {
  if (text === "") return value instanceof PyObject ? value.format("") : str(value);
  if (typeof value === "string") return formatText(value, parseSpec(text, value), value);
  if (value instanceof Markup) return formatText(value.text, parseSpec(text, value.text), value);
  if (value instanceof PyDecimal) return formatDecimal(value, parseSpec(text, value));
  const number = numberOf(value);
  if (number === undefined) {
    if (value instanceof PyObject) return value.format(text);
    throw typeErrorFor(value);
  }
  const spec = parseSpec(text, value);
  if (number.kind === "float") return formatFloat(number.value, spec, value);
  if ("eEfFgG%".includes(spec.type) && spec.type !== "") {
    return formatFloat(Number(number.value), spec, value);
  }
  return formatInt(BigInt(number.value), spec, value);
}

const typeErrorFor = (value: Value): Error =>
  valueError(`unsupported format string passed to ${typeName(value)}.__format__`);

const unknownCode = (code: string, value: Value): Error =>
  valueError(`Unknown format code '${code}' for object of type '${typeName(value)}'`);

function pad(body: string, sign: string, spec: Spec, fallback: string): string {
  const missing = spec.width - textLength(body) - sign.length;
  if (missing <= 0) return sign + body;
  const align = spec.align === "" ? (spec.zero ? "=" : fallback) : spec.align;
  const fill = (count: number): string => spec.fill.repeat(count);
  if (align === "<") return sign + body + fill(missing);
  if (align === ">") return fill(missing) + sign + body;
  if (align === "=") return sign + fill(missing) + body;
  const before = Math.floor(missing / 2);
  return fill(before) + sign + body + fill(missing - before);
}

function formatText(text: string, spec: Spec, value: Value): string {
  if (spec.type !== "" && spec.type !== "s") throw unknownCode(spec.type, value);
  if (spec.sign !== "-") throw valueError("Sign not allowed in string format specifier");
  if (spec.alternate) {
    throw valueError("Alternate form (#) not allowed in string format specifier");
  }
  if (spec.align === "=") {
    throw valueError("'=' alignment not allowed in string format specifier");
  }
  if (spec.grouping !== "") throw valueError(`Cannot specify '${spec.grouping}' with 's'.`);
  const cut =
    spec.precision === undefined ? text : characters(text).slice(0, spec.precision).join("");
  const left = spec.align === "" && spec.zero ? { ...spec, align: "<" } : spec;
  return pad(cut, "", left, "<");
}

function signText(negative: boolean, spec: Spec): string {
  if (negative) return "-";
  return spec.sign === "-" ? "" : spec.sign;
}

/** Puts the separator between groups of digits of the whole part. */
function grouped(digits: string, spec: Spec, size = 3): string {
  if (spec.grouping === "") return digits;
  const [whole = "", ...rest] = digits.split(/(?=[.eE%])/);
  return grow(whole, spec.grouping, size) + rest.join("");
}

function grow(whole: string, separator: string, size: number): string {
  let out = "";
  for (let index = 0; index < whole.length; index++) {
    if (index > 0 && (whole.length - index) % size === 0) out += separator;
    out += whole[index];
  }
  return out;
}

/** With `0` and grouping, zeros are grouped too. */
function padNumber(body: string, sign: string, prefix: string, spec: Spec, size = 3): string {
  if (spec.grouping !== "" && spec.fill === "0" && (spec.align === "" || spec.align === "=")) {
    const [whole = "", ...rest] = body.split(/(?=[.eE%])/);
    const tail = rest.join("");
    let digits = whole.replaceAll(spec.grouping, "");
    let text = whole;
    while (text.length + tail.length + sign.length + prefix.length < spec.width) {
      digits = `0${digits}`;
      text = grow(digits, spec.grouping, size);
    }
    return sign + prefix + text + tail;
  }
  return pad(body, sign + prefix, spec, ">");
}

function formatInt(value: bigint, spec: Spec, original: Value): string {
  if (spec.precision !== undefined) {
    throw valueError("Precision not allowed in integer format specifier");
  }
  const negative = value < 0n;
  const size = negative ? -value : value;
  const sign = signText(negative, spec);
  switch (spec.type) {
    case "":
    case "d":
    case "n":
      return padNumber(grouped(size.toString(), spec), sign, "", spec);
    case "b":
    case "o":
    case "x":
    case "X": {
      if (spec.grouping === ",") throw valueError(`Cannot specify ',' with '${spec.type}'.`);
      const base = spec.type === "b" ? 2 : spec.type === "o" ? 8 : 16;
      const digits = grouped(size.toString(base), spec, 4);
      const prefix = spec.alternate ? `0${spec.type}` : "";
      const body = spec.type === "X" ? digits.toUpperCase() : digits;
      return padNumber(body, sign, prefix, spec, 4);
    }
    case "c":
      return pad(String.fromCodePoint(Number(value)), "", spec, "<");
    default:
      throw unknownCode(spec.type, original);
  }
}

function formatFloat(value: number, spec: Spec, original: Value): string {
  if (spec.type !== "" && !"eEfFgGn%".includes(spec.type)) throw unknownCode(spec.type, original);
  const negative = value < 0 || Object.is(value, -0);
  const body = floatBody(Math.abs(value), spec.type, spec.precision, spec.alternate);
  return padNumber(grouped(body, spec), signText(negative, spec), "", spec);
}

/** The digits of a non-negative float in a format of `e f g %`; `` is the one of `str`. */
export function floatBody(
  value: number,
  type: string,
  precision: number | undefined,
  alternate: boolean,
): string {
  const upper = type === "E" || type === "F" || type === "G";
  const finish = (text: string): string => (upper ? text.toUpperCase() : text);
  if (!Number.isFinite(value)) {
    return finish((Number.isNaN(value) ? "nan" : "inf") + (type === "%" ? "%" : ""));
  }
  switch (type.toLowerCase()) {
    case "f":
      return finish(point(fixedText(value, precision ?? 6), alternate));
    case "%":
      return `${point(fixedText(value * 100, precision ?? 6), alternate)}%`;
    case "e":
      return finish(exponential(value, (precision ?? 6) + 1, alternate));
    case "":
      if (precision === undefined) return floatRepr(value);
      return general(value, precision === 0 ? 1 : precision, alternate, true);
    default:
      return finish(general(value, precision === 0 ? 1 : (precision ?? 6), alternate, false));
  }
}

const point = (text: string, alternate: boolean): string =>
  alternate && !text.includes(".") ? `${text}.` : text;

function exponential(value: number, count: number, alternate: boolean): string {
  const { digits, exponent } = significant(value, count);
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : point(digits, alternate);
  return `${mantissa}e${exponentPart(exponent)}`;
}

function general(value: number, precision: number, alternate: boolean, dotZero: boolean): string {
  const { digits, exponent } = significant(value, precision);
  const limit = dotZero ? precision - 1 : precision;
  const strip = (text: string): string => (alternate ? text : text.replace(/0+$/, ""));
  if (exponent < -4 || exponent >= limit) {
    const fraction = strip(digits.slice(1));
    const mantissa = fraction === "" ? digits.slice(0, 1) : `${digits[0]}.${fraction}`;
    return `${mantissa}e${exponentPart(exponent)}`;
  }
  const whole = exponent < 0 ? "0" : digits.slice(0, exponent + 1);
  const fraction = strip(
    exponent < 0 ? "0".repeat(-exponent - 1) + digits : digits.slice(exponent + 1),
  );
  if (fraction !== "") return `${whole}.${fraction}`;
  return dotZero ? `${whole}.0` : point(whole, alternate);
}

function formatDecimal(value: PyDecimal, spec: Spec): string {
  if (spec.grouping === "_") throw valueError("invalid format string");
  const sign = signText(value.negative, spec);
  const absolute = new PyDecimal(
    value.coefficient < 0n ? -value.coefficient : value.coefficient,
    value.exponent,
  );
  const body = decimalBody(absolute, spec);
  return padNumber(grouped(body, spec), sign, "", spec);
}

function decimalBody(value: PyDecimal, spec: Spec): string {
  switch (spec.type.toLowerCase()) {
    case "":
      return spec.precision === undefined ? value.str() : roundSignificant(value, spec.precision);
    case "f":
      return plain(spec.precision === undefined ? value : value.round(spec.precision));
    case "%": {
      const scaled = new PyDecimal(value.coefficient, value.exponent + 2);
      return `${plain(spec.precision === undefined ? scaled : scaled.round(spec.precision))}%`;
    }
    case "e":
    case "g":
      return floatBody(value.toNumber(), spec.type, spec.precision, spec.alternate);
    default:
      throw valueError("invalid format string");
  }
}

/** Without an exponent. */
function plain(value: PyDecimal): string {
  const places = Math.max(0, -value.exponent);
  const digits = value
    .round(places)
    .coefficient.toString()
    .padStart(places + 1, "0");
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

function roundSignificant(value: PyDecimal, precision: number): string {
  const digits = value.coefficient.toString().length;
  const count = Math.max(1, precision);
  return digits <= count ? value.str() : value.round(count - digits - value.exponent).str();
}
