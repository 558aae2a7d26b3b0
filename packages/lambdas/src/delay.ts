import {
  type Data,
  DecimalValue,
  errorText,
  FloatValue,
  LavaError,
  parseDuration,
} from "@lava/core";

/** How a delay becomes whole seconds (T-57). */
export type Rounding = "round" | "truncate";

/**
 * Whole seconds of a delay, from 0 to `maxMinutes` (LAM-106, LAM-108, LAM-207, TRIG-08, TRIG-14).
 *
 * @throws {LavaError} BAD_DELAY
 */
export function parseDelay(
  value: Data | undefined,
  maxMinutes: number,
  rounding: Rounding,
): number {
  const seconds = toSeconds(value, rounding);
  if (seconds >= 0 && seconds <= maxMinutes * 60) return seconds;
  throw new LavaError(
    "BAD_DELAY",
    `Bad delay: ${plainText(value)}: must be between 0 and ${maxMinutes} minutes`,
    { retry: "never" },
  );
}

function toSeconds(value: Data | undefined, rounding: Rounding): number {
  if (value === undefined || value === null || value === "") return 0;
  try {
    const seconds = parseDuration(numberOf(value) ?? plainText(value));
    return rounding === "round" ? roundHalfEven(seconds) : Math.trunc(seconds);
  } catch (error) {
    throw new LavaError("BAD_DELAY", `Bad delay: ${plainText(value)}: ${errorText(error)}`, {
      retry: "never",
      cause: error,
    });
  }
}

function numberOf(value: Data): number | undefined {
  if (value instanceof FloatValue) return value.value;
  if (value instanceof DecimalValue) return value.valueOf();
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}

/** As Python rounds: a half goes to the even number. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function plainText(value: Data | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
