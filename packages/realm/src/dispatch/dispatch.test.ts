import { DecimalValue, parseJson } from "@lava/core";
import { describe, expect, test } from "vitest";
import { testRealm } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";
import { parseDelay } from "./dispatch.ts";

const aws = sharedAws();
const job = { job_id: "t/cmd", type: "cmd", worker: "core", payload: "true", enabled: true };

describe("dispatch", () => {
  test("sends a run to the job's worker, in the fields of the original (WF-070..074)", async () => {
    const { realm } = await testRealm(aws());
    await realm.jobs.put(job);

    const receipt = await realm.dispatch({
      job_id: "t/cmd",
      parameters: {},
      globals: { z: 1, d: new DecimalValue("1.50") },
    });

    const received = await realm.queue("core").receive({ wait: 1 });
    const body = parseJson(received?.body ?? "");
    expect(receipt.run_id).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(body).toEqual({
      realm: realm.name,
      worker: "core",
      job_id: "t/cmd",
      run_id: receipt.run_id,
      ts_dispatch: receipt.ts_dispatch,
      globals: { z: 1, d: 1.5 },
    });
    expect(receipt.message_id).toBe(received?.message_id);
  });

  test("takes the worker and the run id that it is given, and asks for no job then", async () => {
    const { realm } = await testRealm(aws());

    const receipt = await realm.dispatch({ job_id: "unknown", worker: "core", run_id: "mine" });

    expect(receipt).toMatchObject({ worker: "core", run_id: "mine" });
  });

  test("of an unknown job says so (JOB-dispatch-07)", async () => {
    const { realm } = await testRealm(aws());

    await expect(realm.dispatch({ job_id: "nope" })).rejects.toMatchObject({
      code: "NO_SUCH_JOB",
      message: "nope: No such job",
    });
  });

  test("of a disabled job is refused only where that is asked for", async () => {
    const { realm } = await testRealm(aws());
    await realm.jobs.put({ ...job, enabled: false });

    await expect(realm.dispatch({ job_id: "t/cmd", requireEnabled: true })).rejects.toMatchObject({
      code: "JOB_DISABLED",
    });
    expect(await realm.dispatch({ job_id: "t/cmd" })).toMatchObject({ worker: "core" });
  });

  test("of a job whose worker has no queue names the worker", async () => {
    const { realm } = await testRealm(aws());
    await realm.jobs.put({ ...job, worker: "ghost" });

    await expect(realm.dispatch({ job_id: "t/cmd" })).rejects.toMatchObject({
      code: "NO_SUCH_QUEUE",
      message: expect.stringContaining("Worker ghost"),
    });
  });
});

test.each([
  [undefined, 0],
  ["", 0],
  [0, 0],
  ["15m", 900],
  ["1.9", 1],
])("a delay of %s is %s seconds", (delay, seconds) => {
  expect(parseDelay(delay)).toBe(seconds);
});

test.each([
  ["16m", "Bad delay: 960: must be between 0 and 15 minutes"],
  [-1, "Bad delay: -1: must be between 0 and 15 minutes"],
  ["soon", "Bad delay: Invalid duration: soon"],
])("a delay of %s is refused (JOB-dispatch-02)", (delay, message) => {
  expect(() => parseDelay(delay)).toThrow(message);
});
