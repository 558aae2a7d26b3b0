import type { DataMap } from "@lava/core";
import { describe, expect, test } from "vitest";
import {
  fifoEvent,
  restoreCompleted,
  s3BusEvent,
  s3Notification,
  s3Record,
  s3TestEvent,
  snsEvent,
  snsNotification,
  sqsEvent,
} from "../../test/events.ts";
import { testFunction } from "../../test/fixture.ts";
import { sharedAws } from "../../test/suite.ts";
import { createS3TriggerFunction } from "./s3trigger-function.ts";

const aws = sharedAws();
const jobs: readonly DataMap[] = [
  { job_id: "load" },
  { job_id: "more" },
  { job_id: "off", enabled: false },
  { job_id: "maybe", enabled: "{{ false }}" },
  { job_id: "lost", worker: "ghost" },
];
const trigger = (fields: DataMap): DataMap => ({
  trigger_id: "t",
  bucket: "incoming",
  prefix: "data",
  job_id: "load",
  enabled: true,
  ...fields,
});
const open = (
  s3triggers: readonly DataMap[] = [trigger({})],
  env: Readonly<Record<string, string>> = {},
  workers: readonly string[] = ["core"],
) => testFunction(createS3TriggerFunction, { aws: aws(), jobs, s3triggers, workers }, env);
const put = (key: string, over = {}) => s3Notification(s3Record(key, over));

