import { LavaError, suggest } from "@lava/core";

/** A stretch of time with one offset from UTC. Times in milliseconds since the epoch. */
export interface ZoneSegment {
  readonly start: number;
  /** First moment after it. The next segment may have the same offset. */
  readonly end: number;
  /** Local time minus UTC, in milliseconds. */
  readonly offset: number;
}

/** A time zone as a row of segments. */
export interface Zone {
  readonly id: string;
  /** The segment that a moment lies in. */
  segmentAt(instant: number): ZoneSegment;
}

const DAY = 86_400_000;
/** No zone changes twice within this time (Morocco's Ramadan pause lasts longer). */
const PROBE = 7 * DAY;
/** Segments end at multiples of this, whether the offset changes there or not: changes are looked for as needed. */
const SPAN = 104 * PROBE;

const zones = new Map<string, Zone>();

/**
 * A zone of the tz database by its name.
 *
 * @throws {LavaError} UNKNOWN_ZONE with the nearest name
 */
export function openZone(id: string): Zone {
  let zone = zones.get(id);
  if (zone === undefined) {
    zone = createZone(id);
    zones.set(id, zone);
  }
  return zone;
}

function createZone(id: string): Zone {
  const offsetAt = createOffsets(id);
  /** Segments found so far, by start; they do not overlap, but may leave gaps between them. */
  const found: ZoneSegment[] = [];

  const change = (from: number, to: number): number => {
    // offsetAt(from) and offsetAt(to) differ: the first moment of the new offset, to the second.
    const before = offsetAt(from);
    let low = Math.floor(from / 1000);
    let high = Math.ceil(to / 1000);
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offsetAt(middle * 1000) === before) low = middle;
      else high = middle;
    }
    return high * 1000;
  };
  const find = (instant: number): ZoneSegment => {
    const offset = offsetAt(instant);
    const first = Math.floor(instant / SPAN) * SPAN;
    let start = instant;
    while (start > first && offsetAt(Math.max(first, start - PROBE)) === offset) start -= PROBE;
    let end = instant;
    while (end < first + SPAN && offsetAt(end + PROBE) === offset) end += PROBE;
    return {
      start: start <= first ? first : change(Math.max(first, start - PROBE), start),
      end: end >= first + SPAN ? first + SPAN : Math.min(first + SPAN, change(end, end + PROBE)),
      offset,
    };
  };

  return {
    id,
    segmentAt(instant) {
      const index = upperBound(found, instant);
      const known = found[index - 1];
      if (known !== undefined && instant < known.end) return known;
      const segment = find(instant);
      found.splice(index, 0, segment);
      return segment;
    },
  };
}

/** Number of segments that start at or before a moment. */
function upperBound(segments: readonly ZoneSegment[], instant: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((segments[middle]?.start ?? 0) <= instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The offset of a zone at a moment, by the runtime's own tz database. */
function createOffsets(id: string): (instant: number) => number {
  if (id === "UTC") return () => 0;
  const format = formatFor(id);
  return (instant) => {
    const name = format.format(instant);
    const match = /GMT(?:([-+])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name);
    const [, sign, hours = 0, minutes = 0, seconds = 0] = match ?? [];
    const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
    return sign === "-" ? -size : size;
  };
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      timeZoneName: "longOffset",
      year: "numeric",
    });
  } catch (cause) {
    const near = suggest(timeZone, Intl.supportedValuesOf("timeZone"));
    throw new LavaError("UNKNOWN_ZONE", `There is no time zone ${timeZone}`, {
      hint:
        near === undefined
          ? 'Name a zone of the tz database: "Australia/Sydney", "UTC".'
          : `Did you mean ${near}?`,
      retry: "never",
      cause,
    });
  }
}
