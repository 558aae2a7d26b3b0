import { PyError } from "./error.ts";

/** `repr` of a float: shortest digits, exponent from 1e16 up and below 1e-4 (T-02). */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent >= 16 || exponent < -4) return `${mantissa}e${exponentPart(exponent)}`;
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace("-", "").replace(".", "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return `${sign}${digits.padEnd(exponent + 1, "0")}.0`;
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** `+16`, `-05`: at least two digits. */
export const exponentPart = (exponent: number): string =>
  `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;

/** A finite double as an exact fraction `numerator / 2^shift`. */
export function exactFraction(value: number): { numerator: bigint; shift: bigint } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  const exponent = Math.max(biased, 1) - 1075;
  const numerator = value < 0 ? -mantissa : mantissa;
  return exponent >= 0
    ? { numerator: numerator << BigInt(exponent), shift: 0n }
    : { numerator, shift: BigInt(-exponent) };
}

/** `value` times 10^places, rounded half to even on the exact value of the double. */
export function scaledInteger(value: number, places: number): bigint {
  const { numerator, shift } = exactFraction(value);
  let top = numerator;
  let bottom = 1n << shift;
  if (places >= 0) top *= 10n ** BigInt(places);
  else bottom *= 10n ** BigInt(-places);
  return divideHalfEven(top, bottom);
}

/** Integer division that rounds half to even; `bottom` is positive. */
export function divideHalfEven(top: bigint, bottom: bigint): bigint {
  const negative = top < 0n;
  const size = negative ? -top : top;
  let quotient = size / bottom;
  const twice = (size % bottom) * 2n;
  if (twice > bottom || (twice === bottom && quotient % 2n === 1n)) quotient++;
  return negative ? -quotient : quotient;
}

/** `%.Nf` of a finite double. */
export function fixedText(value: number, places: number): string {
  const scaled = scaledInteger(Math.abs(value), places)
    .toString()
    .padStart(places + 1, "0");
  const whole = scaled.slice(0, scaled.length - places);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  return places === 0 ? sign + whole : `${sign}${whole}.${scaled.slice(-places)}`;
}

/** Digits and decimal exponent of a finite double with `count` significant digits, exactly rounded. */
export function significant(value: number, count: number): { digits: string; exponent: number } {
  if (value === 0) return { digits: "0".repeat(count), exponent: 0 };
  const size = Math.abs(value);
  let exponent = Number(size.toExponential().split("e")[1]);
  let digits = scaledInteger(size, count - 1 - exponent).toString();
  if (digits.length > count) {
    exponent++;
    digits = scaledInteger(size, count - 1 - exponent).toString();
  }
  return { digits, exponent };
}

/** Python's `round(value, places)`. */
export function roundFloat(value: number, places: number): number {
  if (!Number.isFinite(value) || places > 330) return value;
  if (places < -310) return value < 0 ? -0 : 0;
  const scaled = scaledInteger(value, places);
  const text = `${scaled}e${-places}`;
  const rounded = Number(text);
  if (!Number.isFinite(rounded)) {
    throw new PyError("OverflowError", "rounded value too large to represent");
  }
  return rounded === 0 && (value < 0 || Object.is(value, -0)) ? -0 : rounded;
}
