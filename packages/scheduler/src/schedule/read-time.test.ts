import { expect, test } from "vitest";
import { openZone } from "../zone/zone.ts";
import { isIsoTime, readTime } from "./read-time.ts";

const zone = openZone("Australia/Sydney");
// A Friday there: 27 November 2026, 9:00.
const now = Date.parse("2026-11-26T22:00:00Z");

// As dateutil has it with that day as its default.
test.each([
  ["10/11/2024", "2024-10-11T00:00"],
  ["Thu", "2026-12-03T00:00"],
  ["12", "2026-11-12T00:00"],
  ["2024", "2024-11-27T00:00"],
  ["3/4/99", "1999-03-04T00:00"],
  ["1 March", "2026-03-01T00:00"],
  ["10pm", "2026-11-27T22:00"],
  ["Oct 11 2024 3:30 PM", "2024-10-11T15:30"],
  ["2024-10-11 10:00 XYZ", "2024-10-11T10:00"],
  ["11.12.2026 08:15", "2026-11-12T08:15"],
])("%j means %s on the clock of its zone (T-55)", (text, local) => {
  expect(isIsoTime(text)).toBe(false);
  expect(readTime(text, zone, now)).toBe(readTime(local, zone));
});

test("an offset counts in a guess as well; what is no time is refused (T-55)", () => {
  expect(readTime("Fri, 11 Oct 2024 10:00 +0200", zone, now)).toBe(
    Date.parse("2024-10-11T08:00:00Z"),
  );
  expect(isIsoTime("2024-10-11T10:00Z")).toBe(true);
  for (const text of ["soon", "noon", "", "2026-02-30"]) {
    expect(() => readTime(text, zone, now)).toThrow(
      expect.objectContaining({ code: "BAD_TIME", message: `"${text}" is not a time` }),
    );
  }
});
