import { expect, test } from "vitest";
import { parseEventPattern } from "./event-pattern.ts";

const event = {
  source: "aws.s3",
  detail: {
    bucket: { name: "data" },
    object: { key: "in/a.CSV", size: 12 },
    tags: ["red", "blue"],
    none: null,
    ip: "10.1.2.3",
  },
};

test.each([
  [{ source: ["aws.s3"] }, true],
  [{ source: ["aws.ec2", "aws.s3"] }, true],
  [{ source: ["aws.ec2"] }, false],
  [{ detail: { bucket: { name: ["data"] } } }, true],
  [{ detail: { bucket: { name: ["other"] } } }, false],
  [{ detail: { object: { key: [{ prefix: "in/" }] } } }, true],
  [{ detail: { object: { key: [{ prefix: { "equals-ignore-case": "IN/" } }] } } }, true],
  [{ detail: { object: { key: [{ suffix: ".csv" }] } } }, false],
  [{ detail: { object: { key: [{ suffix: { "equals-ignore-case": ".csv" } }] } } }, true],
  [{ detail: { object: { key: [{ "equals-ignore-case": "IN/A.csv" }] } } }, true],
  [{ detail: { object: { key: [{ wildcard: "in/*.CSV" }] } } }, true],
  [{ detail: { object: { key: [{ wildcard: "*.txt" }] } } }, false],
  [{ detail: { object: { key: [{ "anything-but": { prefix: "out/" } }] } } }, true],
  [{ detail: { object: { key: [{ "anything-but": { prefix: ["out/", "in/"] } }] } } }, false],
  [{ source: [{ "anything-but": ["aws.s3"] }] }, false],
  [{ missing: [{ "anything-but": ["x"] }] }, false],
  [{ detail: { object: { size: [{ numeric: [">", 10, "<=", 12] }] } } }, true],
  [{ detail: { object: { size: [{ numeric: ["=", 11] }] } } }, false],
  [{ detail: { tags: ["blue"] } }, true],
  [{ detail: { tags: ["green"] } }, false],
  [{ detail: { none: [null] } }, true],
  [{ detail: { missing: [{ exists: false }] } }, true],
  [{ detail: { tags: [{ exists: true }] } }, true],
  [{ detail: { ip: [{ cidr: "10.1.0.0/16" }] } }, true],
  [{ detail: { ip: [{ cidr: "10.2.0.0/16" }] } }, false],
  [{ $or: [{ source: ["x"] }, { detail: { ip: ["10.1.2.3"] } }] }, true],
  [{ source: ["aws.s3"], $or: [{ source: ["x"] }, { source: ["y"] }] }, false],
])("%j matches: %s", (pattern, expected) => {
  expect(parseEventPattern(JSON.stringify(pattern))(event)).toBe(expected);
});

test.each([
  ["not json", "Filter is not an object"],
  ["[]", "Filter is not an object"],
  ["{}", "Empty objects are not allowed"],
  ['{"source": "aws.s3"}', '"source" must be an object or an array'],
  ['{"source": []}', "Empty arrays are not allowed"],
  ['{"source": [{"like": "x"}]}', "Unrecognized match type like"],
  ['{"source": [{"exists": "x"}]}', "exists match pattern must be either true or false."],
])("%s is refused", (pattern, reason) => {
  expect(() => parseEventPattern(pattern)).toThrow(reason);
});
