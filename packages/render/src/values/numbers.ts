import { complexPower } from "./complex.ts";
import { PyError, valueError } from "./error.ts";
import { exactFraction } from "./float-text.ts";
import { checkBits } from "./limits.ts";
import { numberOf } from "./number-of.ts";
import { textRepr } from "./text.ts";
import { type BinaryOperator, float, int, isFloat, type Value } from "./value.ts";

/** Arithmetic of ints and floats; undefined where an operand is neither. */
export function numeric(operator: BinaryOperator, left: Value, right: Value): Value | undefined {
  const a = numberOf(left);
  const b = numberOf(right);
  if (a === undefined || b === undefined) return undefined;
  if (a.kind === "int" && b.kind === "int") return intArithmetic(operator, a.value, b.value);
  return floatArithmetic(operator, toFloat(a.value), toFloat(b.value));
}

function toFloat(value: number | bigint): number {
  const result = Number(value);
  if (typeof value === "bigint" && !Number.isFinite(result)) {
    throw new PyError("OverflowError", "int too large to convert to float");
  }
  return result;
}

function intArithmetic(operator: BinaryOperator, a: number | bigint, b: number | bigint): Value {
  if (typeof a === "number" && typeof b === "number") {
    switch (operator) {
      case "+":
        if (Number.isSafeInteger(a + b)) return a + b;
        break;
      case "-":
        if (Number.isSafeInteger(a - b)) return a - b;
        break;
      case "*":
        if (Number.isSafeInteger(a * b)) return a * b === 0 ? 0 : a * b;
        break;
      case "/":
        if (b === 0) throw new PyError("ZeroDivisionError", "division by zero");
        return float(a / b);
      case "%":
      case "//": {
        if (b === 0) throw zeroDivision(operator);
        const rest = a % b;
        const modulo = rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
        const result = operator === "%" ? modulo : Math.round((a - modulo) / b);
        return result === 0 ? 0 : result;
      }
      case "**":
        if (b >= 0 && Number.isSafeInteger(a ** b)) return a ** b;
        break;
    }
  }
  return bigArithmetic(operator, BigInt(a), BigInt(b));
}

const zeroDivision = (operator: "%" | "//"): PyError =>
  new PyError(
    "ZeroDivisionError",
    operator === "%" ? "integer modulo by zero" : "integer division or modulo by zero",
  );

function bigArithmetic(operator: BinaryOperator, a: bigint, b: bigint): Value {
  switch (operator) {
    case "+":
      return int(a + b);
    case "-":
      return int(a - b);
    case "*":
      checkBits(bitLength(a) + bitLength(b));
      return int(a * b);
    case "/":
      if (b === 0n) throw new PyError("ZeroDivisionError", "division by zero");
      return float(trueDivision(a, b));
    case "//":
    case "%": {
      if (b === 0n) throw zeroDivision(operator);
      const rest = a % b;
      const modulo = rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
      return int(operator === "%" ? modulo : (a - modulo) / b);
    }
    case "**": {
      if (b < 0n) return floatArithmetic("**", toFloat(a), toFloat(b));
      if (a === 0n || a === 1n) return int(b === 0n ? 1n : a);
      if (a === -1n) return b % 2n === 0n ? 1 : -1;
      checkBits(Number(b) * (bitLength(a) - 1));
      return int(a ** b);
    }
  }
}

/** The double nearest to `a / b`. */
function trueDivision(a: bigint, b: bigint): number {
  const negative = a < 0n !== b < 0n;
  const top = a < 0n ? -a : a;
  const bottom = b < 0n ? -b : b;
  const shift = Math.max(0, bottom.toString(2).length - top.toString(2).length + 66);
  const scaled = (top << BigInt(shift)) / bottom;
  const sticky = (top << BigInt(shift)) % bottom === 0n ? scaled : scaled | 1n;
  const size = Number(sticky) / 2 ** Math.min(shift, 1000) / 2 ** Math.max(0, shift - 1000);
  if (!Number.isFinite(size)) {
    throw new PyError("OverflowError", "integer division result too large for a float");
  }
  return negative ? -size : size;
}

function floatArithmetic(operator: BinaryOperator, a: number, b: number): Value {
  switch (operator) {
    case "+":
      return float(a + b);
    case "-":
      return float(a - b);
    case "*":
      return float(a * b);
    case "/":
      if (b === 0) throw new PyError("ZeroDivisionError", "float division by zero");
      return float(a / b);
    case "%":
      if (b === 0) throw new PyError("ZeroDivisionError", "float modulo");
      return float(floatModulo(a, b));
    case "//":
      if (b === 0) throw new PyError("ZeroDivisionError", "float floor division by zero");
      return float(floatFloor(a, b));
    case "**": {
      if (a === 0 && b < 0) {
        throw new PyError("ZeroDivisionError", "0.0 cannot be raised to a negative power");
      }
      if (a < 0 && !Number.isInteger(b) && Number.isFinite(b) && Number.isFinite(a)) {
        return complexPower({ real: a, imaginary: 0 }, { real: b, imaginary: 0 });
      }
      if (a === 1 || b === 0) return float(1);
      const result = a ** b;
      if (!Number.isFinite(result) && Number.isFinite(a) && Number.isFinite(b)) {
        throw new PyError("OverflowError", "(34, 'Numerical result out of range')");
      }
      return float(result);
    }
  }
}

