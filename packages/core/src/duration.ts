import { LavaError } from "./errors.ts";

const UNITS: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 };
const PATTERN = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([wdhms]?)\s*$/;

/**
 * Seconds of a duration as lava writes them: a number and one of `w d h m s` (none means seconds), case-sensitive,
 * blanks, sign and exponent allowed (`1e2`, `.5h`, `-3m`). WK-175.
 *
 * @throws {LavaError} INVALID_DURATION
 */
export function parseDuration(value: string | number): number {
  if (typeof value === "number") return value;
  const match = PATTERN.exec(value);
  const seconds = match ? Number(match[1]) * (UNITS[match[2] || "s"] ?? Number.NaN) : Number.NaN;
  if (Number.isNaN(seconds)) {
    throw new LavaError("INVALID_DURATION", `Invalid duration: ${value}`, {
      hint: 'Write a number and a unit of w, d, h, m or s: "10m".',
      retry: "never",
    });
  }
  return seconds;
}

/** A short form for people: `850 ms`, `12.3 s`, `4 m 05 s`, `3 h 20 m`, `2 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 0) return `-${formatDuration(-seconds)}`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const pair = (unit: number, large: string, part: number, small: string): string => {
    const whole = Math.floor(seconds / unit);
    const rest = Math.floor((seconds - whole * unit) / part);
    return `${whole} ${large} ${String(rest).padStart(2, "0")} ${small}`;
  };
  if (seconds < 3_600) return pair(60, "m", 1, "s");
  if (seconds < 86_400) return pair(3_600, "h", 60, "m");
  return pair(86_400, "d", 3_600, "h");
}
