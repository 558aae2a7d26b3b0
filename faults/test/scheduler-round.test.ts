// The short set of `npm test`: `npm run test:faults -- scheduler` has the rest.
import { expect, test } from "vitest";
import { checkSlots } from "../src/scheduler/history.ts";
import { schedulerRows } from "../src/scheduler/rows.ts";
import { runSchedulerRound } from "../src/scheduler/scheduler-round.ts";
import { createTimeline } from "../src/scheduler/timeline.ts";

test("each slot is fired once while leaders are killed", { timeout: 120_000 }, async () => {
  const row = schedulerRows.find(({ name }) => name.includes("kill -9"));
  if (row === undefined) throw new Error("no such row");

  const round = await runSchedulerRound(row, 21, 60, 15);

  expect(round.violations).toEqual([]);
  expect(round.slots).toBeGreaterThan(40);
  expect(round.epochs).toBeGreaterThan(1);
});

test("what a slot has to be follows the changes of its job, with time for them to be seen", () => {
  const timeline = createTimeline(["j"]);
  timeline.changed("j", "none", 100_000, 100_500);
  timeline.changed("j", "even", 200_000, 200_000);

  expect(
    [50_000, 91_000, 95_000, 108_000, 150_000, 196_000, 205_000, 209_000, 210_000].map((slot) =>
      timeline.expect("j", slot),
    ),
  ).toEqual(["must", "must", "may", "may", "never", "may", "never", "never", "must"]);
  expect(timeline.expect("other", 150_000)).toBe("must");
});

test("the checker names what is lost, doubled, not due or never sent", () => {
  const entry = { job_id: "j", worker: "core", state: "sent", epoch: 1 } as const;
  const wrong = checkSlots({
    job_id: "j",
    due: [1000, 2000, 3000, 4000],
    ledger: [
      { ...entry, slot: 1000, run_id: "a" },
      { ...entry, slot: 2000, run_id: "b", state: "pending" },
      { ...entry, slot: 3000, run_id: "c" },
      { ...entry, slot: 5000, run_id: "a" },
    ],
    received: ["a", "x"],
  });

  expect(wrong).toEqual([
    "j 1970-01-01T00:00:02.000Z: pending (), not sent",
    "j 1970-01-01T00:00:04.000Z: lost: no entry in the ledger",
    "j 1970-01-01T00:00:03.000Z: sent, and no message came",
    "j 1970-01-01T00:00:05.000Z: sent in the ledger, and was not due",
    "j: two slots have the same run",
    "j: run x is of no slot",
  ]);
});
