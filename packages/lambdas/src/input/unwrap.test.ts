import { expect, test } from "vitest";
import {
  lavaDispatch,
  s3BusEvent,
  s3Notification,
  s3Record,
  s3TestEvent,
  snsEvent,
  snsNotification,
  sqsEvent,
} from "../../test/events.ts";
import { unwrap } from "./unwrap.ts";

const texts = { source: (source: string) => `Event source ${source} not supported` };
const record = s3Record("a/b.csv");

test.each([
  ["as it is", record],
  ["by S3", s3Notification(record)],
  ["by S3 through SNS", snsEvent(s3Notification(record))],
  ["by S3 through SQS", sqsEvent(s3Notification(record))],
  ["by S3 through SNS and SQS (TRAP-LAM-02)", sqsEvent(snsNotification(s3Notification(record)))],
  ["by S3 through SNS and SQS, raw", sqsEvent(s3Notification(record))],
  ["by S3 through SQS, SNS and SQS", sqsEvent(snsNotification(sqsEvent(s3Notification(record))))],
])("a body is found when it is sent %s (LAM-201, TRIG-11)", (_how, event) => {
  expect(unwrap(event, texts).map(({ body }) => body)).toEqual([record]);
});

test.each([
  ["alone", s3BusEvent("a b")],
  ["in SQS", sqsEvent(s3BusEvent("a b"))],
  ["in SNS", snsEvent(s3BusEvent("a b"))],
  ["in SNS in SQS", sqsEvent(snsNotification(s3BusEvent("a b")))],
])("an EventBridge event is found %s, with its own id as key", (_how, event) => {
  expect(unwrap(event, texts)).toMatchObject([
    { body: s3BusEvent("a b"), key: "17793124-05d4-b198-2fde-7ededc63b103" },
  ]);
});

test.each([
  ["alone", s3TestEvent],
  ["in SNS", snsEvent(s3TestEvent)],
  ["in SQS", sqsEvent(s3TestEvent)],
  ["in SNS in SQS", sqsEvent(snsNotification(s3TestEvent))],
])("a test event of S3 is nothing, %s (LAM-201)", (_how, event) => {
  expect(unwrap(event, texts)).toEqual([]);
});

test("the key is the id of the message next to the body, the item that of the queue's message (LAM-113, LAM-115)", () => {
  expect(unwrap(sqsEvent("one", snsNotification("two", "n1")), texts)).toMatchObject([
    { item: "m0", key: "m0", body: "one", direct: false },
    { item: "m1", key: "n1", body: "two", direct: false },
  ]);
  expect(unwrap({ job_id: "a" }, texts)).toMatchObject([
    { item: undefined, key: undefined, direct: true },
  ]);
});

test("an unknown source spoils its own record alone (LAM-102)", () => {
  const event = { Records: [{ eventSource: "aws:kinesis" }, s3Record("a"), 7] };

  expect(unwrap(event, texts).map(({ fault }) => fault?.message)).toEqual([
    "Event source aws:kinesis not supported",
    undefined,
    "A record of the event is not an object",
  ]);
});

test("text that only looks like a wrapping stays text", () => {
  const text = '{"job_id": "a", "parameters": {"Message": "x"}}';

  expect(unwrap(sqsEvent(text, '{"Records": '), texts).map(({ body }) => body)).toEqual([
    text,
    '{"Records": ',
  ]);
  expect(unwrap(lavaDispatch({ job_id: "a" }), texts)).toHaveLength(1);
});

test("a message inside itself without end is refused", () => {
  let event = sqsEvent("x");
  for (let depth = 0; depth < 12; depth += 1) event = sqsEvent(event);

  expect(unwrap(event, texts)).toMatchObject([{ fault: { code: "BAD_EVENT" } }]);
});