function floatModulo(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

function floatFloor(a: number, b: number): number {
  const rest = a % b;
  let quotient = (a - rest) / b;
  if (rest !== 0 && b < 0 !== rest < 0) quotient -= 1;
  if (quotient === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

/** Bits of the size of an int. */
export function bitLength(value: bigint | number): number {
  const size = BigInt(value) < 0n ? -BigInt(value) : BigInt(value);
  if (size === 0n) return 0;
  const hex = size.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0] ?? "0", 16)));
}

/** Most digits that Python turns into text or back. */
const MOST_DIGITS = 4300;
const TOO_LARGE = 10n ** BigInt(MOST_DIGITS);
const RAISE = "use sys.set_int_max_str_digits() to increase the limit";

/** An int as decimal text. */
export function intText(value: bigint | number): string {
  if (typeof value === "bigint" && (value >= TOO_LARGE || value <= -TOO_LARGE)) {
    throw valueError(
      `Exceeds the limit (${MOST_DIGITS} digits) for integer string conversion; ${RAISE}`,
    );
  }
  return value.toString();
}

/** `int(text, base)`. */
export function parseInteger(text: string, base = 10): number | bigint {
  const failed = valueErrorFor(text, base);
  const match = /^([+-]?)(?:0([xXoObB]))?_?([0-9a-zA-Z]+(?:_[0-9a-zA-Z]+)*)$/.exec(
    text.replace(/^[\s\x1c-\x1f\x85]+|[\s\x1c-\x1f\x85]+$/g, ""),
  );
  if (match === null) {
    const digits = unicodeDigits(text);
    if (digits !== text) return parseInteger(digits, base);
    throw failed;
  }
  const [, sign, prefix = "", raw = ""] = match;
  const bases: Readonly<Record<string, number>> = { x: 16, o: 8, b: 2 };
  const prefixed = bases[prefix.toLowerCase()];
  let radix = base;
  let digits = raw.replaceAll("_", "").toLowerCase();
  if (prefixed !== undefined) {
    if (base === 0) radix = prefixed;
    else if (base !== prefixed) {
      if (base <= 16 && !(base > 11)) throw failed;
      digits = `0${prefix.toLowerCase()}${digits}`;
    }
  } else if (base === 0) {
    if (/^0+[1-9]/.test(digits)) throw failed;
    radix = 10;
  }
  if (digits.length > MOST_DIGITS && (radix & (radix - 1)) !== 0) {
    throw valueError(
      `Exceeds the limit (${MOST_DIGITS} digits) for integer string conversion: ` +
        `value has ${digits.length} digits; ${RAISE}`,
    );
  }
  if (radix === 10 && !/[^0-9]/.test(digits)) {
    return int(sign === "-" ? -BigInt(digits) : BigInt(digits));
  }
  let result = 0n;
  for (const digit of digits) {
    const number = Number.parseInt(digit, 36);
    if (Number.isNaN(number) || number >= radix) throw failed;
    result = result * BigInt(radix) + BigInt(number);
  }
  return int(sign === "-" ? -result : result);
}

function valueErrorFor(text: string, base: number): PyError {
  const shown = text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text}'`;
  return valueError(
    `invalid literal for int() with base ${base}: ${shown.replaceAll("\n", "\\n")}`,
  );
}

/** Other scripts' decimal digits as ASCII. */
export const unicodeDigits = (text: string): string =>
  text.replace(/(?![0-9])\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    let zero = code;
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && code - zero < 9) zero--;
    return String(code - zero);
  });

/** `float(text)`. */
export function parseFloatText(text: string): number {
  const trimmed = text.replace(/^[\s\x1c-\x1f\x85]+|[\s\x1c-\x1f\x85]+$/g, "");
  const special = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i.exec(trimmed);
  if (special !== null) {
    if (special[2] === undefined) return Number.NaN;
    return special[1] === "-" ? -Infinity : Infinity;
  }
  const digits = "\\d+(?:_\\d+)*";
  const pattern = new RegExp(
    `^[+-]?(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:[eE][+-]?${digits})?$`,
  );
  if (!pattern.test(trimmed)) {
    throw valueError(`could not convert string to float: ${textRepr(text)}`);
  }
  return Number(trimmed.replaceAll("_", ""));
}

/** `int(value)` of a float: towards zero. */
export function truncate(value: number): number | bigint {
  if (Number.isNaN(value)) throw valueError("cannot convert float NaN to integer");
  if (!Number.isFinite(value)) {
    throw new PyError("OverflowError", "cannot convert float infinity to integer");
  }
  const whole = Math.trunc(value);
  if (Number.isSafeInteger(whole)) return whole === 0 ? 0 : whole;
  return int(exactFraction(whole).numerator);
}

/** `-value`, `+value` of ints and floats; undefined for what is neither. */
export function signed(sign: "-" | "+", value: Value): Value | undefined {
  const number = numberOf(value);
  if (number === undefined) return undefined;
  if (sign === "+") return isFloat(value) ? value : number.value;
  if (number.kind === "float") return float(-number.value);
  return typeof number.value === "bigint"
    ? int(-number.value)
    : number.value === 0
      ? 0
      : -number.value;
}
