import { FloatValue } from "@lava/core";
import { binary, unary } from "../values/attributes.ts";
import { compareWith, str, truth } from "../values/basics.ts";
import { PyBytes } from "../values/bytes.ts";
import { PyDecimal } from "../values/decimal.ts";
import { PyError, typeError, valueError } from "../values/error.ts";
import { divideHalfEven, fixedText, roundFloat } from "../values/float-text.ts";
import { Markup } from "../values/markup.ts";
import { numberOf } from "../values/number-of.ts";
import { parseFloatText, parseInteger, truncate } from "../values/numbers.ts";
import { Undefined } from "../values/undefined.ts";
import {
  float,
  indexNumber,
  int,
  isFloat,
  isInt,
  PyObject,
  typeName,
  type Value,
} from "../values/value.ts";
import { filterTable, softText } from "./support.ts";

const isText = (value: Value): boolean => typeof value === "string" || value instanceof Markup;

/** Bytes are read as the digits that they spell. */
const spelled = (value: Value): Value =>
  value instanceof PyBytes ? Buffer.from(value.data).toString("latin1") : value;

/** `int(value)` of Python. */
function toInt(given: Value): number | bigint {
  const value = spelled(given);
  if (value instanceof PyDecimal) return int(value.toInteger());
  if (value instanceof Undefined) value.fail();
  if (isText(value)) return parseInteger(softText(value));
  const number = numberOf(value);
  if (number === undefined) {
    throw typeError(
      "int() argument must be a string, a bytes-like object or a real number, " +
        `not '${typeName(value)}'`,
    );
  }
  return number.kind === "float" ? truncate(number.value) : number.value;
}

/** `float(value)` of Python. */
function toFloat(given: Value): number {
  const value = spelled(given);
  if (value instanceof PyDecimal) return value.toNumber();
  if (value instanceof Undefined) value.fail();
  if (isText(value)) return parseFloatText(softText(value));
  const number = numberOf(value);
  if (number === undefined) {
    throw typeError(`float() argument must be a string or a real number, not '${typeName(value)}'`);
  }
  const size = Number(number.value);
  if (number.kind === "int" && !Number.isFinite(size)) {
    throw new PyError("OverflowError", "int too large to convert to float");
  }
  return size;
}

const isBadValue = (error: unknown, ...more: string[]): boolean =>
  error instanceof PyError && ["TypeError", "ValueError", ...more].includes(error.type);

/** The places of `round`; beyond all numbers where the argument is. */
const placesOf = (precision: Value): number =>
  typeof precision === "bigint" ? (precision < 0n ? -Infinity : Infinity) : indexNumber(precision);

/** `round(value, places)`; without places the nearest int. */
function round(value: Value, precision: Value | undefined): Value {
  if (value instanceof PyDecimal) {
    if (precision === undefined) return int(value.round(0).toInteger());
    if (!isInt(precision) && typeof precision !== "boolean") {
      throw typeError("optional arg must be an integer");
    }
    return value.round(indexNumber(precision));
  }
  if (isFloat(value)) {
    const number = value instanceof FloatValue ? value.value : value;
    if (precision === undefined) return truncate(roundFloat(number, 0));
    return float(roundFloat(number, placesOf(precision)));
  }
  const number = numberOf(value);
  if (number === undefined) {
    throw typeError(`type ${typeName(value)} doesn't define __round__ method`);
  }
  const whole = BigInt(number.value);
  const places = precision === undefined ? 0 : placesOf(precision);
  if (places < -100_000) return 0;
  if (places >= 0) return int(whole);
  const unit = 10n ** BigInt(-places);
  return int(divideHalfEven(whole, unit) * unit);
}

function ceilOrFloor(value: Value, up: boolean): Value {
  if (value instanceof PyDecimal) {
    const whole = value.toInteger();
    const exact = new PyDecimal(whole, 0).compare(value) ?? 0;
    if (exact === 0) return int(whole);
    return int(up ? (exact < 0 ? whole + 1n : whole) : exact > 0 ? whole - 1n : whole);
  }
  const number = numberOf(value);
  if (number === undefined) throw typeError(`must be real number, not ${typeName(value)}`);
  if (number.kind === "int") return number.value;
  return truncate(up ? Math.ceil(number.value) : Math.floor(number.value));
}

/** Filters of numbers. */
export const numberFilters = filterTable({
  "abs: abs(x)": (value) => {
    if (value instanceof PyObject) return value.absolute();
    if (numberOf(value) === undefined) {
      throw typeError(`bad operand type for abs(): '${typeName(value)}'`);
    }
    if (isFloat(value)) return float(Math.abs(value instanceof FloatValue ? value.value : value));
    return compareWith("<", value, 0) ? unary("-", value) : unary("+", value);
  },
  "int: do_int(value, default=0, base=10)": (value, [fallback = 0, base = 10]) => {
    try {
      if (!isText(value)) return toInt(value);
      const radix = indexNumber(base);
      if (radix !== 0 && (radix < 2 || radix > 36)) {
        throw valueError("int() base must be >= 2 and <= 36, or 0");
      }
      return parseInteger(softText(value), radix);
    } catch (error) {
      if (!isBadValue(error)) throw error;
    }
    try {
      return truncate(toFloat(value));
    } catch (error) {
      if (!isBadValue(error, "OverflowError")) throw error;
      return fallback;
    }
  },
  "float: do_float(value, default=?)": (value, [fallback = float(0)]) => {
    try {
      return float(toFloat(value));
    } catch (error) {
      if (!isBadValue(error)) throw error;
      return fallback;
    }
  },
  "round: do_round(value, precision=0, method='common')": (
    value,
    [precision = 0, method = "common"],
  ) => {
    if (method === "common")
      return precision === null ? round(value, undefined) : round(value, precision);
    if (method !== "ceil" && method !== "floor") {
      throw new PyError("FilterArgumentError", "method must be common, ceil or floor");
    }
    const unit = binary("**", 10, precision);
    const scaled = ceilOrFloor(binary("*", value, unit), method === "ceil");
    return binary("/", scaled, unit);
  },
  "filesizeformat: do_filesizeformat(value, binary=False)": (value, [isBinary = false]) => {
    const bytes = toFloat(value);
    const base = truth(isBinary) ? 1024 : 1000;
    if (bytes === 1) return "1 Byte";
    if (bytes < base) return `${str(truncate(bytes))} Bytes`;
    const units = [..."kMGTPEZY"].map((unit) =>
      truth(isBinary) ? `${unit.toUpperCase()}iB` : `${unit}B`,
    );
    let power = 2;
    while (power <= units.length && bytes >= base ** power) power++;
    const last = Math.min(power, units.length + 1);
    return `${fixedText((base * bytes) / base ** last, 1)} ${units[last - 2]}`;
  },
});
