import type { Data } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { expect, test } from "vitest";
import { checkHistory, formatViolation, properties } from "./check-history.ts";
import type { Guarantee, History, Mark } from "./types.ts";

type Status = string | readonly [status: string, info: Data];

/** A run whose log has these statuses; its status is the last one. */
function run(statuses: readonly Status[], more: Partial<RunRecord> = {}): RunRecord {
  const log = statuses.map((one) => {
    const [status, info] = typeof one === "string" ? [one, null] : one;
    return { ts_event: "2026-11-23T07:47:15+00:00", tu_event: "2026-11-23T07:47:15", status, info };
  });
  return {
    job_id: "j",
    run_id: "r",
    status: log.at(-1)?.status ?? "",
    ts_dispatch: null,
    ts_event: "",
    tu_event: "",
    worker: "core",
    hostname: "h",
    log,
    extra: { x_epoch: 1, x_actions: { state: "settled" } },
    raw: {},
    ...more,
  };
}

let clock = 0;

function mark(kind: Mark["kind"], pid: number, more: Partial<Mark> = {}): Mark {
  clock += 0.01;
  return {
    ...{ kind, pid, job_id: "j", run_id: "r", key: "j/r", epoch: 1, attempt: 1, worker: 7 },
    ...{ mono: clock, wall: clock },
    ...more,
  };
}

const accepted = [{ job_id: "j", run_id: "r" }];
const normal = ["starting", "running", "complete"];
const lost = ["retrying", "Worker core/a was lost; run taken over by core/b"] as const;
const takenOver = ["starting", "running", lost, "starting", "running", "complete"];
const twice = { x_epoch: 2, x_actions: { state: "settled" } };

/** A history of one run that went well. */
const good: History = {
  accepted,
  runs: [run(normal)],
  marks: [mark("start", 1), mark("alive", 1), mark("end", 1)],
  observations: [
    { ...{ job_id: "j", run_id: "r" }, status: "running", holder: "core/a", epoch: 1 },
    { ...{ job_id: "j", run_id: "r" }, status: "complete", holder: undefined, epoch: 1 },
  ],
  messages: { core: 0 },
};

/** A history of one run whose first worker died. */
const recovered: History = {
  accepted,
  runs: [run(takenOver, { extra: twice })],
  marks: [
    mark("start", 1),
    mark("alive", 1),
    mark("start", 2, { epoch: 2, worker: 8 }),
    mark("end", 2, { epoch: 2, worker: 8 }),
  ],
};

const action = (more: Partial<Mark> = {}): Mark =>
  mark("action", 9, {
    ...{ job_id: "acted", run_id: "x", key: "acted/x" },
    of: { job_id: "j", run_id: "r", action: "on_success-0" },
    ...more,
  });

test.each<[string, History]>([
  ["a run that went well", good],
  ["a run that was taken over from a worker that died", recovered],
  [
    "a run that was given back",
    {
      accepted,
      runs: [
        run(["starting", "running", "retrying", "starting", "running", "failed"], { extra: twice }),
      ],
      marks: [mark("start", 1), mark("start", 2, { epoch: 2 }), mark("end", 2, { epoch: 2 })],
    },
  ],
  [
    "attempts under one epoch",
    {
      accepted,
      runs: [run(["starting", "running", "retrying", "running", "complete"])],
      marks: [
        ...[mark("start", 1), mark("end", 1)],
        ...[mark("start", 2, { attempt: 2 }), mark("end", 2, { attempt: 2 })],
      ],
    },
  ],
  [
    "an action that was delivered twice under one key",
    { ...good, marks: [...good.marks, action(), action()], actions: { j: { on_success: 1 } } },
  ],
  [
    "an action that failed",
    { ...good, runs: [run([...normal, "action_failed"])], actions: { j: { on_success: 1 } } },
  ],
  [
    "a child that ends in each execution of its parent",
    {
      ...good,
      runs: [run([...normal, ...normal], { extra: {} }), run(normal, { job_id: "p" })],
      marks: [],
      observations: [],
    },
  ],
])("accepts %s", (_, history) => {
  expect(checkHistory(history).map(formatViolation)).toEqual([]);
});

