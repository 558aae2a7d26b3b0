import type { DataMap } from "@lava/core";
import { createRenderer, templateUtils } from "@lava/render";
import { fakeClock } from "@lava/testing";
import { describe, expect, test } from "vitest";
import { sqsEvent } from "../../test/events.ts";
import { explainEvents } from "./explain-event.ts";
import { type MadeEvent, makeS3Event } from "./made-event.ts";
import { parseS3Event } from "./s3-event.ts";

const made: MadeEvent = {
  bucket: "incoming",
  key: "data/in/x.csv",
  size: 10,
  type: "ObjectCreated:Put",
  region: "ap-southeast-2",
  time: Date.UTC(2026, 10, 23, 7, 47, 15, 123),
};

const trigger = (trigger_id: string, prefix: string, over: DataMap = {}): DataMap => ({
  ...{ trigger_id, bucket: "incoming", prefix, job_id: "load", enabled: true, owner: "o" },
  ...over,
});

const jobs: Readonly<Record<string, DataMap>> = {
  load: { worker: "core", enabled: true },
  off: { worker: "core", enabled: false },
  text: { worker: "core", enabled: "{{ x }}" },
  lost: { enabled: true },
};

function explain(items: readonly DataMap[], event: DataMap = makeS3Event(made), complete = true) {
  const clock = fakeClock();
  const renderer = createRenderer();
  const options = { renderer, utils: templateUtils({ clock }), maxDelayMinutes: 15, region: "r" };
  return explainEvents(
    event,
    {
      getJob: async (job_id) => jobs[job_id],
      triggers: {
        ofBucket: async () => ({ items: complete ? [...items] : [], complete }),
        ofPrefix: async (_bucket, prefix) => items.filter((item) => item["prefix"] === prefix),
      },
    },
    options,
  );
}

describe("explainEvents", () => {
  test("tells of each trigger of the bucket whether it fires, and why not (LAM-204..209, TRIG-01..04)", async () => {
    const items = [
      trigger("far", "*"),
      trigger("slash", "data/in/"),
      trigger("other", "elsewhere"),
      trigger("off", "data/in", { enabled: false }),
      trigger("big", "data/in", { if_size_gt: "1K", if_fnmatch: "*.csv" }),
      trigger("bad", "data/in", { if_colour: "red" }),
      trigger("fires", "data/in", { parameters: { k: "{{ key }}", n: 1 }, delay: "2m" }),
    ];

    const [told] = await explain(items);

    expect(told).toMatchObject({
      event: { bucket: "incoming", key: "data/in/x.csv", size: 10, aws_region: "ap-southeast-2" },
      levels: ["data/in/x.csv", "data/in", "data", "*"],
      level: "data/in",
    });
    expect(told?.triggers.map(({ trigger_id, outcome }) => [trigger_id, outcome])).toEqual([
      ["bad", "bad"],
      ["big", "conditions"],
      ["fires", "fires"],
      ["off", "disabled"],
      ["far", "farther"],
      ["other", "elsewhere"],
      ["slash", "elsewhere"],
    ]);
    const [bad, big, fires] = told?.triggers ?? [];
    expect(bad?.faults).toEqual([expect.stringContaining("if_colour")]);
    expect(big?.conditions).toEqual([
      { name: "if_size_gt", expected: "1K", actual: 10, holds: false },
      { name: "if_fnmatch", expected: "*.csv", actual: "data/in/x.csv", holds: true },
    ]);
    expect(fires?.runs).toEqual([
      {
        job_id: "load",
        outcome: "sent",
        worker: "core",
        loop: false,
        delay: 120,
        globals: {},
        parameters: { k: "data/in/x.csv", n: 1 },
      },
    ]);
  });

  test("tells what becomes of each job (LAM-212, TRIG-06)", async () => {
    const ids = ["load", "off", "text", "lost", "nope"];

    const [told] = await explain([trigger("t", "*", { job_id: ids })]);

    expect(told?.triggers[0]?.runs.map(({ job_id, outcome }) => [job_id, outcome])).toEqual([
      ["load", "sent"],
      ["off", "job not enabled"],
      ["text", "sent"],
      ["lost", "bad job"],
      ["nope", "no such job"],
    ]);
  });

  test("tells of an object that the job itself has made", async () => {
    const key = "tmp/load/00000000-0000-4000-8000-000000000000/out.csv";

    const [told] = await explain([trigger("t", "*")], makeS3Event({ ...made, key }));

    expect(told?.triggers[0]?.runs).toMatchObject([{ job_id: "load", loop: true }]);
  });

  test("of a bucket with too many triggers only those for the key are told", async () => {
    const items = [trigger("a", "data"), trigger("b", "x"), trigger("c", "*")];

    const [told] = await explain(items, makeS3Event(made), false);

    expect(told?.triggers.map(({ trigger_id }) => trigger_id)).toEqual(["a", "c"]);
  });

  test("reads events in their wrappings, and refuses what is none", async () => {
    const wrapped = sqsEvent(makeS3Event(made), makeS3Event({ ...made, key: "b" }));

    expect((await explain([], wrapped)).map(({ event }) => event.key)).toEqual([
      "data/in/x.csv",
      "b",
    ]);
    await expect(explain([], { hello: "world" })).rejects.toMatchObject({ code: "BAD_EVENT" });
    await expect(explain([], { Records: [{ eventSource: "aws:kinesis" }] })).rejects.toMatchObject({
      code: "BAD_EVENT",
    });
  });
});

test.each([
  ["a b+c%41&é.txt", "a+b%2Bc%2541%26%C3%A9.txt"],
  ["x/(1)!'*.csv", "x%2F%281%29%21%27%2A.csv"],
])("a made event has the key %j encoded as S3 has it (CLI-206, CLI-208)", (key, encoded) => {
  const event = makeS3Event({ ...made, key });

  expect(event).toEqual({
    Records: [
      {
        eventName: "ObjectCreated:Put",
        eventTime: "2026-11-23T07:47:15.000Z",
        eventSource: "aws:s3",
        awsRegion: "ap-southeast-2",
        s3: { bucket: { name: "incoming" }, object: { key: encoded, size: 10 } },
      },
    ],
  });
});

test.each([
  ["Object Restore Completed", "ObjectRestoreCompleted"],
  ["Object Created:PutObject", "ObjectCreated:PutObject"],
])("a kind of EventBridge makes an event of EventBridge: %s", (type, event_type) => {
  const event = makeS3Event({ ...made, type, key: "a+b", size: null });

  expect(parseS3Event(event, undefined)).toMatchObject({
    key: "a+b",
    event_type,
    size: null,
    identity: undefined,
    event_time: "2026-11-23T07:47:15Z",
  });
});
