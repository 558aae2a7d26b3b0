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

test("schedules are kept in step with the jobs of the dispatcher eventbridge (JOB-lavasched-14)", async () => {
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

test("what was changed by hand is put right with the next deployment, also of jobs that stay as they are", async () => {
  await using emulated = await emulatedRealm({ record: setUp });
  const { realm } = emulated;
  const jobs = ["a", "b", "c", "d"].map((job_id) => job("0 6 * * *", { job_id }));
  for (const { schedule } of await planSchedules([], realm, jobs)) {
    if (schedule !== undefined) await realm.scheduleGroup.put(schedule);
  }
  expect(await planSchedules([], realm, jobs)).toEqual([]);

  const nameOf = async (job_id: string) =>
    [...(await realm.scheduleGroup.names())].find((name) => name.startsWith(`${job_id}-`)) ?? "";
  const edited = await realm.scheduleGroup.get(await nameOf("b"));
  if (edited === undefined) throw new Error("no schedule");
  await realm.scheduleGroup.put({ ...edited, ScheduleExpression: "cron(0 7 * * ? *)" });
  await realm.scheduleGroup.delete(await nameOf("c"));
  await realm.scheduleGroup.put({ ...edited, Name: (await nameOf("d")).replace(/0$/, "7") });

  const drift = await planSchedules([], realm, jobs);
  expect(drift.map(({ action, job: id }) => `${action} ${id}`)).toEqual([
    "update b",
    "create c",
    "delete d",
  ]);
});

test("a schedule that has begun is no change, and is changed without its beginning", async () => {
  await using emulated = await emulatedRealm({ record: setUp });
  const { realm } = emulated;
  const soon = new Date(realm.clock.now() + 1500).toISOString();
  const begun = job({ crontab: "0 6 * * *", from: soon });
  const [first] = await planSchedules([], realm, [begun]);
  if (first?.schedule === undefined) throw new Error("no schedule");
  await realm.scheduleGroup.put(first.schedule);
  expect(first.schedule.StartDate).toBe(soon);

  await realm.clock.sleep(Math.max(0, Date.parse(soon) - realm.clock.now()));

  expect(await planSchedules([], realm, [begun])).toEqual([]);
  const [later] = await planSchedules([], realm, [job({ crontab: "0 7 * * *", from: soon })]);
  expect(later?.action).toBe("update");
  expect(later?.schedule).not.toHaveProperty("StartDate");
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
