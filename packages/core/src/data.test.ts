import { describe, expect, test } from "vitest";
import { DecimalValue, FloatValue, isMap, isTruthy, parseJson } from "./index.ts";

describe("parseJson reads numbers as Python does", () => {
  test("ints and floats stay apart", () => {
    expect(parseJson("[1, 1.0, 1.5, 1e2]")).toEqual([
      1,
      new FloatValue(1),
      1.5,
      new FloatValue(100),
    ]);
  });

  test("ints beyond 2^53 are kept to the digit", () => {
    expect(parseJson("123456789012345678901")).toBe(123_456_789_012_345_678_901n);
  });

  test("NaN and Infinity are accepted, in strings they are text (WF-002)", () => {
    expect(parseJson('{"a": NaN, "b": [-Infinity], "c": "NaN"}')).toEqual({
      a: Number.NaN,
      b: [Number.NEGATIVE_INFINITY],
      c: "NaN",
    });
  });

  test("bad text gives a coded error", () => {
    expect(() => parseJson("{NaN")).toThrow(expect.objectContaining({ code: "INVALID_JSON" }));
    expect(() => parseJson("nope")).toThrow(expect.objectContaining({ code: "INVALID_JSON" }));
  });
});

test("truth is Python's", () => {
  const falsy = [
    null,
    undefined,
    false,
    0,
    0n,
    "",
    [],
    {},
    new FloatValue(0),
    new DecimalValue("0.00"),
  ];
  const truthy = [true, "false", "0", [0], { a: null }, new DecimalValue("0.01"), Number.NaN];

  expect(falsy.filter(isTruthy)).toEqual([]);
  expect(truthy.filter((value) => !isTruthy(value))).toEqual([]);
});

test("numbers and lists are no maps", () => {
  expect([{}, [], null, new FloatValue(1), new DecimalValue("1")].map(isMap)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});
