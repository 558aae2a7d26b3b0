import { spawnSync } from "node:child_process";
import { type Data, FloatValue } from "@lava/core";
import { describe, expect, test } from "vitest";
import { isDataMap, itemChecksum, pythonJson, withoutWholeFloats } from "./python-json.ts";

const VALUES: readonly Data[] = [
  null,
  true,
  0,
  -5,
  12345678901234567890n,
  0.1,
  1.5,
  -0.25,
  1e-5,
  0.0001,
  1.25e-7,
  123456789.125,
  1.5e16,
  2.5e300,
  "",
  "plain",
  "é ünï 日本 😀 \u007f \u2028",
  'quote " slash \\ / tab \t nl \n ctl \u0001',
  [],
  {},
  [1, [2, { a: [] }]],
  { b: 1, a: { z: null, "10": 1, "9": 2, B: 3 }, é: 1, "\u{1F600}": 2, "\uFFFD": 3 },
];

const python = spawnSync("python3", ["--version"]).status === 0;

describe("JSON as Python writes it (FW-106, FW-113)", () => {
  test.runIf(python)("is what json.dumps of a real Python gives", () => {
    const program =
      "import json,sys\nfor line in sys.stdin:\n  v=json.loads(line)\n" +
      "  print(json.dumps(json.dumps(v,sort_keys=True)))\n  print(json.dumps(json.dumps(v,sort_keys=True,indent=4)))\n";
    const input = VALUES.map((value) => `${pythonJson(value)}\n`).join("");
    const { stdout } = spawnSync("python3", ["-c", program], { input, encoding: "utf8" });
    const lines = stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));

    expect(VALUES.flatMap((value) => [pythonJson(value), pythonJson(value, 4)])).toEqual(lines);
  });

  test("floats keep their point", () => {
    expect(pythonJson([new FloatValue(1), new FloatValue(1000), new FloatValue(1e16), 1e-7])).toBe(
      "[1.0, 1000.0, 1e+16, 1e-07]",
    );
  });
});

describe("checksums", () => {
  test("do not count tracking fields nor the order of keys (FW-113, FW-116)", () => {
    const one = itemChecksum({ job_id: "a", n: 1, "x-lava-built": "now", "X-mine": 1 });

    expect(one).toBe(itemChecksum({ n: 1, job_id: "a" }));
    // sha256 of '{"job_id": "a", "n": 1}'
    expect(one).toBe(
      "1;FW;sha256;efd6631684cf5147e052cfc27d89d148a154eea732a7fb46218e5601eb0e6568",
    );
  });

  test("whole floats are ints, as DynamoDB gives them back (FW-115, CLI-065)", () => {
    const item = withoutWholeFloats({ a: new FloatValue(1), b: [new FloatValue(2), 1.5] });

    expect(item).toEqual({ a: 1, b: [2, 1.5] });
    expect(isDataMap(item) && itemChecksum(item)).toBe(itemChecksum({ a: 1, b: [2, 1.5] }));
  });
});
