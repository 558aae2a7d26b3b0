import { LavaError } from "@lava/core";
import { guessTime } from "@lava/render";

const ISO =
  /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,6}))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/** Milliseconds of an ISO 8601 time; without an offset it is local. Undefined when it is none (WF-085). */
export function parseIsoTime(text: string): number | undefined {
  const match = ISO.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "0", zone] = match;
  const parts = [Number(year), Number(month) - 1, Number(day)] as const;
  const time = [Number(hour), Number(minute), Number(second)] as const;
  const ms = Math.trunc(Number(`0.${fraction}`) * 1000);
  if (parts[1] > 11 || parts[2] < 1 || time[0] > 23 || time[1] > 59 || time[2] > 59) {
    return undefined;
  }
  if (zone === undefined) return new Date(...parts, ...time, ms).getTime();
  const offset = /^z$/i.test(zone)
    ? 0
    : (zone.startsWith("-") ? -1 : 1) *
      (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(":", "") || "0"));
  return Date.UTC(...parts, ...time, ms) - offset * 60_000;
}

/**
 * Milliseconds of a date text: of ISO 8601, or as dateutil guesses it (T-55).
 *
 * @throws {LavaError} BAD_TIMESTAMP
 */
export function parseAnyTime(text: string): number {
  const ms = parseIsoTime(text) ?? parseGuessed(text);
  if (ms === undefined) {
    throw new LavaError("BAD_TIMESTAMP", `Unknown string format: ${text}`, { retry: "never" });
  }
  return ms;
}

function parseGuessed(text: string): number | undefined {
  const today = new Date();
  const found = guessTime(text, {
    year: today.getFullYear(),
    month: today.getMonth() + 1,
    day: today.getDate(),
  });
  if (found === undefined) return undefined;
  if (found.offset !== undefined) return found.wall - found.offset;
  const at = new Date(found.wall);
  return new Date(
    ...([at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()] as const),
    ...([at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()] as const),
    at.getUTCMilliseconds(),
  ).getTime();
}

/** UTC with whole seconds and the offset `+00:00` (WF-082). */
export function formatUtcOffsetTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}