describe("the function s3trigger", () => {
  test.each([
    ["a notification", put("data/x.csv")],
    ["one through SNS", snsEvent(put("data/x.csv"))],
    ["one through SQS", sqsEvent(put("data/x.csv"))],
    ["one through SNS and SQS (TRAP-LAM-02)", sqsEvent(snsNotification(put("data/x.csv")))],
    ["an event of EventBridge", s3BusEvent("data/x.csv")],
    ["one through SQS", sqsEvent(s3BusEvent("data/x.csv"))],
  ])("dispatches on %s (LAM-201, TRIG-11)", async (_how, event) => {
    await using lambda = await open();

    await lambda.call(event);

    expect(await lambda.messages()).toMatchObject([{ job_id: "load", worker: "core" }]);
    expect(lambda.faults()).toEqual([]);
  });

  test("renders jobs, globals and parameters with what the event tells (LAM-211, TRIG-07)", async () => {
    await using lambda = await open([
      trigger({
        job_id: ["{{ key.split('/')[1] }}", "more"],
        globals: {
          s3: "s3://{{ bucket }}/{{ key }}",
          when: "{{ info.event_time.strftime('%Y%m%d') }}",
          what: [
            "{{ info.event_type }} {{ info.size + 1 }} {{ info.source_ip }} {{ info.aws_region }}",
          ],
          "of {{ bucket }}": "{{ event.s3.object.eTag }}",
        },
        parameters: { n: 1, base: "{{ utils.path.basename(key) }}" },
      }),
    ]);

    await lambda.call(put("data/load/a b+c.csv"));

    expect(await lambda.messages()).toMatchObject([
      {
        job_id: "load",
        globals: {
          s3: "s3://incoming/data/load/a b+c.csv",
          when: "20261123",
          what: ["ObjectCreated:Put 1025 10.1.2.3 ap-southeast-2"],
          "of incoming": "d41d8cd98f00b204e9800998ecf8427e",
        },
        parameters: { n: 1, base: "a b+c.csv" },
      },
      { job_id: "more" },
    ]);
  });

  test("a key full of quotes and braces breaks nothing and runs no template (LAM-216)", async () => {
    const key = `data/"},{{ 7*7 }}\\'x`;
    await using lambda = await open([trigger({ globals: { key: "{{ key }}" } })]);

    await lambda.call(put(key));

    expect(await lambda.messages()).toMatchObject([{ globals: { key } }]);
  });

  test("with jinja false everything goes out as it stands", async () => {
    await using lambda = await open([trigger({ jinja: false, globals: { key: "{{ key }}" } })]);

    await lambda.call(put("data/x"));

    expect(await lambda.messages()).toMatchObject([{ globals: { key: "{{ key }}" } }]);
  });

  test("all triggers of the nearest level count, and no others (LAM-204, TRIG-01)", async () => {
    await using lambda = await open([
      trigger({ trigger_id: "a", prefix: "data/x", enabled: false }),
      trigger({ trigger_id: "b", prefix: "data/x", job_id: "more" }),
      trigger({ trigger_id: "c" }),
      trigger({ trigger_id: "d", prefix: "*" }),
    ]);

    await lambda.call(put("data/x/1"));
    expect(await lambda.messages()).toMatchObject([{ job_id: "more" }]);
    await lambda.call(put("elsewhere"));
    await lambda.call(put("/leading"));

    expect(await lambda.messages()).toMatchObject([{ job_id: "load" }, { job_id: "load" }]);
    expect(lambda.log).toContainEqual(
      expect.objectContaining({ trigger_id: "a", message: "s3trigger not enabled" }),
    );
  });

  test("no trigger is an error in the log, and no failure (LAM-205)", async () => {
    await using lambda = await open();

    expect(await lambda.call(sqsEvent(put("other/x")))).toEqual({ batchItemFailures: [] });
    expect(lambda.faults()).toEqual(["No trigger entry for s3://incoming/other/x"]);
  });

  test("a bad trigger is reported and does not stop its neighbours (TRIG-03)", async () => {
    await using lambda = await open([
      trigger({ trigger_id: "a", if_colour: "red" }),
      trigger({ trigger_id: "b", delay: "16m" }),
      trigger({ trigger_id: "c", job_id: ["{{ nope.x }}", "load"] }),
    ]);

    const answer = await lambda.call(put("data/x"));

    expect(answer).toMatchObject({
      dispatched: [{ trigger_id: "c", job_id: "load" }],
      errors: [
        { code: "BAD_TRIGGER_RECORD", error: "Bad trigger spec: Unexpected keys: if_colour" },
        { code: "BAD_DELAY" },
        { code: "TEMPLATE_ERROR" },
      ],
    });
  });

  test("a disabled job is left out; one whose enabled is text is left to its worker (LAM-212, TRIG-06)", async () => {
    await using lambda = await open([
      trigger({ job_id: ["off", "maybe", "nope", "lost", "load"] }),
    ]);

    const answer = await lambda.call(put("data/x"));

    expect(answer).toMatchObject({
      dispatched: [{ job_id: "maybe" }, { job_id: "load" }],
      errors: [{ code: "NO_SUCH_JOB" }, { code: "NO_SUCH_QUEUE" }],
    });
    expect(lambda.faults()).toContain("job not enabled");
  });

  test.each([
    [
      "a restored object (TRAP-LAM-01, SIB-BDRC-35)",
      restoreCompleted("data/x.bag.zip"),
      "ObjectRestoreCompleted",
      "5",
    ],
    [
      "an object restored, as a notification",
      put("data/x", { name: "ObjectRestore:Completed" }),
      "ObjectRestore:Completed",
      "1024",
    ],
    [
      "a deleted object",
      put("data/x", { name: "ObjectRemoved:Delete", size: undefined }),
      "ObjectRemoved:Delete",
      "None",
    ],
    [
      "a marker of a deletion",
      put("data/x", { name: "ObjectRemoved:DeleteMarkerCreated", size: undefined }),
      "ObjectRemoved:DeleteMarkerCreated",
      "None",
    ],
    [
      "an object deleted by its life cycle",
      s3BusEvent("data/x", "Object Deleted", { reason: "Lifecycle Expiration" }),
      "ObjectDeleted:LifecycleExpiration",
      "5",
    ],
    [
      "an object that got tags",
      s3BusEvent("data/x", "Object Tags Added", {}),
      "ObjectTagsAdded",
      "5",
    ],
    [
      "an object in another class",
      s3BusEvent("data/x", "Object Storage Class Changed", {
        "destination-storage-class": "GLACIER",
      }),
      "ObjectStorageClassChanged",
      "5",
    ],
  ])(
    "%s is an event like any other (LAM-203, LAM-217, TRIG-05, TRIG-09)",
    async (_what, event, type, size) => {
      await using lambda = await open([
        trigger({ globals: { type: "{{ info.event_type }}", size: "{{ info.size }}" } }),
      ]);

      await lambda.call(event);

      expect(await lambda.messages()).toMatchObject([{ globals: { type, size } }]);
    },
  );

  test("a queue that keeps order gets all back that stands behind a failure (TRIG-12)", async () => {
    await using lambda = await open();

    expect(await lambda.call(fifoEvent(put("data/x"), "no json", put("data/y")))).toEqual({
      batchItemFailures: [{ itemIdentifier: "m1" }, { itemIdentifier: "m2" }],
    });
    expect(await lambda.messages()).toHaveLength(1);
  });

  test("each version of an object is an event of its own, and templates can name it", async () => {
    await using lambda = await open([
      trigger({ globals: { version: "{{ event.s3.object.versionId }}" } }),
    ]);

    await lambda.call(
      s3Notification(s3Record("data/x", { version: "v1" }), s3Record("data/x", { version: "v2" })),
    );

    const sent = await lambda.messages();
    expect(sent.map(({ globals }) => globals)).toEqual(
      expect.arrayContaining([{ version: "v1" }, { version: "v2" }]),
    );
    expect(new Set(sent.map(({ run_id }) => run_id)).size).toBe(2);
  });

  test("a broken record fails alone; where nothing can be read the invocation fails (LAM-215)", async () => {
    await using lambda = await open();
    const broken = { eventSource: "aws:s3", s3: { bucket: {} } };

    expect(await lambda.call(s3Notification(broken, s3Record("data/x")))).toMatchObject({
      dispatched: [{ job_id: "load" }],
      errors: [{ code: "BAD_EVENT" }],
    });
    expect(await lambda.call(sqsEvent("no json", put("data/y")))).toEqual({
      batchItemFailures: [{ itemIdentifier: "m0" }],
    });
    await expect(lambda.call({ Records: [{ eventSource: "aws:kinesis" }] })).rejects.toMatchObject({
      message: "Unexpected event source: aws:kinesis",
    });
    await expect(lambda.call({ some: "thing" })).rejects.toMatchObject({
      message: "Cannot determine event format",
    });
    expect(await lambda.call(s3TestEvent)).toEqual({ dispatched: [], errors: [] });
  });

  test("an event that is delivered again is the same run; one that somebody made up is not", async () => {
    await using lambda = await open();
    const made = s3Notification({
      eventName: "ObjectCreated:Put",
      eventSource: "aws:s3",
      s3: { bucket: { name: "incoming" }, object: { key: "data/x" } },
    });

    for (const event of [
      put("data/x"),
      snsEvent(put("data/x")),
      made,
      made,
      put("data/x", { sequencer: "2" }),
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await lambda.call(event);
    }

    const runs = (await lambda.messages()).map(({ run_id }) => run_id);
    expect(runs).toHaveLength(5);
    expect(new Set(runs).size).toBe(4);
  });

  test("a trigger and its job are remembered for S3TRIGGER_CACHE_TTL, misses too (LAM-213, TRIG-10)", async () => {
    await using lambda = await open([], { LAVA_S3TRIGGER_CACHE_TTL: "30s" });
    const { s3triggers } = lambda.emulated.realm;

    await lambda.call(put("data/1"));
    await s3triggers.put(trigger({}));
    await lambda.call(put("data/2"));
    expect(await lambda.messages()).toEqual([]);
    lambda.clock.advance(31_000);
    await lambda.call(put("data/3"));
    await s3triggers.delete("t");
    await lambda.call(put("data/4"));

    expect(await lambda.messages()).toHaveLength(2);
  });

  test("with a cache time of 0 every change counts at once", async () => {
    await using lambda = await open([], { LAVA_S3TRIGGER_CACHE_TTL: "0" });

    await lambda.call(put("data/1"));
    await lambda.emulated.realm.s3triggers.put(trigger({}));
    await lambda.call(put("data/2"));

    expect(await lambda.messages()).toHaveLength(1);
  });
});

describe("copies of events (LAM-214, LAM-219, TRIG-10)", () => {
  const on = { LAVA_S3TRIGGER_DEDUP_CACHE_SIZE: "10" };

  test("are let through unless asked for otherwise", async () => {
    await using lambda = await open();

    await lambda.call(s3Notification(s3Record("data/x"), s3Record("data/x", { sequencer: "2" })));

    expect(await lambda.messages()).toHaveLength(2);
  });

  test("are dropped within S3TRIGGER_DEDUP_TTL, also in one batch and by another instance", async () => {
    await using lambda = await open([trigger({})], on);
    const other = createS3TriggerFunction({
      env: { ...lambda.emulated.environment, ...on },
      clock: lambda.clock,
      write: () => undefined,
    });

    await lambda.call(s3Notification(s3Record("data/x"), s3Record("data/x", { sequencer: "2" })));
    await other(put("data/x"), { awsRequestId: "r", functionName: "f" });
    await lambda.call(put("data/x", { size: 7 }));
    expect(await lambda.messages()).toHaveLength(2);
    lambda.clock.advance(31_000);
    await lambda.call(put("data/x"));

    expect(await lambda.messages()).toHaveLength(1);
    expect(lambda.log).toContainEqual(
      expect.objectContaining({
        message: "Duplicate event discarded",
        original: "2026-11-23T07:47:15.123Z",
      }),
    );
  });

  test("what failed is no copy when it comes again (TRAP-LAM-08)", async () => {
    await using lambda = await open([trigger({ job_id: "new" })], {
      ...on,
      LAVA_S3TRIGGER_CACHE_TTL: "0",
    });

    expect(await lambda.call(sqsEvent(put("data/x")))).toEqual({
      batchItemFailures: [{ itemIdentifier: "m0" }],
    });
    await lambda.emulated.realm.jobs.put({
      job_id: "new",
      type: "cmd",
      worker: "core",
      payload: null,
      enabled: true,
    });
    expect(await lambda.call(sqsEvent(put("data/x")))).toEqual({ batchItemFailures: [] });

    expect(await lambda.messages()).toMatchObject([{ job_id: "new" }]);
  });
});

describe("loops", () => {
  test("a job whose own output fires it is reported, and stopped where that is asked for", async () => {
    const all = trigger({ prefix: "*" });
    const key = "temp/load/7f1d7a1e-7c8d-4b73-a7a0-0b6f3f0c8f6f/stdout";
    await using lambda = await open([all]);
    await using strict = await open([all], { LAVA_S3TRIGGER_LOOP_STOP: "true" });

    await lambda.call(put(key));
    expect(lambda.faults()).toEqual([
      `Job load triggers itself: its own output s3://incoming/${key} matches trigger t`,
    ]);
    expect(await lambda.messages()).toHaveLength(1);

    expect(await strict.call(put(key))).toMatchObject({ errors: [{ code: "TRIGGER_LOOP" }] });
    expect(await strict.messages()).toEqual([]);
  });

  test("objects of which each is named after the one before are a loop after S3TRIGGER_LOOP_LIMIT", async () => {
    await using lambda = await open([trigger({})], { LAVA_S3TRIGGER_LOOP_LIMIT: "2" });

    for (const key of ["data/a.csv", "data/a.csv.out", "data/b.csv", "data/a.csv.out.out"]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await lambda.call(put(key));
    }

    expect(lambda.faults()).toEqual([
      "Job load seems to trigger itself: s3://incoming/data/a.csv.out.out is number 3 in a row from s3://incoming/data/a.csv that fires trigger t",
    ]);
  });

  test("a trigger for everything fires once for each of a thousand objects, and is no loop", async () => {
    await using lambda = await open([trigger({ prefix: "*", if_fnmatch: "*" })]);
    const records = Array.from({ length: 1000 }, (_, index) =>
      s3Record(`dir-${index % 7}/part-${index}`, { sequencer: `${index}` }),
    );

    const answer = await lambda.call(s3Notification(...records));

    expect(answer).toMatchObject({ dispatched: { length: 1000 }, errors: [] });
    expect(lambda.faults()).toEqual([]);
    expect(lambda.log.at(-2)).toMatchObject({
      Realm: lambda.realm,
      Matched: 1000,
      Unmatched: 0,
      Dispatched: 1000,
      Duplicates: 0,
      _aws: { CloudWatchMetrics: [{ Namespace: "Lava", Dimensions: [["Realm"]] }] },
    });
  });
});
