import { FloatValue } from "@lava/core";
import { describe, expect, test } from "vitest";
import { readYaml } from "./read.ts";

const data = (text: string) => {
  const read = readYaml(text);
  expect(read.errors).toEqual([]);
  return read.data;
};

describe("values are read as PyYAML reads them (design 14, FW-102)", () => {
  test.each([
    ["yes", true],
    ["Off", false],
    ["y", "y"],
    ["n", "n"],
    ["tRue", "tRue"],
    ["010", 8],
    ["08", "08"],
    ["0o10", "0o10"],
    ["0x1F", 31],
    ["0b101", 5],
    ["1_000", 1000],
    ["1:30", 90],
    ["-1:30", -90],
    ["1e3", "1e3"],
    ["1.5e+3", new FloatValue(1500)],
    ["1.0", new FloatValue(1)],
    [".5", 0.5],
    ["1.25", 1.25],
    ["12345678901234567890", 12345678901234567890n],
    ["~", null],
    ["", null],
    ["Null", null],
    ["nULL", "nULL"],
    ["'yes'", "yes"],
    ["!!str 12", "12"],
    ['"2024-01-01"', "2024-01-01"],
    ["a b", "a b"],
    ["* * * * *".replace(/^\*/, "0 *"), "0 * * * * *"],
  ])("%s", (text, value) => {
    expect(data(`key: ${text}\n`)).toEqual({ key: value });
  });

  test("keys that are no text become what json.dumps makes of them", () => {
    expect(data("on: 1\n1: a\n~: b\n")).toEqual({ true: 1, "1": "a", null: "b" });
  });

  test("merge keys: own keys win, then the first map", () => {
    const text = "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc:\n  <<: [*a, *b]\n  y: 3\n";
    expect(data(text)).toMatchObject({ c: { x: 1, y: 3, z: 2 } });
  });

  test("a closing brace in column 0 is accepted (FW-212)", () => {
    expect(data('payload: {\n    "a": [\n        "b"\n    ]\n}\ntype: dag\n')).toEqual({
      payload: { a: ["b"] },
      type: "dag",
    });
  });

  test("a comment only is null (FW-121)", () => {
    expect(data("# nothing\n")).toBeNull();
    expect(data("")).toBeNull();
  });
});

describe("faults", () => {
  test("an unquoted date cannot be JSON (FW-103)", () => {
    const { errors } = readYaml("a: 1\nb:\n  - 2024-01-01\n");
    expect(errors).toMatchObject([{ code: "bad_value", path: ["b", 0], line: 3, column: 5 }]);
  });

  test("bad syntax has line and column", () => {
    const { errors } = readYaml("a: 1\nb: [1, 2\nc: 3\n");
    expect(errors[0]).toMatchObject({ code: "bad_yaml" });
    expect(errors[0]?.line).toBeGreaterThan(1);
  });

  test("several documents are refused", () => {
    expect(readYaml("a: 1\n---\nb: 2\n").errors[0]?.message).toContain("one document");
  });

  test("an unknown alias is refused, with the path", () => {
    expect(readYaml("a: *nowhere\n").errors[0]?.message).toMatch(/nowhere/);
  });
});

test("conversions that surprise are warned of with their place (FW-104)", () => {
  const { warnings } = readYaml("a: yes\nb: 010\nc: 1:30\na: 2\n");
  expect(warnings.map(({ code, line }) => [code, line])).toEqual([
    ["surprising_value", 1],
    ["surprising_value", 2],
    ["surprising_value", 3],
    ["duplicate_key", 4],
  ]);
});

test("locate finds a value, or the nearest one around it", () => {
  const { locate } = readYaml("job_id: a\nparameters:\n  args:\n    - x\n    - y\n");
  expect(locate(["parameters", "args", 1])).toEqual({ line: 5, column: 7 });
  expect(locate(["parameters", "nope"])).toEqual({ line: 2, column: 1 });
});
