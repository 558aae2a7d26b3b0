import { AwsError } from "../errors.ts";

/** `coefficient * 10 ** exponent`, without trailing zeros in the coefficient. */
interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

const MAX_DIGITS = 38;
const PLAIN_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
const NUMBER = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,6}))?$/;

/** A number in DynamoDB's canonical text: all digits, no exponent, no needless zeros. */
export function normalizeNumber(value: string): string {
  return PLAIN_INTEGER.test(value) ? value : format(parse(value));
}

/** a + b, exactly. */
export function addNumbers(a: string, b: string): string {
  return format(check(sum(parse(a), parse(b))));
}

/** a - b, exactly. */
export function subtractNumbers(a: string, b: string): string {
  const { coefficient, exponent } = parse(b);
  return format(check(sum(parse(a), { coefficient: -coefficient, exponent })));
}

/** Negative, zero or positive, as for sorting. */
export function compareNumbers(a: string, b: string): number {
  if (PLAIN_INTEGER.test(a) && PLAIN_INTEGER.test(b)) return Number(a) - Number(b);
  const { coefficient } = sum(parse(a), negate(parse(b)));
  return coefficient < 0n ? -1 : coefficient > 0n ? 1 : 0;
}

/** Bytes that sort as the numbers do. */
export function numberSortKey(value: string): Buffer {
  const { coefficient, exponent } = parse(value);
  if (coefficient === 0n) return Buffer.from([0x80]);
  const negative = coefficient < 0n;
  const digits = (negative ? -coefficient : coefficient).toString();
  // The number is 0.DIGITS * 10 ** magnitude.
  const magnitude = 0x8000 + exponent + digits.length;
  const head = [negative ? 0x7f : 0x81, magnitude >> 8, magnitude & 0xff];
  const key = Buffer.concat([Buffer.from(head), Buffer.from(digits)]);
  if (!negative) return key;
  for (let index = 1; index < key.length; index += 1) key[index] = 0xff - (key[index] ?? 0);
  // A shorter negative number is the larger one: end it above every digit.
  return Buffer.concat([key, Buffer.from([0xff])]);
}

/** Bytes that a number counts for in the size of an item. */
export function numberSize(value: string): number {
  const digits = value.replace(/[-.]/g, "").replace(/^0+|0+$/g, "").length;
  return Math.ceil(digits / 2) + 1 + (value.startsWith("-") ? 1 : 0);
}

function parse(value: string): Decimal {
  const match = NUMBER.exec(value);
  if (match === null) {
    throw new AwsError(
      "ValidationException",
      value === ""
        ? "The parameter cannot be converted to a numeric value"
        : `The parameter cannot be converted to a numeric value: ${value}`,
    );
  }
  const [, sign, whole = "", fraction = "", bare = "", power = "0"] = match;
  const decimals = fraction + bare;
  const digits = (whole + decimals).replace(/^0+/, "");
  const kept = digits.replace(/0+$/, "");
  if (kept === "") return { coefficient: 0n, exponent: 0 };
  const coefficient = BigInt(kept) * (sign === "-" ? -1n : 1n);
  return check({
    coefficient,
    exponent: Number(power) - decimals.length + (digits.length - kept.length),
  });
}

function negate({ coefficient, exponent }: Decimal): Decimal {
  return { coefficient: -coefficient, exponent };
}

function sum(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  let coefficient =
    a.coefficient * 10n ** BigInt(a.exponent - exponent) +
    b.coefficient * 10n ** BigInt(b.exponent - exponent);
  if (coefficient === 0n) return { coefficient, exponent: 0 };
  let zeros = 0;
  while (coefficient % 10n === 0n) {
    coefficient /= 10n;
    zeros += 1;
  }
  return { coefficient, exponent: exponent + zeros };
}

function check(value: Decimal): Decimal {
  const { coefficient, exponent } = value;
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString().length;
  if (coefficient === 0n) return value;
  if (digits > MAX_DIGITS) {
    throw new AwsError(
      "ValidationException",
      "Attempting to store more than 38 significant digits in a Number",
    );
  }
  const magnitude = exponent + digits - 1;
  if (magnitude > 125) {
    throw new AwsError(
      "ValidationException",
      "Number overflow. Attempting to store a number with magnitude larger than supported range",
    );
  }
  if (magnitude < -130) {
    throw new AwsError(
      "ValidationException",
      "Number underflow. Attempting to store a number with magnitude smaller than supported range",
    );
  }
  return value;
}

function format({ coefficient, exponent }: Decimal): string {
  const negative = coefficient < 0n;
  const digits = (negative ? -coefficient : coefficient).toString();
  const sign = negative ? "-" : "";
  if (exponent >= 0) return sign + digits + "0".repeat(exponent);
  const point = digits.length + exponent;
  return point > 0
    ? `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
    : `${sign}0.${"0".repeat(-point)}${digits}`;
}
