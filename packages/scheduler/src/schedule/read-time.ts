import { LavaError } from "@lava/core";
import { guessTime } from "@lava/render";
import type { Zone } from "../zone/zone.ts";

const ISO =
  /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ]?(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/** Whether a text is an ISO 8601 time, which means the same on every day. */
export function isIsoTime(text: string): boolean {
  return readIso(text) !== undefined;
}

/**
 * A time as milliseconds since the epoch; without an offset it is on the clock of `zone`. A time that the clock skips
 * counts from before the gap, one that it repeats is the first of the two. What is not of ISO 8601 means what dateutil
 * makes of it on the day of `now` (T-55).
 *
 * @throws {LavaError} BAD_TIME
 */
export function readTime(text: string, zone: Zone, now = Date.now()): number {
  const today = new Date(now + zone.segmentAt(now).offset);
  const found =
    readIso(text) ??
    guessTime(text, {
      year: today.getUTCFullYear(),
      month: today.getUTCMonth() + 1,
      day: today.getUTCDate(),
    });
  if (found === undefined) {
    throw new LavaError("BAD_TIME", `"${text}" is not a time`, {
      hint: 'Write it as "2026-07-01T00:00:00+10:00"; without an offset it is local time.',
      retry: "never",
    });
  }
  const { wall, offset } = found;
  if (offset !== undefined) return wall - offset;
  const early = zone.segmentAt(wall - 86_400_000).offset;
  const guess = zone.segmentAt(wall - early).offset;
  return wall - (wall - guess < zone.segmentAt(wall - early).start ? early : guess);
}

/** The time of an ISO 8601 text on its own clock, milliseconds; undefined where it is none. */
function readIso(text: string): { wall: number; offset: number | undefined } | undefined {
  const match = ISO.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "0", offset] =
    match;
  const wall = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Math.floor(Number(`0.${fraction}`) * 1000),
  );
  const isReal =
    new Date(wall).getUTCDate() === Number(day) && Number(hour) < 24 && Number(minute) < 60;
  if (!isReal) return undefined;
  return { wall, offset: offset === undefined ? undefined : readOffset(offset) };
}

function readOffset(text: string): number {
  if (text === "Z") return 0;
  const [, sign, hours, minutes = "0"] = /^([+-])(\d\d):?(\d\d)?$/.exec(text) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
