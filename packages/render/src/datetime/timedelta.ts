import { FloatValue } from "@lava/core";
import { PyError, typeError, valueError } from "../values/error.ts";
import { divideHalfEven, exactFraction, scaledInteger } from "../values/float-text.ts";
import { parseSignature, PyType } from "../values/method.ts";
import { numberOf } from "../values/number-of.ts";
import { numeric } from "../values/numbers.ts";
import {
  type BinaryOperator,
  float,
  isFloat,
  isInt,
  type Order,
  PyObject,
  typeName,
  type Value,
} from "../values/value.ts";
import { bindNative, nativeMethods } from "./arguments.ts";
import { floorDiv, floorMod, pad } from "./calendar.ts";

const DAY = 86_400_000_000n;

/** A length of time in whole microseconds. */
export class PyTimedelta extends PyObject {
  readonly typeName = "datetime.timedelta";
  /** All of it, in microseconds. */
  readonly total: bigint;
  constructor(total: bigint) {
    super();
    const days = floorBig(total, DAY);
    if (days > 2_147_483_647n || days < -2_147_483_648n) {
      throw new PyError("OverflowError", "Python int too large to convert to C int");
    }
    if (days > 999_999_999n || days < -999_999_999n) {
      throw new PyError("OverflowError", `days=${days}; must have magnitude <= 999999999`);
    }
    this.total = total;
  }
  get days(): number {
    return Number(floorBig(this.total, DAY));
  }
  get rest(): number {
    return Number(this.total - BigInt(this.days) * DAY);
  }
  get seconds(): number {
    return floorDiv(this.rest, 1_000_000);
  }
  get microseconds(): number {
    return floorMod(this.rest, 1_000_000);
  }
  repr(): string {
    const parts: string[] = [];
    if (this.days !== 0) parts.push(`days=${this.days}`);
    if (this.seconds !== 0) parts.push(`seconds=${this.seconds}`);
    if (this.microseconds !== 0) parts.push(`microseconds=${this.microseconds}`);
    return `datetime.timedelta(${parts.join(", ") || "0"})`;
  }
  override str(): string {
    const { days, seconds, microseconds } = this;
    const clock = `${floorDiv(seconds, 3600)}:${pad(floorDiv(seconds, 60) % 60)}:${pad(seconds % 60)}`;
    const micro = microseconds === 0 ? "" : `.${pad(microseconds, 6)}`;
    const prefix = days === 0 ? "" : `${days} day${Math.abs(days) === 1 ? "" : "s"}, `;
    return prefix + clock + micro;
  }
  override truth(): boolean {
    return this.total !== 0n;
  }
  override equals(other: Value): boolean {
    return other instanceof PyTimedelta && other.total === this.total;
  }
  override compare(other: Value): Order {
    if (!(other instanceof PyTimedelta)) return undefined;
    return this.total < other.total ? -1 : this.total > other.total ? 1 : 0;
  }
  override hashKey(): string {
    return `\0d${this.total}`;
  }
  override negate(sign: "-" | "+"): Value {
    return sign === "-" ? new PyTimedelta(-this.total) : this;
  }
  override absolute(): Value {
    return this.total < 0n ? new PyTimedelta(-this.total) : this;
  }
  override operate(operator: BinaryOperator, other: Value, reversed: boolean): Value | undefined {
    if (other instanceof PyTimedelta) return betweenDeltas(operator, this, other, reversed);
    if (operator === "*" && isInt(other)) return new PyTimedelta(this.total * BigInt(other));
    if (typeof other === "boolean") return this.operate(operator, Number(other), reversed);
    if (operator === "*" && isFloat(other)) return scale(this, other, false);
    if (reversed) return undefined;
    if (operator === "/" && isFloat(other)) return scale(this, other, true);
    if ((operator === "/" || operator === "//") && isInt(other)) {
      const divisor = BigInt(other);
      if (divisor === 0n) {
        throw new PyError("ZeroDivisionError", "integer division or modulo by zero");
      }
      if (operator === "//") return new PyTimedelta(floorBig(this.total, divisor));
      const sign = divisor < 0n ? -1n : 1n;
      return new PyTimedelta(divideHalfEven(this.total * sign, divisor * sign));
    }
    return undefined;
  }
  override getAttribute(name: string): Value | undefined {
    if (name === "days" || name === "seconds" || name === "microseconds") return this[name];
    return methods(this, name) ?? constants.get(name)?.();
  }
}

