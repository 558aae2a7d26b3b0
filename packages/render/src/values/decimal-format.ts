import type { PyDecimal } from "./decimal.ts";
import { valueError } from "./error.ts";
import { divideHalfEven } from "./float-text.ts";
import { checkText } from "./limits.ts";
import { padNumber } from "./pad-number.ts";

const SPEC =
  /^(?:(.)([<>=^])|([<>=^]))?([-+ ])?(z)?(0)?([1-9]\d*)?(,)?(?:\.(\d+))?([eEfFgGn%])?$/su;

/** `format(Decimal, spec)`: exact, with a grammar of its own. */
export function formatDecimal(value: PyDecimal, text: string): string {
  const match = SPEC.exec(text);
  const [, fill, filledAlign, align, sign = "", plainZero, zero, width, comma, digits, type = ""] =
    match ?? [];
  const aligned = filledAlign ?? align;
  if (match === null || (zero !== undefined && aligned !== undefined)) {
    throw valueError("invalid format string");
  }
  const precision = digits === undefined ? undefined : Number(digits);
  if (precision !== undefined) checkText(precision);
  const body = decimalBody(value, type, precision);
  const negative = value.negative && !(plainZero !== undefined && !/[1-9]/.test(body));
  return padNumber(body, negative ? "-" : sign === "-" ? "" : sign, {
    fill: zero === undefined ? (fill ?? " ") : "0",
    align: zero === undefined ? (aligned ?? ">") : "=",
    width: Number(width ?? -1),
    grouping: comma ?? "",
  });
}

/** Digits and exponent of a non-negative decimal. */
interface Digits {
  readonly digits: string;
  readonly exponent: number;
}

function decimalBody(value: PyDecimal, type: string, precision: number | undefined): string {
  const size = value.coefficient < 0n ? -value.coefficient : value.coefficient;
  const exact = { digits: size.toString(), exponent: value.exponent };
  switch (type.toLowerCase()) {
    case "f":
      return plain(precision === undefined ? exact : atPlaces(exact, precision));
    case "%": {
      const scaled = { ...exact, exponent: exact.exponent + 2 };
      return `${plain(precision === undefined ? scaled : atPlaces(scaled, precision))}%`;
    }
    case "e": {
      const rounded = precision === undefined ? exact : withDigits(exact, precision + 1);
      return scientific(rounded, type);
    }
    default: {
      const rounded =
        precision === undefined || exact.digits.length <= Math.max(1, precision)
          ? exact
          : withDigits(exact, Math.max(1, precision));
      return general(rounded, type === "g" || type === "n" ? "e" : "E");
    }
  }
}

/** Rounded half to even to so many places behind the point. */
function atPlaces({ digits, exponent }: Digits, places: number): Digits {
  if (exponent >= -places) {
    checkText(digits.length + exponent + places);
    return { digits: digits + "0".repeat(exponent + places), exponent: -places };
  }
  const unit = 10n ** BigInt(-places - exponent);
  return { digits: divideHalfEven(BigInt(digits), unit).toString(), exponent: -places };
}

/** With exactly so many digits. */
function withDigits(value: Digits, count: number): Digits {
  const { digits, exponent } = value;
  if (digits === "0") return { digits: "0".repeat(count), exponent };
  if (digits.length <= count) {
    const missing = count - digits.length;
    return { digits: digits + "0".repeat(missing), exponent: exponent - missing };
  }
  const drop = digits.length - count;
  const rounded = divideHalfEven(BigInt(digits), 10n ** BigInt(drop)).toString();
  return rounded.length > count
    ? { digits: rounded.slice(0, count), exponent: exponent + drop + 1 }
    : { digits: rounded, exponent: exponent + drop };
}

/** Without an exponent. */
function plain({ digits, exponent }: Digits): string {
  if (exponent >= 0) {
    checkText(digits.length + exponent);
    return digits === "0" ? "0" : digits + "0".repeat(exponent);
  }
  const padded = digits.padStart(1 - exponent, "0");
  return `${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

function scientific({ digits, exponent }: Digits, letter: string): string {
  const isZero = /^0+$/.test(digits);
  const adjusted = exponent + (isZero ? 0 : digits.length - 1);
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  return `${mantissa}${letter}${adjusted < 0 ? "-" : "+"}${Math.abs(isZero ? exponent + digits.length - 1 : adjusted)}`;
}

/** As `str` has it. */
function general(value: Digits, letter: string): string {
  const adjusted = value.exponent + value.digits.length - 1;
  if (value.exponent <= 0 && adjusted >= -6) return plain(value);
  return scientific(value, letter);
}
