/**
 * Functions of Decimals that have no exact result: each is reckoned in integers with more digits than asked for, and
 * the caller rounds. A number is `coefficient * 10^-places`.
 */

/** Digits that are reckoned beyond those asked for. */
const GUARD = 12;

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

/** `e^x` with so many places. */
function fixedExp(x: bigint, places: number): bigint {
  const one = 10n ** BigInt(places);
  // Halved until it is small, then squared as often.
  let halvings = 0;
  let small = x;
  while (absolute(small) * 8n > one) {
    small /= 2n;
    halvings++;
  }
  let term = one;
  let sum = one;
  for (let n = 1n; term !== 0n; n++) {
    term = (term * small) / (one * n);
    sum += term;
  }
  for (; halvings > 0; halvings--) sum = (sum * sum) / one;
  return sum;
}

/** `ln(x)` of a number between 0.1 and 10, by Newton's steps on the exponential. */
function fixedLnNear(x: bigint, places: number): bigint {
  const one = 10n ** BigInt(places);
  const start = Math.log(Number((x * 10n ** 17n) / one) / 1e17);
  let y = BigInt(Math.round(start * 1e15)) * 10n ** BigInt(places - 15);
  // Each step doubles the digits that are right.
  for (let digits = 15; digits < places * 2; digits *= 2) {
    const power = fixedExp(y, places);
    y += (2n * one * (x - power)) / (x + power);
  }
  return y;
}

const tens = new Map<number, bigint>();

/** `ln(10)` with so many places. */
function lnTen(places: number): bigint {
  let known = tens.get(places);
  if (known === undefined) {
    known = fixedLnNear(10n * 10n ** BigInt(places), places);
    tens.set(places, known);
  }
  return known;
}

/** A result that still has to be rounded. */
export interface Raw {
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** `ln` of `coefficient * 10^exponent`, which is positive. */
function fixedLn(coefficient: bigint, exponent: number, places: number): bigint {
  const digits = coefficient.toString().length;
  const shift = places - digits + 1;
  const near =
    shift >= 0 ? coefficient * 10n ** BigInt(shift) : coefficient / 10n ** BigInt(-shift);
  return fixedLnNear(near, places) + BigInt(exponent + digits - 1) * lnTen(places);
}

/** Places enough for a result that may be near zero. */
const placesFor = (digits: number, size: number): number => digits + GUARD + size;

/** `ln(x)` of a positive number. */
export function lnOf(coefficient: bigint, exponent: number, digits: number): Raw {
  const places = placesFor(digits, coefficient.toString().length + Math.abs(exponent));
  return { coefficient: fixedLn(coefficient, exponent, places), exponent: -places };
}

/** `log10(x)` of a positive number. */
export function log10Of(coefficient: bigint, exponent: number, digits: number): Raw {
  const places = placesFor(digits, coefficient.toString().length + Math.abs(exponent));
  const one = 10n ** BigInt(places);
  const ln = fixedLn(coefficient, exponent, places);
  return { coefficient: (ln * one) / lnTen(places), exponent: -places };
}

/** `e^x`. */
export function expOf(coefficient: bigint, exponent: number, digits: number): Raw {
  const size = Math.max(0, coefficient.toString().length + exponent);
  const places = placesFor(digits, size + Math.max(0, -exponent));
  const x =
    exponent >= -places
      ? coefficient * 10n ** BigInt(exponent + places)
      : coefficient / 10n ** BigInt(-exponent - places);
  return expFixed(x, places, digits);
}

/** `e^x`, its powers of ten apart. */
function expFixed(x: bigint, places: number, digits: number): Raw {
  const ten = lnTen(places);
  let power = x / ten;
  if (x < 0n && power * ten !== x) power -= 1n;
  const rest = x - power * ten;
  const keep = digits + GUARD;
  const scaled = fixedExp(rest, places) / 10n ** BigInt(Math.max(0, places - keep));
  return { coefficient: scaled, exponent: Number(power) - Math.min(places, keep) };
}

/** `x^y` of a positive number. */
export function powerOf(
  x: { readonly coefficient: bigint; readonly exponent: number },
  y: { readonly coefficient: bigint; readonly exponent: number },
  digits: number,
): Raw {
  const size = y.coefficient.toString().length + Math.abs(y.exponent);
  const places = placesFor(digits, size + x.coefficient.toString().length + Math.abs(x.exponent));
  const ln = fixedLn(x.coefficient, x.exponent, places);
  const product =
    y.exponent >= 0
      ? ln * y.coefficient * 10n ** BigInt(y.exponent)
      : (ln * y.coefficient) / 10n ** BigInt(-y.exponent);
  return expFixed(product, places, digits);
}
