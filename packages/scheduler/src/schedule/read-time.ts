import { LavaError } from "@lava/core";
import type { Zone } from "../zone/zone.ts";

const ISO =
  /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ]?(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/**
 * An ISO 8601 time as milliseconds since the epoch; without an offset it is on the clock of `zone`. A time that the
 * clock skips counts from before the gap, one that it repeats is the first of the two.
 *
 * @throws {LavaError} BAD_TIME
 */
export function readTime(text: string, zone: Zone): number {
  const match = ISO.exec(text.trim());
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "0", offset] =
    match ?? [];
  const local = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Math.floor(Number(`0.${fraction}`) * 1000),
  );
  const isReal =
    new Date(local).getUTCDate() === Number(day) && Number(hour) < 24 && Number(minute) < 60;
  if (match === null || !isReal) {
    throw new LavaError("BAD_TIME", `"${text}" is not an ISO 8601 time`, {
      hint: 'Write it as "2026-07-01T00:00:00+10:00"; without an offset it is local time.',
      retry: "never",
    });
  }
  if (offset !== undefined) return local - readOffset(offset);
  const early = zone.segmentAt(local - 86_400_000).offset;
  const guess = zone.segmentAt(local - early).offset;
  return local - (local - guess < zone.segmentAt(local - early).start ? early : guess);
}

function readOffset(text: string): number {
  if (text === "Z") return 0;
  const [, sign, hours, minutes = "0"] = /^([+-])(\d\d):?(\d\d)?$/.exec(text) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
