import type { DataMap } from "@lava/core";
import { emulatedRealm } from "@lava/testing";
import { expect, test } from "vitest";
import { planSchedules } from "./eventbridge-schedules.ts";
import { planTasks } from "./tasks.ts";
import type { ItemChange, Plan } from "./types.ts";

const setUp = {
  "x-lava-eventbridge": {
    function: "arn:aws:lambda:us-east-1:000000000000:function:lava-dispatch",
    role: "arn:aws:iam::000000000000:role/scheduler",
  },
  "x-lava-zones": { eventbridge: "Australia/Sydney" },
};
const job = (schedule: DataMap[string], more: DataMap = {}): DataMap => ({
  job_id: "app/load",
  type: "cmd",
  worker: "core",
  payload: "true",
  enabled: true,
  dispatcher: "eventbridge",
  schedule,
  ...more,
});
const change = (before: DataMap | undefined, after: DataMap | undefined): ItemChange => ({
  action: before === undefined ? "create" : after === undefined ? "delete" : "update",
  kind: "job",
  id: "app/load",
  changes: [],
  before,
  after,
});

test("schedules are kept in step with the jobs of the dispatcher eventbridge", async () => {
  await using emulated = await emulatedRealm({ record: setUp });
  const { realm } = emulated;
  const none: Plan["items"] = [];
  const apply = async (before: DataMap | undefined, after: DataMap | undefined) => {
    const schedules = await planSchedules([change(before, after)], realm);
    const plan = { items: none, payloads: [] } as unknown as Plan;
    for (const task of planTasks(plan, realm, new Map(), {}, schedules).flat()) await task.run();
    return schedules.map(
      ({ action, schedule }) => `${action} ${schedule?.ScheduleExpression ?? ""}`,
    );
  };
  const first = job("0 6 * * *");
  const second = job(["0 7 * * mon-fri", "0 9 * * sat"], { "x-lava-jitter": "5m" });

  expect(await apply(undefined, first)).toEqual(["create cron(0 6 * * ? *)"]);
  expect(await apply(first, first)).toEqual([]);
  expect(await apply(first, second)).toEqual([
    "update cron(0 7 ? * 2,3,4,5,6 *)",
    "create cron(0 9 ? * 7 *)",
  ]);
  expect((await realm.scheduleGroup.names()).size).toBe(2);
  expect(await apply(second, job("0 9 * * sat", { enabled: false }))).toEqual([
    "delete ",
    "delete ",
  ]);
  expect(await apply(first, job("0 6 * * *", { dispatcher: "main" }))).toEqual([]);
  expect((await realm.scheduleGroup.names()).size).toBe(0);
});

test("what cannot be said is refused with the plan, and so is a realm that is not set up", async () => {
  await using ready = await emulatedRealm({ record: setUp });
  await using bare = await emulatedRealm({ aws: ready.aws });

  await expect(
    planSchedules([change(undefined, job("0 0 1 * mon"))], ready.realm),
  ).rejects.toMatchObject({ code: "EVENTBRIDGE_CANNOT" });
  await expect(
    planSchedules([change(undefined, job("0 6 * * *"))], bare.realm),
  ).rejects.toMatchObject({ code: "EVENTBRIDGE_NOT_SET_UP" });
});
