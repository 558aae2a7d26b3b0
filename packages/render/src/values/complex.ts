import { PyError } from "./error.ts";
import { floatRepr } from "./float-text.ts";
import { PyFunction } from "./method.ts";
import { numberOf } from "./number-of.ts";
import { type BinaryOperator, float, PyObject, type Value } from "./value.ts";

/** A complex number: what a negative number to a broken power gives. */
export class ComplexValue extends PyObject {
  readonly typeName = "complex";
  readonly real: number;
  readonly imaginary: number;
  constructor(real: number, imaginary: number) {
    super();
    this.real = real;
    this.imaginary = imaginary;
  }
  repr(): string {
    const imaginary = short(this.imaginary);
    if (this.real === 0 && !Object.is(this.real, -0)) return `${imaginary}j`;
    const sign = imaginary.startsWith("-") ? "" : "+";
    return `(${short(this.real)}${sign}${imaginary}j)`;
  }
  override truth(): boolean {
    return this.real !== 0 || this.imaginary !== 0;
  }
  override equals(other: Value): boolean {
    const right = toComplex(other);
    return right !== undefined && right.real === this.real && right.imaginary === this.imaginary;
  }
  override hashKey(): number | string {
    return this.imaginary === 0 ? this.real : `\0C${this.repr()}`;
  }
  override negate(sign: "-" | "+"): Value {
    return sign === "+" ? this : new ComplexValue(-this.real, -this.imaginary);
  }
  override absolute(): Value {
    return float(Math.hypot(this.real, this.imaginary));
  }
  override operate(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    const operand = toComplex(other);
    if (operand === undefined) return undefined;
    return reversed ? arithmetic(operator, operand, this) : arithmetic(operator, this, operand);
  }
  override getAttribute(name: string): Value | undefined {
    if (name === "real") return float(this.real);
    if (name === "imag") return float(this.imaginary);
    if (name !== "conjugate") return undefined;
    return new PyFunction(name, () => new ComplexValue(this.real, -this.imaginary));
  }
}

/** A part: a whole one has no point. */
const short = (value: number): string => floatRepr(value).replace(/\.0$/, "");

function toComplex(value: Value): { real: number; imaginary: number } | undefined {
  if (value instanceof ComplexValue) return value;
  const number = numberOf(value);
  if (number === undefined) return undefined;
  const real = Number(number.value);
  if (!Number.isFinite(real) && number.kind === "int") {
    throw new PyError("OverflowError", "int too large to convert to float");
  }
  return { real, imaginary: 0 };
}

type Parts = { readonly real: number; readonly imaginary: number };

function arithmetic(operator: BinaryOperator, a: Parts, b: Parts): Value | undefined {
  switch (operator) {
    case "+":
      return new ComplexValue(a.real + b.real, a.imaginary + b.imaginary);
    case "-":
      return new ComplexValue(a.real - b.real, a.imaginary - b.imaginary);
    case "*":
      return new ComplexValue(
        a.real * b.real - a.imaginary * b.imaginary,
        a.real * b.imaginary + a.imaginary * b.real,
      );
    case "/":
      return quotient(a, b);
    case "**":
      return complexPower(a, b);
    default:
      return undefined;
  }
}

function quotient(a: Parts, b: Parts): ComplexValue {
  const left = Math.abs(b.real);
  const right = Math.abs(b.imaginary);
  if (left === 0 && right === 0) {
    throw new PyError("ZeroDivisionError", "complex division by zero");
  }
  if (left >= right) {
    const ratio = b.imaginary / b.real;
    const size = b.real + b.imaginary * ratio;
    return new ComplexValue(
      (a.real + a.imaginary * ratio) / size,
      (a.imaginary - a.real * ratio) / size,
    );
  }
  const ratio = b.real / b.imaginary;
  const size = b.real * ratio + b.imaginary;
  return new ComplexValue(
    (a.real * ratio + a.imaginary) / size,
    (a.imaginary * ratio - a.real) / size,
  );
}

/** `a ** b` of complex numbers, step by step as CPython does it. */
export function complexPower(a: Parts, b: Parts): ComplexValue {
  if (b.imaginary === 0 && Number.isInteger(b.real) && Math.abs(b.real) <= 100) {
    return b.real >= 0
      ? wholePower(a, b.real)
      : quotient({ real: 1, imaginary: 0 }, wholePower(a, -b.real));
  }
  if (a.real === 0 && a.imaginary === 0) {
    if (b.imaginary !== 0 || b.real < 0) {
      throw new PyError("ZeroDivisionError", "0.0 to a negative or complex power");
    }
    return new ComplexValue(0, 0);
  }
  const size = Math.hypot(a.real, a.imaginary);
  const angle = Math.atan2(a.imaginary, a.real);
  let length = size ** b.real;
  let turn = angle * b.real;
  if (b.imaginary !== 0) {
    length *= Math.exp(-angle * b.imaginary);
    turn += b.imaginary * Math.log(size);
  }
  const result = new ComplexValue(length * Math.cos(turn), length * Math.sin(turn));
  if (!Number.isFinite(result.real) || !Number.isFinite(result.imaginary)) {
    throw new PyError("OverflowError", "(34, 'Numerical result out of range')");
  }
  return result;
}

function wholePower(base: Parts, exponent: number): ComplexValue {
  let result: Parts = { real: 1, imaginary: 0 };
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = product(result, square);
    square = product(square, square);
  }
  return new ComplexValue(result.real, result.imaginary);
}

const product = (a: Parts, b: Parts): Parts => ({
  real: a.real * b.real - a.imaginary * b.imaginary,
  imaginary: a.real * b.imaginary + a.imaginary * b.real,
});
