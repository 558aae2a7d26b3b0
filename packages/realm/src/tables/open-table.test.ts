import { DecimalValue } from "@lava/core";
import { describe, expect, test } from "vitest";
import { testRealm } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";

const aws = sharedAws();
const job = {
  job_id: "etl/load",
  type: "cmd",
  worker: "core",
  payload: "echo hi",
  enabled: true,
  owner: "me",
  description: "d",
  parameters: { args: ["a", 1], timeout: "1m" },
};

describe("records", () => {
  test("come back parsed, and as they were stored", async () => {
    const { realm } = await testRealm(aws());
    await realm.jobs.put({ ...job, max_tries: 3 });

    const stored = await realm.jobs.get("etl/load");
    const item = await realm.jobs.getItem("etl/load");

    expect(stored).toMatchObject({ job_id: "etl/load", worker: "core", max_tries: 3 });
    expect(item).toEqual({
      ...job,
      max_tries: new DecimalValue("3"),
      parameters: { args: ["a", new DecimalValue("1")], timeout: "1m" },
    });
  });

  test("that do not exist are undefined", async () => {
    const { realm } = await testRealm(aws());

    expect(await realm.jobs.get("none")).toBeUndefined();
    expect(await realm.jobs.get("")).toBeUndefined();
  });

  test("are listed by id, a bad one is reported and hides no other", async () => {
    const { realm, log } = await testRealm(aws());
    await realm.jobs.put({ ...job, job_id: "b" });
    await realm.jobs.put({ job_id: "broken", type: "cmd" });
    await realm.jobs.put({ ...job, job_id: "a" });

    const records = await realm.jobs.list();

    expect(records.map((record) => record.job_id)).toEqual(["a", "b"]);
    expect(log).toContainEqual({
      level: "warn",
      fields: { job_id: "broken", error: expect.stringContaining("payload, worker") },
      message: "record cannot be read",
    });
  });

  test("can be listed by an attribute", async () => {
    const { realm } = await testRealm(aws());
    await realm.jobs.put({ ...job, job_id: "a" });
    await realm.jobs.put({ ...job, job_id: "b", worker: "other" });

    const records = await realm.jobs.listItems({ where: { worker: "other" } });

    expect(records.map((record) => record["job_id"])).toEqual(["b"]);
  });

  test("of the other tables are read by their schemas", async () => {
    const { realm } = await testRealm(aws());
    await realm.connections.put({ conn_id: "db", type: "SQLite3", enabled: true });
    await realm.s3triggers.put({
      trigger_id: "t",
      bucket: "b",
      prefix: "*",
      job_id: "x",
      enabled: true,
    });

    expect(await realm.connections.get("db")).toMatchObject({ type: "sqlite3", enabled: true });
    expect(await realm.s3triggers.get("t")).toMatchObject({ job_id: ["x"] });
  });
});

describe("conditional writes", () => {
  const changed = { code: "RECORD_CHANGED" };

  test("replace only what was seen", async () => {
    const { realm } = await testRealm(aws());
    await realm.jobs.put(job, { expected: null });
    const seen = await realm.jobs.getItem(job.job_id);

    await realm.jobs.put({ ...job, payload: "second" }, { expected: seen ?? null });

    await expect(
      realm.jobs.put({ ...job, payload: "third" }, { expected: seen ?? null }),
    ).rejects.toMatchObject(changed);
    await expect(realm.jobs.put(job, { expected: null })).rejects.toMatchObject(changed);
    expect((await realm.jobs.get(job.job_id))?.payload).toBe("second");
  });

  test("notice a change inside a map", async () => {
    const { realm } = await testRealm(aws());
    await realm.jobs.put(job);
    const seen = await realm.jobs.getItem(job.job_id);
    await realm.jobs.put({ ...job, parameters: { args: ["a", 2], timeout: "1m" } });

    await expect(realm.jobs.put(job, { expected: seen ?? null })).rejects.toMatchObject(changed);
  });

  test("delete only what was seen", async () => {
    const { realm } = await testRealm(aws());
    await realm.jobs.put(job);
    const seen = (await realm.jobs.getItem(job.job_id)) ?? null;
    await realm.jobs.put({ ...job, enabled: false });

    await expect(realm.jobs.delete(job.job_id, { expected: seen })).rejects.toMatchObject(changed);
    await realm.jobs.delete(job.job_id);

    expect(await realm.jobs.get(job.job_id)).toBeUndefined();
  });
});
