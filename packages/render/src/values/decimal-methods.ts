import { expOf, lnOf, log10Of, type Raw } from "./decimal-math.ts";
import { type Rounding, roundingOf } from "./decimal-rounding.ts";
import {
  arithmetic,
  digitsOf,
  invalidOperation,
  normalized,
  PRECISION,
  PyDecimal,
  quantize,
  rounded,
  scaledTo,
  setDecimalMembers,
  squareRoot,
  toDecimal,
} from "./decimal.ts";
import { PyError, typeError } from "./error.ts";
import { divideHalfEven } from "./float-text.ts";
import { builtinMethods, type PyFunction } from "./method.ts";
import { PyTuple } from "./sequence.ts";
import { int, typeName, type Value } from "./value.ts";

/** An argument that is a Decimal or an int. */
function operand(value: Value | undefined): PyDecimal {
  const decimal = toDecimal(value ?? null);
  if (decimal !== undefined) return decimal;
  throw typeError(`conversion from ${typeName(value ?? null)} to Decimal is not supported`);
}

const rounding = (value: Value | undefined): Rounding =>
  value === null || value === undefined ? "ROUND_HALF_EVEN" : roundingOf(value);

const finish = ({ coefficient, exponent }: Raw): PyDecimal => rounded(coefficient, exponent);

const size = (value: PyDecimal): bigint =>
  value.coefficient < 0n ? -value.coefficient : value.coefficient;

const signed = (value: PyDecimal, negative: boolean): PyDecimal =>
  new PyDecimal(negative ? -size(value) : size(value), value.exponent, negative);

const order = (left: PyDecimal, right: PyDecimal): number => Math.sign(left.compare(right) ?? 0);

const toWhole = (self: PyDecimal, way: Value | undefined): PyDecimal =>
  self.exponent >= 0 ? self : quantize(self, 0, rounding(way));

function quantized(self: PyDecimal, unit: Value | undefined, way: Value | undefined): PyDecimal {
  const result = quantize(self, operand(unit).exponent, rounding(way));
  if (digitsOf(result.coefficient) > PRECISION) throw invalidOperation();
  return result;
}

function ln(self: PyDecimal): PyDecimal {
  if (self.coefficient <= 0n) throw invalidOperation();
  if (order(self, new PyDecimal(1n, 0)) === 0) return new PyDecimal(0n, 0);
  return finish(lnOf(self.coefficient, self.exponent, PRECISION));
}

function log10(self: PyDecimal): PyDecimal {
  if (self.coefficient <= 0n) throw invalidOperation();
  const { coefficient } = normalized(self);
  if (coefficient === 1n) return new PyDecimal(BigInt(self.adjusted), 0);
  return finish(log10Of(self.coefficient, self.exponent, PRECISION));
}

function exp(self: PyDecimal): PyDecimal {
  if (self.coefficient === 0n) return new PyDecimal(1n, 0);
  if (self.adjusted > 6) {
    if (self.negative) return new PyDecimal(0n, -1_000_026);
    throw new PyError("Overflow", "[<class 'decimal.Overflow'>]");
  }
  return finish(expOf(self.coefficient, self.exponent, PRECISION));
}

/** The nearest number above or below that 28 digits can hold. */
function neighbour(self: PyDecimal, up: boolean): PyDecimal {
  const missing = PRECISION - digitsOf(self.coefficient);
  const full = missing > 0 ? self.coefficient * 10n ** BigInt(missing) : self.coefficient;
  const exponent = missing > 0 ? self.exponent - missing : self.exponent;
  return rounded(full + (up ? 1n : -1n), exponent);
}

function remainderNear(self: PyDecimal, other: PyDecimal): PyDecimal {
  if (other.coefficient === 0n) throw invalidOperation();
  const exponent = Math.min(self.exponent, other.exponent);
  const top = scaledTo(self, exponent);
  const bottom = scaledTo(other, exponent);
  const size = bottom < 0n ? -bottom : bottom;
  const quotient = divideHalfEven(top, size);
  const rest = top - quotient * size;
  return new PyDecimal(rest, exponent, self.negative);
}

