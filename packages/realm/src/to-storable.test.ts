import { DecimalValue, FloatValue, parseJson } from "@lava/core";
import { expect, test } from "vitest";
import { isStorable, toStorable } from "./to-storable.ts";

const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

test("what an item can hold stays what it is", () => {
  const value = {
    text: "é\u{1f600}",
    numbers: [0, -1.5, 1e125, 1e-130, 2n ** 120n, new FloatValue(3), new DecimalValue("0.10")],
    odd: [Number.NaN, Number.POSITIVE_INFINITY],
    bytes: new Uint8Array([1]),
    rest: [null, true, {}, []],
  };
  expect(isStorable(value)).toBe(true);
  expect(toStorable(value)).toBe(value);
});

test.each([
  ["a number of 40 digits", "1234567890".repeat(4), "1234567890".repeat(4)],
  ["a number that is too small", "1e-300", "1e-300"],
  ["one that is too large", "1e200", "1e+200"],
  ["the name __proto__", '{"__proto__": {"a": 1}}', '{"__proto__": {"a": 1}}'],
  ["half a character", String.raw`"a\ud800"`, "a\uFFFD"],
  ["a name with half a character", String.raw`{"\ud800": 1}`, String.raw`{"\ud800": 1}`],
])("%s becomes text", (_what, json, text) => {
  const value = parseJson(json);
  expect(isStorable(value)).toBe(false);
  expect(toStorable(value)).toBe(text);
  expect(toStorable({ a: [value, 1] })).toEqual({ a: [text, 1] });
});

test("levels beyond those of an item become text", () => {
  const value = toStorable(parseJson(nested(40)));
  expect(isStorable(value)).toBe(true);
  expect(JSON.stringify(value)).toBe(`${"[".repeat(26)}"${nested(14)}"${"]".repeat(26)}`);
});
