import { DecimalValue, FloatValue } from "@lava/core";
import { expect, test } from "vitest";
import { pythonJson } from "./python-json.ts";

test("text is that of Python's json.dumps (WF-002)", () => {
  const value = {
    b: [1, 1.5, new FloatValue(2), new DecimalValue("3.10"), null, true],
    a: 'é\n"',
    n: Number.NaN,
    left: undefined,
  };

  expect(pythonJson(value)).toBe(
    '{"b": [1, 1.5, 2.0, 3.10, null, true], "a": "\\u00e9\\n\\"", "n": NaN}',
  );
});

test("with an indent and sorted keys it is laid out over lines", () => {
  expect(pythonJson({ b: [1], a: {}, c: [] }, { indent: 4, sortKeys: true })).toBe(
    '{\n    "a": {},\n    "b": [\n        1\n    ],\n    "c": []\n}',
  );
});
