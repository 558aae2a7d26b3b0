import { DecimalValue } from "@lava/core";
import { describe, expect, test } from "vitest";
import { parseRealmRecord } from "./realm-record.ts";
import { parseStoredConnection } from "./stored-connection.ts";
import { parseStoredJob } from "./stored-job.ts";
import { parseStoredS3Trigger } from "./stored-s3trigger.ts";

const job = { job_id: "a", type: "cmd", worker: "core", payload: null };

describe("jobs", () => {
  test("what is absent gets the original's defaults, with its warnings (WK-041)", () => {
    expect(parseStoredJob(job)).toMatchObject({
      enabled: false,
      max_tries: 0,
      parameters: {},
      globals: {},
      state: {},
      iteration_limit: 1,
      iteration_delay: 0,
      owner: "",
      description: "",
      on_success: undefined,
      warnings: [
        "a: Job spec deprecation warning: owner field will be mandatory in a future release",
        "a: Job spec deprecation warning: description field will be mandatory in a future release",
      ],
    });
  });

  test("nothing is converted: the item as stored is kept beside", () => {
    const item = {
      ...job,
      enabled: "{{ x }}",
      max_tries: new DecimalValue("2"),
      iteration_limit: new DecimalValue("3"),
      iteration_delay: "1m",
      parameters: null,
      owner: "o",
      description: "d",
      on_fail: [],
      "X-a": 1,
    };

    const stored = parseStoredJob(item);

    expect(stored).toMatchObject({
      enabled: "{{ x }}",
      max_tries: 2,
      iteration_limit: new DecimalValue("3"),
      parameters: {},
      on_fail: [],
      warnings: [],
    });
    expect(stored.raw).toEqual(item);
  });

  test("unknown fields are only warned about (WK-040, FW-001)", () => {
    const { warnings } = parseStoredJob({ ...job, owner: "o", description: "d", b: 1, a: 2 });

    expect(warnings).toEqual(["a: Job spec deprecation warning: Unexpected keys: a, b"]);
  });

  test.each([
    [{ job_id: "a" }, "BAD_JOB_RECORD", "Bad job record: Missing keys: payload, type, worker"],
    [{ ...job, globals: { Lavax: 1 } }, "RESERVED_GLOBAL", "Reserved global: Lavax"],
    [{ ...job, type: 7 }, "BAD_JOB_RECORD", "Bad job record: type must be a string"],
    [
      { ...job, parameters: [1] },
      "BAD_JOB_RECORD",
      "Bad job record: parameters must be a map/dict",
    ],
    [{ ...job, max_tries: "x" }, "BAD_JOB_RECORD", "Bad job record: max_tries must be a number"],
    ["text", "BAD_JOB_RECORD", "Bad job record: not a map"],
  ])("%j is refused with the original's text", (item, code, message) => {
    expect(() => parseStoredJob(item)).toThrow(expect.objectContaining({ code, message }));
  });
});

describe("connections", () => {
  test("the type counts in small letters, enabled by truth (CON-all-01, 02)", () => {
    const stored = parseStoredConnection({ conn_id: "c", type: "SSH", enabled: "false", any: 1 });

    expect(stored).toMatchObject({ conn_id: "c", type: "ssh", enabled: true });
    expect(stored.warnings).toHaveLength(1);
    expect(parseStoredConnection({ conn_id: "c", type: "ssh" }).enabled).toBe(false);
  });

  test("a record without a type is refused", () => {
    expect(() => parseStoredConnection({ conn_id: "c", "x-type": "ssh" })).toThrow(
      "Bad connection record: Missing keys: type",
    );
  });
});

describe("s3 triggers", () => {
  const trigger = { trigger_id: "t", bucket: "b", prefix: "*", job_id: "j", enabled: true };

  test("conditions are kept apart, one job id is a list of one (TRIG-03)", () => {
    const stored = parseStoredS3Trigger({
      ...trigger,
      if_fnmatch: "*.csv",
      if_not_size_gt: new DecimalValue("10"),
      "X-a": 1,
    });

    expect(stored).toMatchObject({
      job_id: ["j"],
      jinja: true,
      enabled: true,
      conditions: { if_fnmatch: "*.csv", if_not_size_gt: new DecimalValue("10") },
    });
  });

  test.each([
    [{ ...trigger, delay: () => 1 }, /^Bad trigger spec: holds something that cannot be stored$/],
    [{ trigger_id: "t" }, /^Bad trigger spec: Missing keys: bucket, enabled, job_id, prefix$/],
    [{ ...trigger, if_size: 1 }, /^Bad trigger spec: Unexpected keys: if_size$/],
    [{ ...trigger, job_id: [1] }, /job_id must be a string or a list of strings$/],
  ])("%j is refused", (item, text) => {
    expect(() => parseStoredS3Trigger(item)).toThrow(text);
  });
});

describe("realms", () => {
  const realm = { realm: "dev", s3_payloads: "s3://b/payloads//", s3_temp: "s3://b/tmp" };

  test("slashes at the end of s3_payloads are dropped, other attributes ignored (WF-040)", () => {
    const record = parseRealmRecord({ ...realm, s3_key: "", config: { event_ttl: "1d" }, any: 1 });

    expect(record).toMatchObject({
      s3_payloads: "s3://b/payloads",
      s3_temp: "s3://b/tmp",
      s3_key: undefined,
      config: { event_ttl: "1d" },
      warnings: [],
    });
  });

  test("a slash at the end of s3_temp is warned about", () => {
    expect(parseRealmRecord({ ...realm, s3_temp: "s3://b/tmp/" }).warnings).toHaveLength(1);
  });

  test("a record that lacks something is refused (WK-014)", () => {
    expect(() => parseRealmRecord({ realm: "dev" })).toThrow(
      expect.objectContaining({
        code: "BAD_REALM_RECORD",
        message: "Bad realm record: Missing keys: s3_payloads, s3_temp",
      }),
    );
  });
});
