import { expect, test } from "vitest";
import { s3BusEvent, s3Record } from "../../test/events.ts";
import { parseS3Event } from "./s3-event.ts";
import { triggerLevels } from "./trigger-levels.ts";
import { unquotePlus } from "./unquote-plus.ts";

test("a record of a notification is read with its key decoded (LAM-202)", () => {
  const raw = s3Record("ä b+c/%41.csv");

  expect(parseS3Event(raw, undefined)).toEqual({
    bucket: "incoming",
    key: "ä b+c/%41.csv",
    size: 1024,
    source_ip: "10.1.2.3",
    event_time: "2026-11-23T07:47:15.123Z",
    event_type: "ObjectCreated:Put",
    aws_region: "ap-southeast-2",
    raw,
    identity: expect.any(String),
  });
});

test("the key of an EventBridge event is taken as it stands (LAM-202, LAM-203)", () => {
  expect(parseS3Event(s3BusEvent("a+b%41"), undefined)).toMatchObject({
    key: "a+b%41",
    size: 5,
    source_ip: "1.2.3.4",
    event_type: "ObjectCreated:PutObject",
  });
});

test("an address that is none is null, a region that is missing that of the function (LAM-217)", () => {
  const { awsRegion: _region, ...record } = s3Record("a");
  const odd = { ...record, requestParameters: { sourceIPAddress: "s3.amazonaws.com" } };

  expect(parseS3Event(odd, "eu-west-1")).toMatchObject({
    source_ip: null,
    aws_region: "eu-west-1",
  });
});

test.each([
  [7],
  [{}],
  [{ "detail-type": "Object Created", detail: {} }],
  [{ s3: { bucket: { name: "b" } } }],
])("%j is no S3 event", (body) => {
  expect(() => parseS3Event(body, undefined)).toThrow(
    expect.objectContaining({ code: "BAD_EVENT" }),
  );
});

test.each([
  ["a/b/c", ["a/b/c", "a/b", "a", "*"]],
  ["a/b/", ["a/b/", "a/b", "a", "*"]],
  ["/a", ["/a", "*"]],
  ["//a", ["//a", "/", "*"]],
  ["*", ["*"]],
  ["a", ["a", "*"]],
])("triggers for %s are looked for at %j (LAM-204, LAM-218, TRIG-01, TRIG-02)", (key, levels) => {
  expect(triggerLevels(key)).toEqual(levels);
});

test.each([
  ["a+b", "a b"],
  ["%C3%A4%2Fx", "ä/x"],
  ["%zz%4", "%zz%4"],
  ["%ff", "\uFFFD"],
])("%s is decoded as Python does", (text, decoded) => {
  expect(unquotePlus(text)).toBe(decoded);
});
