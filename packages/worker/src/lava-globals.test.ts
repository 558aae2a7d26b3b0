import { expect, test } from "vitest";
import { childLavaGlobals, toLavaGlobals } from "./lava-globals.ts";
import { parseAnyTime, parseIsoTime } from "./times.ts";

const start = Date.UTC(2026, 10, 23, 7, 47, 15);

test("a top job is its own master and parent (WK-054)", () => {
  const lava = toLavaGlobals(undefined, "a", start);

  expect(lava).toMatchObject({ master_job_id: "a", parent_job_id: "a" });
  expect(lava.master_ustart).toBe("2026-11-23T07:47:15+00:00");
  expect(lava).not.toHaveProperty("iteration");
});

test("what a sender gave is kept, its times are strict (WF-085, WK-038)", () => {
  const sent = { master_job_id: "m", master_start: "2026-11-23T18:47:15+11:00", iteration: 2 };

  expect(toLavaGlobals(sent, "a", start)).toMatchObject({ ...sent, parent_job_id: "a" });
  expect(() => toLavaGlobals({ parent_start: "Monday" }, "a", start)).toThrow(
    "parent_start: Bad timestamp: Monday",
  );
});

test("a child has this job as parent and keeps the master (WK-137)", () => {
  const lava = toLavaGlobals({ master_job_id: "m" }, "a", start);

  expect(childLavaGlobals(lava, { job_id: "a", ts_start: start }, 3)).toMatchObject({
    master_job_id: "m",
    parent_job_id: "a",
    parent_ustart: "2026-11-23T07:47:15+00:00",
    foreach_index: 3,
  });
});

test("times are read in the forms that senders write", () => {
  expect(parseIsoTime("2026-11-23T18:47:15+11:00")).toBe(start);
  expect(parseIsoTime("2026-11-23T07:47:15Z")).toBe(start);
  expect(parseIsoTime("20261123T074715.000+0000")).toBe(start);
  expect(parseIsoTime("2026-13-23")).toBeUndefined();
  expect(parseAnyTime("Mon, 23 Nov 2026 07:47:15 GMT")).toBe(start);
  expect(() => parseAnyTime("soon")).toThrow("Unknown string format: soon");
});
