import { expect, test } from "vitest";
import { eventItem, eventStatuses, terminalStatuses } from "./event.ts";
import { stateItem } from "./state.ts";

test("there are the nine statuses of the original, and never another (WF-116)", () => {
  expect(eventStatuses).toEqual([
    "starting",
    "skipped",
    "rejected",
    "logging",
    "running",
    "retrying",
    "complete",
    "failed",
    "action_failed",
  ]);
  expect([...terminalStatuses].every((status) => eventStatuses.includes(status))).toBe(true);
});

test("an events item of the original is read, with what others have added", () => {
  const item = {
    job_id: "t/log",
    run_id: "f096ad7c",
    ts_dispatch: "2026-11-23T18:47:15+11:00",
    status: "complete",
    ttl: 1795506436,
    worker_id: null,
    log: [{ ts_event: "t", tu_event: "t", status: "starting", info: null }],
    x_epoch: 2,
    other: true,
  };

  expect(eventItem.parse(item)).toEqual(item);
});

test("entries of the log have exactly four members (WF-120)", () => {
  const entry = { ts_event: "t", tu_event: "t", status: "running", info: "Iteration 1", x: 1 };

  expect(eventItem.safeParse({ job_id: "j", run_id: "r", log: [entry] }).success).toBe(false);
});

test("a state item has exactly the attributes that the original knows (WF-149)", () => {
  const item = { state_id: "s", type: "json", value: "{}", timestamp: "t", ttl: 1 };

  expect(stateItem.safeParse(item).success).toBe(true);
  expect(stateItem.safeParse({ ...item, publisher: "p" }).success).toBe(true);
  expect(stateItem.safeParse({ ...item, x_epoch: 1 }).success).toBe(false);
});
