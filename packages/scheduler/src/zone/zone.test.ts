import { expect, test } from "vitest";
import { readTime } from "../schedule/read-time.ts";
import { openZone } from "./zone.ts";

const HOUR = 3_600_000;

test("segments meet without gap or overlap and have the offset of their zone", () => {
  const zone = openZone("Africa/Casablanca");
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone.id,
    timeZoneName: "longOffset",
  });
  const end = Date.parse("2026-01-01");
  let changes = 0;
  for (let at = Date.parse("2020-01-01"); at < end;) {
    const segment = zone.segmentAt(at);
    const next = zone.segmentAt(segment.end);

    expect(next.start).toBe(segment.end);
    expect(zone.segmentAt(segment.end - 1)).toBe(segment);
    expect(format.format(at)).toMatch(segment.offset === 0 ? /GMT(\+00:00)?$/ : /GMT\+01:00$/);
    if (segment.end < end && next.offset !== segment.offset) changes += 1;
    at = segment.end;
  }
  expect(changes).toBe(12);
});

test("a local time is read on the clock of its zone: before a gap, the first of two", () => {
  const zone = openZone("Europe/Berlin");
  const read = (text: string): string => new Date(readTime(text, zone)).toISOString();

  expect(read("2026-07-01")).toBe("2026-06-30T22:00:00.000Z");
  expect(read("2026-03-29T02:30")).toBe("2026-03-29T01:30:00.000Z");
  expect(read("2026-10-25T02:30")).toBe("2026-10-25T00:30:00.000Z");
  expect(read("2026-10-25T02:30+01:00")).toBe("2026-10-25T01:30:00.000Z");
  expect(zone.segmentAt(Date.parse("2026-07-01")).offset).toBe(2 * HOUR);
});
