import { FloatValue } from "@lava/core";
import { powerOf } from "./decimal-math.ts";
import { divideRounded, type Rounding } from "./decimal-rounding.ts";
import { PyError } from "./error.ts";
import { divideHalfEven, exactFraction } from "./float-text.ts";
import {
  type BinaryOperator,
  type HashKey,
  int,
  type Order,
  PyObject,
  type Value,
} from "./value.ts";

export const PRECISION = 28;

let decimalMembers: (self: PyDecimal, name: string) => Value | undefined = () => undefined;

/** Hands in the methods, which are built on the arithmetic here. */
export function setDecimalMembers(members: typeof decimalMembers): void {
  decimalMembers = members;
}

/** A Decimal: coefficient times 10^exponent, 28 digits, rounded half to even (T-04). Finite only. */
export class PyDecimal extends PyObject {
  readonly typeName = "decimal.Decimal";
  readonly coefficient: bigint;
  readonly exponent: number;
  /** Sign of a zero. */
  readonly negativeZero: boolean;

  constructor(coefficient: bigint, exponent: number, negativeZero = false) {
    super();
    this.coefficient = coefficient;
    this.exponent = exponent;
    this.negativeZero = negativeZero && coefficient === 0n;
  }

  /** Parses Python's literal; a ValueError otherwise. */
  static parse(text: string): PyDecimal {
    const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?\s*$/.exec(
      text.replaceAll("_", ""),
    );
    const digits = `${match?.[2] ?? ""}${match?.[3] ?? ""}`;
    if (match === null || digits === "") {
      throw new PyError("InvalidOperation", "[<class 'decimal.ConversionSyntax'>]");
    }
    const size = BigInt(digits);
    const exponent = Number(match[4] ?? 0) - (match[3]?.length ?? 0);
    return new PyDecimal(match[1] === "-" ? -size : size, exponent, match[1] === "-");
  }

  static fromFloat(value: number): PyDecimal {
    const { numerator, shift } = exactFraction(value);
    return new PyDecimal(numerator * 5n ** shift, -Number(shift));
  }

  get negative(): boolean {
    return this.coefficient < 0n || this.negativeZero;
  }
  toNumber(): number {
    return Number(this.str());
  }
  /** Towards zero. */
  toInteger(): bigint {
    return this.exponent >= 0
      ? this.coefficient * 10n ** BigInt(this.exponent)
      : this.coefficient / 10n ** BigInt(-this.exponent);
  }
  repr(): string {
    return `Decimal('${this.str()}')`;
  }
  override str(): string {
    const digits = (this.coefficient < 0n ? -this.coefficient : this.coefficient).toString();
    const sign = this.negative ? "-" : "";
    const adjusted = this.exponent + digits.length - 1;
    if (this.exponent <= 0 && adjusted >= -6) {
      if (this.exponent === 0) return sign + digits;
      const padded = digits.padStart(1 - this.exponent, "0");
      return `${sign}${padded.slice(0, this.exponent)}.${padded.slice(this.exponent)}`;
    }
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
    return `${sign}${mantissa}E${adjusted < 0 ? "" : "+"}${adjusted}`;
  }
  override truth(): boolean {
    return this.coefficient !== 0n;
  }
  override hashKey(): HashKey {
    const value = normalized(this);
    if (value.exponent >= 0) return int(value.toInteger());
    const number = this.toNumber();
    const exact = Number.isFinite(number) && PyDecimal.fromFloat(number);
    return exact !== false && exact.compare(this) === 0 ? number : `\0D:${value.str()}`;
  }
  override equals(other: Value): boolean {
    return this.compare(other) === 0;
  }
  override compare(other: Value): Order {
    const right = toExact(other);
    if (right === undefined) return floatOrder(other);
    const exponent = Math.min(this.exponent, right.exponent);
    const difference = scaledTo(this, exponent) - scaledTo(right, exponent);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  override negate(sign: "-" | "+"): Value {
    if (this.coefficient === 0n) return new PyDecimal(0n, this.exponent);
    return rounded(sign === "-" ? -this.coefficient : this.coefficient, this.exponent);
  }
  override absolute(): Value {
    return this.negative ? this.negate("-") : this.negate("+");
  }
  override operate(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    const operand = toDecimal(other);
    if (operand === undefined) return undefined;
    return reversed ? arithmetic(operator, operand, this) : arithmetic(operator, this, operand);
  }
  override getAttribute(name: string): Value | undefined {
    if (name === "real") return this;
    if (name === "imag") return new PyDecimal(0n, 0);
    return decimalMembers(this, name);
  }
  /** `round(self, places)`. */
  round(places: number): PyDecimal {
    const result = quantize(this, -places);
    if (digitsOf(result.coefficient) > PRECISION) throw invalidOperation();
    return result;
  }
  /** Exponent of the first digit. */
  get adjusted(): number {
    return this.exponent + digitsOf(this.coefficient) - 1;
  }
}

/** Coefficient at a smaller or equal exponent. */
export function scaledTo(value: PyDecimal, exponent: number): bigint {
  return value.coefficient * 10n ** BigInt(value.exponent - exponent);
}

/** At an exponent, rounded where digits are lost. */
export function quantize(
  value: PyDecimal,
  exponent: number,
  rounding: Rounding = "ROUND_HALF_EVEN",
): PyDecimal {
  if (value.exponent >= exponent) {
    if (value.coefficient !== 0n && value.adjusted - exponent + 1 > 1000) throw invalidOperation();
    return new PyDecimal(scaledTo(value, exponent), exponent, value.negative);
  }
  const lost = exponent - value.exponent;
  // All digits and more go: one digit tells how to round.
  const shift = Math.min(lost, digitsOf(value.coefficient) + 1);
  const quotient = divideRounded(value.coefficient, 10n ** BigInt(shift), rounding);
  return new PyDecimal(quotient, exponent, value.negative);
}

/** Number of digits of a coefficient. */
export const digitsOf = (coefficient: bigint): number =>
  (coefficient < 0n ? -coefficient : coefficient).toString().length;

/** An operand of arithmetic: ints and Decimals; floats do not mix. */
export function toDecimal(value: Value): PyDecimal | undefined {
  if (value instanceof PyDecimal) return value;
  if (typeof value === "boolean") return new PyDecimal(value ? 1n : 0n, 0);
  if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value))) {
    return new PyDecimal(BigInt(value), 0);
  }
  return undefined;
}

