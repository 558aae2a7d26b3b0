import { DecimalValue, FloatValue } from "@lava/core";
import { expect, test } from "vitest";
import { pythonText } from "./python-text.ts";

test.each([
  [null, "None"],
  [true, "True"],
  [5, "5"],
  [2n ** 70n, "1180591620717411303424"],
  [new FloatValue(2), "2.0"],
  [1.5, "1.5"],
  [new FloatValue(1e16), "1e+16"],
  [new FloatValue(1e15), "1000000000000000.0"],
  [1e-5, "1e-05"],
  [0.0001, "0.0001"],
  [new FloatValue(1.5e300), "1.5e+300"],
  [new FloatValue(-0), "-0.0"],
  [Infinity, "inf"],
  [-Infinity, "-inf"],
  [Number.NaN, "nan"],
  ["it's", "it's"],
  [new DecimalValue("1.50"), "1.50"],
  [Uint8Array.from([97, 39, 255, 10, 92]), 'b"a\'\\xff\\n\\\\"'],
  [
    [1, "a", null, true, new FloatValue(1), new DecimalValue("1")],
    "[1, 'a', None, True, 1.0, Decimal('1')]",
  ],
  [{ k: "v's", n: ["\u{1f600}\u0007"] }, `{'k': "v's", 'n': ['\u{1f600}\\x07']}`],
  [[], "[]"],
  [{}, "{}"],
] as const)("%o prints as Python prints it (T-01, T-02)", (value, text) => {
  expect(pythonText(value)).toBe(text);
});