function floorBig(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function betweenDeltas(
  operator: BinaryOperator,
  self: PyTimedelta,
  other: PyTimedelta,
  reversed: boolean,
): Value | undefined {
  const [left, right] = reversed ? [other.total, self.total] : [self.total, other.total];
  if (operator === "+") return new PyTimedelta(left + right);
  if (operator === "-") return new PyTimedelta(left - right);
  if (operator !== "/" && operator !== "//" && operator !== "%") return undefined;
  if (right === 0n) {
    throw new PyError(
      "ZeroDivisionError",
      operator === "/"
        ? "division by zero"
        : operator === "%"
          ? "integer modulo by zero"
          : "integer division or modulo by zero",
    );
  }
  if (operator === "/") return numeric("/", left, right);
  const quotient = floorBig(left, right);
  return operator === "//" ? Number(quotient) : new PyTimedelta(left - quotient * right);
}

function scale(self: PyTimedelta, by: number | FloatValue, divide: boolean): PyTimedelta {
  const number = by instanceof FloatValue ? by.value : by;
  if (Number.isNaN(number)) throw valueError("cannot convert NaN to integer ratio");
  if (!Number.isFinite(number)) {
    throw new PyError("OverflowError", "cannot convert Infinity to integer ratio");
  }
  const { numerator, shift } = exactFraction(number);
  const bottom = 1n << shift;
  if (!divide) return new PyTimedelta(divideHalfEven(self.total * numerator, bottom));
  if (numerator === 0n) {
    throw new PyError("ZeroDivisionError", "integer division or modulo by zero");
  }
  const sign = numerator < 0n ? -1n : 1n;
  return new PyTimedelta(divideHalfEven(self.total * bottom * sign, numerator * sign));
}

const methods = nativeMethods<PyTimedelta>("timedelta", "datetime.timedelta", {
  "total_seconds()": (self) => numeric("/", self.total, 1_000_000) ?? float(0),
});

const constants: ReadonlyMap<string, () => Value> = new Map<string, () => Value>([
  ["min", () => new PyTimedelta(-999_999_999n * DAY)],
  ["max", () => new PyTimedelta(999_999_999n * DAY + DAY - 1n)],
  ["resolution", () => new PyTimedelta(1n)],
]);

const UNITS: readonly (readonly [name: string, micros: bigint])[] = [
  ["days", DAY],
  ["seconds", 1_000_000n],
  ["microseconds", 1n],
  ["milliseconds", 1000n],
  ["minutes", 60_000_000n],
  ["hours", 3_600_000_000n],
  ["weeks", 7n * DAY],
];
const SIGNATURE = parseSignature(
  "__new__(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)",
);

/** Microseconds of a number of units. */
function microsOf(value: Value, unit: bigint, name: string): bigint {
  const number = numberOf(value);
  if (number === undefined) {
    throw typeError(`unsupported type for timedelta ${name} component: ${typeName(value)}`);
  }
  if (number.kind === "int") return BigInt(number.value) * unit;
  if (Number.isNaN(number.value)) throw valueError("cannot convert float NaN to integer");
  if (!Number.isFinite(number.value)) {
    throw new PyError("OverflowError", "cannot convert float infinity to integer");
  }
  if (unit === 1n) return scaledInteger(number.value, 0);
  const { numerator, shift } = exactFraction(number.value);
  return divideHalfEven(numerator * unit, 1n << shift);
}

/** `datetime.timedelta`. */
export const timedeltaType: PyType = new PyType(
  "datetime.timedelta",
  (call) => {
    const bound = bindNative(SIGNATURE, call, { name: "__new__" });
    let total = 0n;
    for (const [index, [name, unit]] of UNITS.entries()) {
      const value = bound[index];
      if (value !== undefined) total += microsOf(value, unit, name);
    }
    return new PyTimedelta(total);
  },
  Object.fromEntries(constants),
  (value) => value instanceof PyTimedelta,
);
