import { expect, test } from "vitest";
import { targetBody } from "./target-input.ts";

const event = {
  source: "aws.s3",
  resources: ["arn:a", "arn:b"],
  "detail-type": "Object Created",
  detail: { object: { key: 'in/a "b".csv', size: 7 } },
};
const rule = { name: "r", arn: "arn:rule/r", received: "2026-01-01T00:00:00Z" };

test("a target without input gets the whole event", () => {
  expect(JSON.parse(targetBody({}, event, rule))).toEqual(event);
});

test("Input is sent as it is, InputPath chooses a part", () => {
  expect(targetBody({ Input: '{"a":1}' }, event, rule)).toBe('{"a":1}');
  expect(targetBody({ InputPath: "$.detail.object" }, event, rule)).toBe(
    JSON.stringify(event.detail.object),
  );
  expect(targetBody({ InputPath: "$.resources[1]" }, event, rule)).toBe('"arn:b"');
  expect(targetBody({ InputPath: "$.nothing" }, event, rule)).toBe("null");
});

test.each([
  ['{"key": <key>, "size": <size>}', '{"key": "in/a \\"b\\".csv", "size": 7}'],
  ['"<type>: <key> (<size>)"', '"Object Created: in/a \\"b\\".csv (7)"'],
  ['"<aws.events.rule-name> at <aws.events.event.ingestion-time>"', '"r at 2026-01-01T00:00:00Z"'],
  ['{"none": "<none>", "other": "<unknown>"}', '{"none": "", "other": "<unknown>"}'],
])("an input transformer fills in %s", (template, expected) => {
  const paths = {
    key: "$.detail.object.key",
    size: "$.detail.object.size",
    type: "$.detail-type",
    none: "$.detail.none",
  };

  expect(targetBody({ InputTransformer: { paths, template } }, event, rule)).toBe(expected);
});