test.each<[Guarantee, string, History, RegExp]>([
  ["G1", "an accepted run without an item", { ...good, runs: [], marks: [] }, /no events item/],
  [
    "G1",
    "a run that stands still",
    { ...good, runs: [run(["starting", "running"])], messages: { core: 1 }, observations: [] },
    /stands at running; messages left: 1 of core/,
  ],
  [
    "G1",
    "actions that nobody settled",
    { ...good, runs: [run(normal, { extra: { x_actions: { state: "pending" } } })] },
    /actions are not settled/,
  ],
  ["G1", "a payload of no run", { ...good, accepted: [], runs: [] }, /had a payload and has no/],
  [
    "G2",
    "two holders under one epoch",
    {
      ...good,
      observations: [
        { job_id: "j", run_id: "r", status: "running", holder: "core/a", epoch: 1 },
        { job_id: "j", run_id: "r", status: "running", holder: "core/b", epoch: 1 },
      ],
    },
    /core\/a and core\/b both held it under epoch 1/,
  ],
  [
    "G2",
    "an epoch that went back",
    {
      ...good,
      observations: [
        { job_id: "j", run_id: "r", status: "running", holder: "core/a", epoch: 2 },
        { job_id: "j", run_id: "r", status: "running", holder: "core/a", epoch: 1 },
      ],
    },
    /from 2 to 1/,
  ],
  [
    "G2",
    "payloads of two workers under one epoch",
    { ...good, marks: [...good.marks, mark("start", 2, { worker: 8, attempt: 2 })] },
    /processes 7 and 8 both ran it under epoch 1/,
  ],
  [
    "G2",
    "an epoch that nobody gave",
    { ...good, marks: [mark("start", 1, { epoch: 5 })] },
    /had epoch 5, but the run only came to 1/,
  ],
  [
    "G3",
    "two payloads that are alive together",
    {
      ...recovered,
      marks: [
        mark("start", 1),
        mark("start", 2, { epoch: 2, worker: 8 }),
        mark("alive", 1),
        mark("end", 2, { epoch: 2, worker: 8 }),
      ],
    },
    /payload 1 \(epoch 1\) was alive at .* after payload 2 \(epoch 2\) had started/,
  ],
  ["G3", "a payload that outlives everything", { ...good, survivors: [1] }, /still alive/],
  [
    "G4",
    "an end after the end",
    { ...good, runs: [run([...normal, "failed"])] },
    /failed follows the end complete/,
  ],
  [
    "G4",
    "a start after the end",
    { ...good, runs: [run([...normal, "starting"])] },
    /starting follows the end complete/,
  ],
  [
    "G4",
    "a failure whose item was made action_failed",
    { ...good, runs: [run(["starting", "failed", "action_failed"])] },
    /ended failed and its item says action_failed/,
  ],
  [
    "G4",
    "a child that a straggler overwrote",
    {
      ...good,
      marks: [],
      runs: [
        run([...normal, "failed"], { extra: {} }),
        run(["starting", "running", ["complete", { failed_jobs: [] }]], { job_id: "p" }),
      ],
    },
    /says failed, and its parent p ended with no failed child/,
  ],
  [
    "G4",
    "a status that was seen and changed",
    {
      ...good,
      observations: [
        { job_id: "j", run_id: "r", status: "failed", holder: undefined, epoch: 1 },
        { job_id: "j", run_id: "r", status: "complete", holder: undefined, epoch: 1 },
      ],
    },
    /went from failed to complete/,
  ],
  [
    "G4",
    "a status that nobody knows",
    { ...good, runs: [run(["begun", ...normal])] },
    /unknown status begun/,
  ],
  [
    "G5",
    "an action that never came",
    { ...good, actions: { j: { on_success: 1 } } },
    /on_success-0 was never/,
  ],
  [
    "G5",
    "an action of an event that was not",
    {
      ...good,
      runs: [run(["starting", "failed"])],
      marks: [action()],
      actions: { j: { on_success: 1 } },
    },
    /ended failed and on_success-0 was delivered/,
  ],
  [
    "G5",
    "an action under two keys",
    { ...good, marks: [action(), action({ key: "acted/y" })] },
    /came under 2 keys: acted\/x, acted\/y/,
  ],
  [
    "G6",
    "an execution that is repeated under the same epoch",
    { ...good, marks: [...good.marks, mark("start", 2), mark("end", 2)] },
    /executed again under epoch 1, after epoch 1/,
  ],
  [
    "G6",
    "a straggler under a lower epoch",
    {
      ...recovered,
      marks: [mark("start", 2, { epoch: 2 }), mark("start", 1, { epoch: 1, attempt: 2 })],
    },
    /under epoch 1 followed one under epoch 2/,
  ],
  [
    "G6",
    "a second start without a loss",
    { ...good, runs: [run(["starting", "running", "starting", "complete"], { extra: twice })] },
    /start 2 follows running/,
  ],
  [
    "G6",
    "more starts than epochs",
    { ...good, runs: [run(takenOver)] },
    /started 2 times under 1 epochs/,
  ],
  [
    "G7",
    "a failure that was none of the job's",
    {
      ...good,
      runs: [run(["starting", ["failed", { error: "Failed with exit status -9" }]])],
      outcomes: { j: ["complete"] },
    },
    /ended failed and not complete: .*exit status -9/,
  ],
])("%s rejects %s", (guarantee, _, history, text) => {
  const found = properties[guarantee](history).map(formatViolation);

  expect(found.join("\n")).toMatch(text);
  expect(found.every((line) => line.startsWith(`${guarantee} `))).toBe(true);
});
