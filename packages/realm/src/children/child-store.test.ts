import { expect, test } from "vitest";
import { testRealm } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";
import type { ChildRecord } from "./types.ts";

const aws = sharedAws();
const origin = { worker: "core", hostname: "vm" };
const run = { job_id: "etl/all", run_id: "run-1" };

function child(id: string, more: Partial<ChildRecord> = {}): ChildRecord {
  return { id, job_id: id.split("#")[0] ?? "", pass: "1", status: "complete", ...more };
}

test("children of a run are those of all its parts, each as it was last recorded", async () => {
  const { realm } = await testRealm(aws());
  const whole = child("c#0", {
    index: 0,
    key: "abc",
    started: "2026-11-23T07:47:15.000Z",
    ended: "2026-11-23T07:47:16.500Z",
    seconds: 1.5,
    log: "s3://b/c/run-1/",
    reason: "why",
  });

  await realm.children.write(run, "000001-000001", [child("a#0", { status: "running" })], origin);
  await realm.children.write(run, "000001-000002", [child("a#0"), whole], origin);
  await realm.children.write({ ...run, run_id: "run-10" }, "000001-000001", [child("x#0")], origin);

  expect(await realm.children.list(run)).toEqual([child("a#0"), whole]);
  expect((await realm.children.history(run)).map(({ status, part }) => [status, part])).toEqual([
    ["running", "000001-000001"],
    ["complete", "000001-000002"],
    ["complete", "000001-000002"],
  ]);
});

test("secrets in texts of failures are masked", async () => {
  const { realm, redactor } = await testRealm(aws());
  redactor.add("hunter2-secret");

  await realm.children.write(run, "1", [child("a#0", { reason: "bad hunter2-secret" })], origin);

  expect((await realm.children.list(run))[0]?.reason).not.toContain("hunter2");
});