/** An operand of comparison: floats count with their exact value. */
function toExact(value: Value): PyDecimal | undefined {
  const number = value instanceof FloatValue ? value.value : value;
  if (typeof number === "number" && Number.isFinite(number) && !isIntNumber(value)) {
    return PyDecimal.fromFloat(number);
  }
  return toDecimal(value);
}

const isIntNumber = (value: Value): boolean => typeof value === "number" && Number.isInteger(value);

function floatOrder(value: Value): Order {
  if (value === Infinity) return -1;
  if (value === -Infinity) return 1;
  return undefined;
}

export function rounded(coefficient: bigint, exponent: number): PyDecimal {
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString().length;
  if (digits <= PRECISION) return new PyDecimal(coefficient, exponent);
  const excess = digits - PRECISION;
  const value = divideHalfEven(coefficient, 10n ** BigInt(excess));
  const size = (value < 0n ? -value : value).toString().length;
  return size > PRECISION
    ? new PyDecimal(value / 10n, exponent + excess + 1)
    : new PyDecimal(value, exponent + excess);
}

export function arithmetic(operator: BinaryOperator, left: PyDecimal, right: PyDecimal): Value {
  const exponent = Math.min(left.exponent, right.exponent);
  switch (operator) {
    case "+":
      return rounded(scaledTo(left, exponent) + scaledTo(right, exponent), exponent);
    case "-":
      return rounded(scaledTo(left, exponent) - scaledTo(right, exponent), exponent);
    case "*": {
      const product = left.coefficient * right.coefficient;
      const sign = left.negative !== right.negative;
      const sum = left.exponent + right.exponent;
      return product === 0n ? new PyDecimal(0n, sum, sign) : rounded(product, sum);
    }
    case "/":
      return divide(left, right);
    case "//":
    case "%": {
      const bottom = scaledTo(right, exponent);
      if (bottom === 0n) {
        if (left.coefficient === 0n && operator === "//") throw undefinedDivision();
        if (operator === "//") throw divisionByZero();
        throw left.coefficient === 0n ? undefinedDivision() : invalidOperation();
      }
      const top = scaledTo(left, exponent);
      const quotient = top / bottom;
      if ((quotient < 0n ? -quotient : quotient).toString().length > PRECISION) {
        throw new PyError("InvalidOperation", "[<class 'decimal.DivisionImpossible'>]");
      }
      if (operator === "%") return rounded(top % bottom, exponent);
      return new PyDecimal(quotient, 0, left.negative !== right.negative);
    }
    case "**":
      return power(left, right);
  }
}

const divisionByZero = (): PyError =>
  new PyError("DivisionByZero", "[<class 'decimal.DivisionByZero'>]");
const undefinedDivision = (): PyError =>
  new PyError("InvalidOperation", "[<class 'decimal.DivisionUndefined'>]");
export const invalidOperation = (): PyError =>
  new PyError("InvalidOperation", "[<class 'decimal.InvalidOperation'>]");

