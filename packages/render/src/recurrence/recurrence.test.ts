import { expect, test } from "vitest";
import { createRenderer, templateUtils } from "../index.ts";

const renderer = createRenderer({ limits: { search: 4_000_000 } });
const utils = templateUtils({
  clock: { now: () => Date.UTC(2026, 0, 2), sleep: () => Promise.resolve() },
});
const render = (source: string): string => renderer.render(source, { utils });

test.each([
  "{{ utils.dateutil.rrule.rrule(6)|list|length }}",
  "{{ utils.dateutil.rrule.rrule(1, interval=0, bymonthday=1)[5] }}",
  "{{ utils.dateutil.rrule.rrule(6, interval=-1)[5] }}",
])("a rule without an end is stopped: %s", (source) => {
  expect(() => render(source)).toThrow(expect.objectContaining({ code: "TEMPLATE_LIMIT" }));
});

test("a rule without a start begins now", () => {
  expect(render("{{ utils.dateutil.rrule.rrule(0, count=2)[1].year }}")).toBe("2027");
});

test("a rule that never holds ends with the last year", () => {
  const source = "{{ utils.dateutil.rrule.rrule(0, bymonth=2, bymonthday=30)|list }}";

  expect(render(source)).toBe("[]");
});
