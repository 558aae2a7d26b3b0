import { expect, test } from "vitest";
import { testRealm } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";
import type { Realm } from "../realm.ts";
import { toRunPlan } from "./rerun.ts";

const aws = sharedAws();
const origin = { worker: "core", hostname: "vm" };

async function oldRun(realm: Realm, run_id: string, extra = {}, status = "failed" as const) {
  await realm.jobs.put({
    job_id: "all",
    type: "chain",
    worker: "core",
    payload: "a",
    enabled: true,
  });
  await realm.events.append({ job_id: "all", run_id }, { status, info: null }, { origin, extra });
  return { job_id: "all", run_id };
}

async function sent(realm: Realm) {
  const message = await realm.queue("core").receive({ wait: 1 });
  const body: unknown = JSON.parse(message?.body ?? "null");
  return body;
}

test("a rerun is a new run with what the old one was sent, and what is laid over it", async () => {
  const { realm } = await testRealm(aws());
  const run = await oldRun(realm, "old", {
    x_sent: { parameters: { env: { A: "1", B: "2" }, n: 1 }, globals: { day: "mon" } },
  });

  const receipt = await realm.rerun({ ...run, parameters: { env: { B: "3" } } });

  expect(receipt.run_id).not.toBe("old");
  expect(await sent(realm)).toMatchObject({
    job_id: "all",
    run_id: receipt.run_id,
    parameters: { env: { A: "1", B: "3" }, n: 1 },
    globals: { day: "mon" },
  });
  const item = await realm.events.get(receipt);
  expect(toRunPlan(item?.extra["x_plan"])).toEqual({ of: "old", done: [], only: undefined });
  expect(item?.status).toBe("");
});

test("a rerun from what failed names all runs of its line", async () => {
  const { realm } = await testRealm(aws());
  const run = await oldRun(realm, "second", { x_plan: { of: "first", done: ["first"] } });

  const receipt = await realm.rerun({ ...run, fromFailed: true, only: ["b"] });

  const item = await realm.events.get(receipt);
  expect(toRunPlan(item?.extra["x_plan"])).toEqual({
    of: "second",
    done: ["first", "second"],
    only: ["b"],
  });
});

test("a run that does not exist or goes on is refused", async () => {
  const { realm } = await testRealm(aws());
  await expect(realm.rerun({ job_id: "all", run_id: "no" })).rejects.toMatchObject({
    code: "NO_SUCH_RUN",
  });
  const run = { job_id: "all", run_id: "on" };
  await realm.events.append(run, { status: "running", info: null }, { origin });

  await expect(realm.rerun(run)).rejects.toMatchObject({ code: "RUN_NOT_OVER" });
});

test("a child is run again through the run that it is part of", async () => {
  const { realm } = await testRealm(aws());
  const run = await oldRun(realm, "part", { x_child: { parent: "whole", id: "all#0" } });

  await expect(realm.rerun(run)).rejects.toMatchObject({
    code: "RUN_IS_CHILD",
    hint: "lava rerun whole part --only all",
  });
});
