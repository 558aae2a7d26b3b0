import { DecimalValue, FloatValue } from "@lava/core";
import { expect, test } from "vitest";
import { fromAttributeMap, toAttribute, toAttributeMap } from "./marshal.ts";

test.each([
  [1, "1"],
  [1.5, "1.5"],
  [new FloatValue(1), "1"],
  [2n ** 70n, "1180591620717411303424"],
  [new DecimalValue("0.10"), "0.10"],
])("the number %s goes out as exact text", (value, text) => {
  expect(toAttribute(value)).toEqual({ N: text });
});

test("NaN and infinity, which DynamoDB lacks, go out as text", () => {
  expect(toAttribute([Number.NaN, Number.POSITIVE_INFINITY])).toEqual({
    L: [{ S: "NaN" }, { S: "Infinity" }],
  });
});

test("a map keeps members with the names of an object's own (bad input)", () => {
  const value = { a: [{ constructor: "x", toString: null, ["__proto__"]: true }] };

  const attributes = toAttributeMap(value);

  expect(Object.entries(attributes["a"]?.L?.[0]?.M ?? {})).toEqual([
    ["constructor", { S: "x" }],
    ["toString", { NULL: true }],
    ["__proto__", { BOOL: true }],
  ]);
  expect(fromAttributeMap(attributes)).toEqual(value);
});

test("what is undefined is left out", () => {
  expect(toAttributeMap({ a: undefined, b: "" })).toEqual({ b: { S: "" } });
});

test("numbers come back as decimals, sets as sorted lists", () => {
  const item = {
    s: { S: "x" },
    n: { N: "1.20" },
    b: { BOOL: false },
    z: { NULL: true as const },
    bytes: { B: new Uint8Array([1]) },
    m: { M: { l: { L: [{ N: "1" }] } } },
    ns: { NS: ["2", "1"] },
    ss: { SS: ["b", "a"] },
    bs: { BS: [new Uint8Array([2]), new Uint8Array([1])] },
  };

  expect(fromAttributeMap(item)).toEqual({
    s: "x",
    n: new DecimalValue("1.20"),
    b: false,
    z: null,
    bytes: new Uint8Array([1]),
    m: { l: [new DecimalValue("1")] },
    ns: [new DecimalValue("1"), new DecimalValue("2")],
    ss: ["a", "b"],
    bs: [new Uint8Array([1]), new Uint8Array([2])],
  });
});
