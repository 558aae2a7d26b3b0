import { NumberValue } from "@aws-sdk/lib-dynamodb";
import { DecimalValue, FloatValue } from "@lava/core";
import { expect, test } from "vitest";
import { fromAttributeMap, fromDocument, toDocument } from "./marshal.ts";

const out = (value: Parameters<typeof toDocument>[0]): unknown =>
  toDocument(value, (text) => NumberValue.from(text));

test.each([
  [1, "1"],
  [1.5, "1.5"],
  [new FloatValue(1), "1"],
  [2n ** 70n, "1180591620717411303424"],
  [new DecimalValue("0.10"), "0.10"],
])("the number %s goes out as exact text", (value, text) => {
  expect(out(value)).toEqual(NumberValue.from(text));
});

test("NaN and infinity, which DynamoDB lacks, go out as text", () => {
  expect(out([Number.NaN, Number.POSITIVE_INFINITY])).toEqual(["NaN", "Infinity"]);
});

test("a map with a member named constructor is a map (bad input)", () => {
  const value = { a: [{ constructor: "x", toString: null }] };

  expect(out(value)).toEqual({
    a: [
      new Map([
        ["constructor", "x"],
        ["toString", null],
      ]),
    ],
  });
});

test("wrapped numbers come back as decimals, sets as sorted lists", () => {
  const value = {
    n: NumberValue.from("1.20"),
    set: new Set(["b", "a"]),
    bytes: new Uint8Array([1]),
    deep: [{ x: null }],
  };

  expect(fromDocument(value)).toEqual({
    n: new DecimalValue("1.20"),
    set: ["a", "b"],
    bytes: new Uint8Array([1]),
    deep: [{ x: null }],
  });
});

test("items inside errors, which the document client leaves as they are, are read too", () => {
  const item = {
    s: { S: "x" },
    n: { N: "7" },
    b: { BOOL: true },
    z: { NULL: true },
    m: { M: { l: { L: [{ N: "1" }] } } },
    ns: { NS: ["1", "2"] },
    ss: { SS: ["a"] },
  };

  expect(fromAttributeMap(item)).toEqual({
    s: "x",
    n: new DecimalValue("7"),
    b: true,
    z: null,
    m: { l: [new DecimalValue("1")] },
    ns: [new DecimalValue("1"), new DecimalValue("2")],
    ss: ["a"],
  });
});