export function divide(left: PyDecimal, right: PyDecimal): PyDecimal {
  if (right.coefficient === 0n) {
    throw left.coefficient === 0n ? undefinedDivision() : divisionByZero();
  }
  const negative = left.negative !== right.negative;
  const ideal = left.exponent - right.exponent;
  if (left.coefficient === 0n) return new PyDecimal(0n, ideal, negative);
  const top = left.coefficient < 0n ? -left.coefficient : left.coefficient;
  const bottom = right.coefficient < 0n ? -right.coefficient : right.coefficient;
  const shift = Math.max(0, bottom.toString().length - top.toString().length + PRECISION + 1);
  const scaled = top * 10n ** BigInt(shift);
  let quotient = scaled / bottom;
  let exponent = ideal - shift;
  const exact = scaled % bottom === 0n;
  if (exact) {
    while (exponent < ideal && quotient % 10n === 0n) {
      quotient /= 10n;
      exponent++;
    }
  } else if (quotient % 5n === 0n) quotient++; // keeps a half from looking exact
  return rounded(negative ? -quotient : quotient, exponent);
}

function power(left: PyDecimal, right: PyDecimal): PyDecimal {
  if (left.coefficient === 0n && right.coefficient === 0n) throw invalidOperation();
  const isWhole = right.exponent >= 0 || right.coefficient % 10n ** BigInt(-right.exponent) === 0n;
  if (!isWhole) {
    if (left.negative && left.coefficient !== 0n) throw invalidOperation();
    if (left.coefficient === 0n) {
      if (right.negative) throw invalidOperation();
      return new PyDecimal(0n, 0);
    }
    const { coefficient, exponent } = powerOf(left, right, PRECISION);
    return checkedSize(rounded(coefficient, exponent));
  }
  const isOne = left.coefficient === 1n || left.coefficient === -1n;
  if (isOne && left.exponent === 0 && right.adjusted > 15) {
    const isOdd = right.exponent === 0 && right.coefficient % 2n !== 0n;
    return new PyDecimal(left.negative && isOdd ? -1n : 1n, 0);
  }
  if (right.adjusted > 15) throw overflow();
  const count = Number(right.toInteger());
  const isNegative = left.negative && count % 2 !== 0;
  if (left.coefficient === 0n && count > 0) return new PyDecimal(0n, 0, isNegative);
  const size = Math.abs(count);
  if (left.coefficient !== 0n && Math.abs(left.adjusted) * size > 2_000_000) {
    if (left.adjusted > 0 === count > 0) throw overflow();
    return new PyDecimal(0n, -1_000_026, isNegative);
  }
  const raised = raise(left, size);
  const result = count >= 0 ? raised : divide(new PyDecimal(1n, 0), raised);
  return checkedSize(rounded(result.coefficient, result.exponent));
}

/** Digits that the steps of a power keep. */
const WORKING = PRECISION + 24;

/** A power by squaring; a long one is cut to more digits than the result has. */
function raise(base: PyDecimal, count: number): PyDecimal {
  let result = new PyDecimal(1n, 0);
  let square = base;
  for (let left = count; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1)
      result = cut(result.coefficient * square.coefficient, result.exponent + square.exponent);
    if (left > 1) square = cut(square.coefficient ** 2n, square.exponent * 2);
  }
  return result;
}

function cut(coefficient: bigint, exponent: number): PyDecimal {
  const excess = digitsOf(coefficient) - WORKING;
  if (excess <= 0) return new PyDecimal(coefficient, exponent);
  const divisor = 10n ** BigInt(excess);
  return new PyDecimal(divideHalfEven(coefficient, divisor), exponent + excess);
}

const overflow = (): PyError => new PyError("Overflow", "[<class 'decimal.Overflow'>]");

function checkedSize(value: PyDecimal): PyDecimal {
  if (value.coefficient !== 0n && value.adjusted > 999_999) throw overflow();
  return value;
}

export function normalized(value: PyDecimal): PyDecimal {
  if (value.coefficient === 0n) return new PyDecimal(0n, 0);
  let { coefficient, exponent } = rounded(value.coefficient, value.exponent);
  while (coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent++;
  }
  return new PyDecimal(coefficient, exponent);
}

/** `sqrt()`. */
export function squareRoot(value: PyDecimal): PyDecimal {
  if (value.coefficient < 0n) throw invalidOperation();
  if (value.coefficient === 0n) return new PyDecimal(0n, Math.floor(value.exponent / 2));
  const shift = 2 * PRECISION + (Math.abs(value.exponent) % 2);
  const scaled = value.coefficient * 10n ** BigInt(shift);
  let root = 10n ** BigInt(Math.ceil(digitsOf(scaled) / 2));
  for (let next = (root + scaled / root) / 2n; next < root; next = (root + scaled / root) / 2n) {
    root = next;
  }
  let exponent = (value.exponent - shift) / 2;
  const ideal = Math.floor(value.exponent / 2);
  if (root * root === scaled) {
    while (exponent < ideal && root % 10n === 0n) {
      root /= 10n;
      exponent++;
    }
    return rounded(root, exponent);
  }
  return rounded(root * 10n + 1n, exponent - 1);
}