/** Order that tells numbers of one value apart by their exponents. */
function totalOrder(left: PyDecimal, right: PyDecimal): number {
  const byValue = order(left, right);
  if (byValue !== 0) return byValue;
  if (left.negative !== right.negative) return left.negative ? -1 : 1;
  const byExponent = Math.sign(left.exponent - right.exponent);
  return left.negative ? 0 - byExponent : byExponent;
}

/** Notation with exponents that are multiples of three. */
function engineering(self: PyDecimal): string {
  const { adjusted } = self;
  if (self.exponent <= 0 && adjusted >= -6) return self.str();
  const digits = size(self).toString();
  const sign = self.negative ? "-" : "";
  const left = (((adjusted % 3) + 3) % 3) + 1;
  const padded = digits.padEnd(left, "0");
  const rest = padded.slice(left);
  const exponent = adjusted - left + 1;
  const mantissa = rest === "" ? padded : `${padded.slice(0, left)}.${rest}`;
  if (exponent === 0) return sign + mantissa;
  return `${sign}${mantissa}E${exponent > 0 ? "+" : ""}${exponent}`;
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

function ratio(self: PyDecimal): PyTuple {
  const bottom = self.exponent < 0 ? 10n ** BigInt(-self.exponent) : 1n;
  const top = self.exponent > 0 ? scaledTo(self, 0) : self.coefficient;
  const common = gcd(top, bottom);
  return new PyTuple([int(top / common), int(bottom / common)]);
}

function moved(self: PyDecimal, by: Value | undefined, turn: boolean): PyDecimal {
  const places = Number(operand(by).toInteger());
  if (Math.abs(places) > PRECISION) throw invalidOperation();
  const digits = size(self).toString().padStart(PRECISION, "0").slice(-PRECISION);
  const zeros = "0".repeat(PRECISION);
  const at = turn ? (places + PRECISION) % PRECISION : places;
  const shifted = turn
    ? digits.slice(at) + digits.slice(0, at)
    : at >= 0
      ? (digits + zeros).slice(at, at + PRECISION)
      : (zeros + digits).slice(PRECISION + at, 2 * PRECISION + at);
  const coefficient = BigInt(shifted);
  return new PyDecimal(self.negative ? -coefficient : coefficient, self.exponent, self.negative);
}

const larger = (left: PyDecimal, right: PyDecimal, magnitude: boolean): PyDecimal => {
  const byValue = magnitude
    ? order(signed(left, false), signed(right, false)) || order(left, right)
    : order(left, right);
  const isLeft = byValue === 0 ? totalOrder(left, right) >= 0 : byValue > 0;
  const found = isLeft ? left : right;
  return rounded(found.coefficient, found.exponent);
};

const smaller = (left: PyDecimal, right: PyDecimal, magnitude: boolean): PyDecimal => {
  const byValue = magnitude
    ? order(signed(left, false), signed(right, false)) || order(left, right)
    : order(left, right);
  const isLeft = byValue === 0 ? totalOrder(left, right) < 0 : byValue < 0;
  const found = isLeft ? left : right;
  return rounded(found.coefficient, found.exponent);
};

const whole = (value: number): PyDecimal => new PyDecimal(BigInt(value), 0);

/** The methods of Decimals; each takes the context that Python starts with. */
const decimalMethods: (self: PyDecimal, name: string) => PyFunction | undefined =
  builtinMethods<PyDecimal>("decimal.Decimal", {
    "normalize(context=None)": (self) => normalized(self),
    "quantize(exp, rounding=None, context=None)": (self, [unit, way]) => quantized(self, unit, way),
    "to_integral_value(rounding=None, context=None)": (self, [way]) => toWhole(self, way),
    "to_integral_exact(rounding=None, context=None)": (self, [way]) => toWhole(self, way),
    "to_integral(rounding=None, context=None)": (self, [way]) => toWhole(self, way),
    "sqrt(context=None)": (self) => squareRoot(self),
    "ln(context=None)": ln,
    "log10(context=None)": log10,
    "exp(context=None)": exp,
    "adjusted()": (self) => (self.coefficient === 0n ? self.exponent : self.adjusted),
    "as_tuple()": (self) =>
      new PyTuple(
        [
          self.negative ? 1 : 0,
          new PyTuple(Array.from(size(self).toString(), Number)),
          self.exponent,
        ],
        ["sign", "digits", "exponent"],
        "DecimalTuple",
      ),
    "as_integer_ratio()": ratio,
    "is_zero()": (self) => self.coefficient === 0n,
    "is_signed()": (self) => self.negative,
    "is_finite()": () => true,
    "is_nan()": () => false,
    "is_qnan()": () => false,
    "is_snan()": () => false,
    "is_infinite()": () => false,
    "is_canonical()": () => true,
    "is_normal(context=None)": (self) => self.coefficient !== 0n && self.adjusted >= -999_999,
    "is_subnormal(context=None)": (self) => self.coefficient !== 0n && self.adjusted < -999_999,
    "canonical()": (self) => self,
    "conjugate()": (self) => self,
    "copy_abs()": (self) => signed(self, false),
    "copy_negate()": (self) => signed(self, !self.negative),
    "copy_sign(other, context=None)": (self, [other]) => signed(self, operand(other).negative),
    "compare(other, context=None)": (self, [other]) => whole(order(self, operand(other))),
    "compare_signal(other, context=None)": (self, [other]) => whole(order(self, operand(other))),
    "compare_total(other, context=None)": (self, [other]) =>
      whole(totalOrder(self, operand(other))),
    "compare_total_mag(other, context=None)": (self, [other]) =>
      whole(totalOrder(signed(self, false), signed(operand(other), false))),
    "max(other, context=None)": (self, [other]) => larger(self, operand(other), false),
    "min(other, context=None)": (self, [other]) => smaller(self, operand(other), false),
    "max_mag(other, context=None)": (self, [other]) => larger(self, operand(other), true),
    "min_mag(other, context=None)": (self, [other]) => smaller(self, operand(other), true),
    "fma(other, third, context=None)": (self, [other, third]) => {
      const factor = operand(other);
      const product = new PyDecimal(
        self.coefficient * factor.coefficient,
        self.exponent + factor.exponent,
        self.negative !== factor.negative,
      );
      return arithmetic("+", product, operand(third));
    },
    "remainder_near(other, context=None)": (self, [other]) => remainderNear(self, operand(other)),
    "same_quantum(other, context=None)": (self, [other]) =>
      self.exponent === operand(other).exponent,
    "scaleb(other, context=None)": (self, [other]) =>
      rounded(self.coefficient, self.exponent + Number(operand(other).toInteger())),
    "shift(other, context=None)": (self, [other]) => moved(self, other, false),
    "rotate(other, context=None)": (self, [other]) => moved(self, other, true),
    "to_eng_string(context=None)": engineering,
    "number_class(context=None)": (self) =>
      `${self.negative ? "-" : "+"}${self.coefficient === 0n ? "Zero" : "Normal"}`,
    "logb(context=None)": (self) => whole(self.adjusted),
    "radix()": () => whole(10),
    "next_plus(context=None)": (self) => neighbour(self, true),
    "next_minus(context=None)": (self) => neighbour(self, false),
    "next_toward(other, context=None)": (self, [other]) => {
      const way = order(self, operand(other));
      return way === 0 ? self : neighbour(self, way < 0);
    },
  });

setDecimalMembers(decimalMethods);

/** The Decimal of a text, methods and all. */
export const parseDecimal = (text: string): PyDecimal => PyDecimal.parse(text);
