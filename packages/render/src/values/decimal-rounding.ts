import { typeError } from "./error.ts";

/** How a Decimal is rounded. */
export const ROUNDINGS = [
  "ROUND_CEILING",
  "ROUND_FLOOR",
  "ROUND_UP",
  "ROUND_DOWN",
  "ROUND_HALF_UP",
  "ROUND_HALF_DOWN",
  "ROUND_HALF_EVEN",
  "ROUND_05UP",
] as const;

/** One of {@link ROUNDINGS}. */
export type Rounding = (typeof ROUNDINGS)[number];

/** The rounding of a name; a TypeError for one that Python does not have. */
export function roundingOf(name: unknown): Rounding {
  const found = ROUNDINGS.find((known) => known === name);
  if (found !== undefined) return found;
  throw typeError(
    "valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]",
  );
}

/** `top / bottom`, rounded to a whole number; `bottom` is positive. */
export function divideRounded(top: bigint, bottom: bigint, rounding: Rounding): bigint {
  const negative = top < 0n;
  const size = negative ? -top : top;
  const quotient = size / bottom;
  const rest = size % bottom;
  const up = rest !== 0n && isUp(rounding, negative, quotient, rest * 2n - bottom);
  const rounded = up ? quotient + 1n : quotient;
  return negative ? -rounded : rounded;
}

/** Whether a rest leads away from zero; `half` is its distance from one half, doubled. */
function isUp(rounding: Rounding, negative: boolean, quotient: bigint, half: bigint): boolean {
  switch (rounding) {
    case "ROUND_CEILING":
      return !negative;
    case "ROUND_FLOOR":
      return negative;
    case "ROUND_UP":
      return true;
    case "ROUND_DOWN":
      return false;
    case "ROUND_HALF_UP":
      return half >= 0n;
    case "ROUND_HALF_DOWN":
      return half > 0n;
    case "ROUND_HALF_EVEN":
      return half > 0n || (half === 0n && quotient % 2n === 1n);
    case "ROUND_05UP":
      return quotient % 5n === 0n;
  }
}
