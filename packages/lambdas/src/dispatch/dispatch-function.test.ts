import type { DataMap } from "@lava/core";
import { describe, expect, test } from "vitest";
import { fifoEvent, lavaDispatch, snsEvent, snsNotification, sqsEvent } from "../../test/events.ts";
import { testFunction } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";
import { createDispatchFunction } from "./dispatch-function.ts";

const aws = sharedAws();
const jobs: readonly DataMap[] = [
  { job_id: "a" },
  { job_id: "b", enabled: false },
  { job_id: "lost", worker: "ghost" },
];
const open = (env = {}, workers = ["core"]) =>
  testFunction(createDispatchFunction, { aws: aws(), jobs, workers }, env);

describe("the function dispatch", () => {
  test.each([
    ["a direct call", { job_id: "a", parameters: { x: 1 } }],
    ["a list", [{ job_id: "a", parameters: { x: 1 } }]],
    ["SNS, a command line (LAM-118)", snsEvent("a -p x=1")],
    ["SNS, JSON", snsEvent({ job_id: "a", parameters: { x: 1 } })],
    ["an event of EventBridge (LAM-114)", lavaDispatch({ job_id: "a", parameters: { x: 1 } })],
  ])("dispatches on %s and tells the run (LAM-101, LAM-110, LAM-113)", async (_how, event) => {
    await using lambda = await open();

    const answer = await lambda.call(event);

    const [message, ...others] = await lambda.messages();
    expect(others).toEqual([]);
    expect(message).toMatchObject({ realm: lambda.realm, worker: "core", job_id: "a" });
    expect(Object.keys(message ?? {})).not.toContain("globals");
    expect(answer).toEqual({
      dispatched: [{ job_id: "a", run_id: message?.["run_id"] }],
      errors: [],
    });
  });

  test("does not look whether a job is enabled: its worker does (LAM-109)", async () => {
    await using lambda = await open();

    expect(await lambda.call({ job_id: "b" })).toMatchObject({ dispatched: [{ job_id: "b" }] });
  });

  test("an unknown job in the middle of a batch does not stop the others and is told apart (LAM-112, LAM-113)", async () => {
    await using lambda = await open();

    const answer = await lambda.call(sqsEvent("a\nnope\nb", "a", "a -p 'x", snsNotification("b")));

    expect(answer).toEqual({
      batchItemFailures: [{ itemIdentifier: "m0" }, { itemIdentifier: "m2" }],
    });
    expect((await lambda.messages()).map(({ job_id }) => job_id).sort()).toEqual([
      "a",
      "a",
      "b",
      "b",
    ]);
    expect(lambda.log).toContainEqual(
      expect.objectContaining({
        level: "error",
        job_id: "nope",
        code: "NO_SUCH_JOB",
        error: `nope@${lambda.realm}: No such job`,
      }),
    );
  });

  test("a queue that keeps order gets all back that stands behind a failure (LAM-113)", async () => {
    await using lambda = await open();

    expect(await lambda.call(fifoEvent("a", "nope", "b"))).toEqual({
      batchItemFailures: [{ itemIdentifier: "m1" }, { itemIdentifier: "m2" }],
    });
    expect(await lambda.messages()).toMatchObject([{ job_id: "a" }]);
  });

  test("what can never be done goes to the dead letter queue with the reason (LAM-113, TRAP-LAM-07)", async () => {
    await using lambda = await open({}, ["core", "dead"]);
    await using dead = await testFunction(
      createDispatchFunction,
      { aws: aws(), jobs, name: lambda.realm, workers: ["core", "dead"] },
      { LAVA_LAMBDA_DLQ: `lava-${lambda.realm}-dead` },
    );

    const answer = await dead.call(sqsEvent("nope -p x=1", "lost", "a"));

    expect(answer).toEqual({ batchItemFailures: [] });
    expect(await dead.messages("dead")).toEqual([
      expect.objectContaining({
        function: "dispatch",
        job_id: "nope",
        reason: { code: "NO_SUCH_JOB", message: `nope@${lambda.realm}: No such job` },
        request: { job_id: "nope", parameters: { x: "1" }, globals: {}, delay: 0 },
      }),
      expect.objectContaining({
        job_id: "lost",
        reason: expect.objectContaining({ code: "NO_SUCH_QUEUE" }),
      }),
    ]);
  });

  test("a message that comes again is the same run; another message is another (LAM-115)", async () => {
    await using lambda = await open();

    for (const event of [
      snsEvent("a\na", "n1"),
      sqsEvent(snsNotification("a\na", "n1")),
      snsEvent("a", "n2"),
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await lambda.call(event);
    }

    const runs = (await lambda.messages()).map(({ run_id }) => String(run_id));
    expect(runs).toHaveLength(5);
    expect(new Set(runs).size).toBe(3);
    expect(runs.every((run_id) => run_id[14] === "5")).toBe(true);
  });

  test("the sender's own key wins, whatever carries it; Lambda's own retry is the same run (LAM-115)", async () => {
    await using lambda = await open();
    const request = { job_id: "a", dispatch_id: "order-7" };

    await lambda.call(request, "r1");
    await lambda.call(snsEvent(request), "r2");
    await lambda.call({ job_id: "a" }, "r3");
    await lambda.call({ job_id: "a" }, "r3");

    const runs = (await lambda.messages()).map(({ run_id }) => run_id);
    expect(new Set(runs).size).toBe(2);
  });

  test("a direct caller reads what was wrong; a topic that could be served nothing gets a failure (LAM-113)", async () => {
    await using lambda = await open();

    expect(await lambda.call({ job_id: "nope" })).toEqual({
      dispatched: [],
      errors: [{ job_id: "nope", code: "NO_SUCH_JOB", error: `nope@${lambda.realm}: No such job` }],
    });
    await expect(lambda.call(snsEvent("nope"))).rejects.toMatchObject({ code: "NO_SUCH_JOB" });
    await expect(lambda.call(snsEvent("nope\nlost"))).rejects.toMatchObject({
      code: "DISPATCH_FAILED",
    });
    expect(await lambda.call(snsEvent("nope\na"))).toMatchObject({ dispatched: [{ job_id: "a" }] });
  });

  test.each([
    [{ Records: [{ eventSource: "aws:kinesis" }] }, "Event source aws:kinesis not supported"],
    [{ hello: "world" }, "Cannot determine event format"],
  ])("an event of nobody it knows fails the invocation (LAM-102)", async (event, message) => {
    await using lambda = await open();

    await expect(lambda.call(event)).rejects.toMatchObject({ code: "BAD_EVENT", message });
  });

  test("logs the event, each request, each run and how it ended, with the ids (LAM-006)", async () => {
    await using lambda = await open();

    await lambda.call({ job_id: "a" });

    const ids = { realm: lambda.realm, request_id: "8476a536-e9f4-11e8-9739-2dfe598c3fcd" };
    expect(lambda.log).toMatchObject([
      { level: "debug", message: "received event", ...ids },
      { level: "info", message: "dispatch request", job_id: "a", ...ids },
      { level: "info", message: "dispatched", job_id: "a", run_id: expect.any(String), ...ids },
      { level: "info", message: "completed", errors: 0, ...ids },
    ]);
  });
});

test.each([
  [{}, "NO_REALM"],
  [{ LAVA_REALM: "r", LOGLEVEL: "loud" }, "BAD_LOG_LEVEL"],
  [{ LAVA_REALM: "r", LAVA_SQS_MAX_DELAY_MINS: "x" }, "BAD_CONFIG"],
])("with the environment %j it cannot be loaded (LAM-003..005)", (env, code) => {
  expect(() => createDispatchFunction({ env, write: () => undefined })).toThrow(
    expect.objectContaining({ code }),
  );
});

test("LOGLEVEL wins over LAVA_LOGLEVEL, and both have any case (LAM-004, TRAP-LAM-09)", async () => {
  await using quiet = await testFunction(
    createDispatchFunction,
    { aws: aws(), jobs },
    { LOGLEVEL: "ERROR", LAVA_LOGLEVEL: "debug" },
  );
  await using less = await testFunction(
    createDispatchFunction,
    { aws: aws(), jobs },
    { LOGLEVEL: "", LAVA_LOGLEVEL: "Warning" },
  );

  await quiet.call({ job_id: "a" });
  await less.call({ job_id: "a" });

  expect([...quiet.log, ...less.log]).toEqual([]);
});
