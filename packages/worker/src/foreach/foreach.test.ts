import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DataMap } from "@lava/core";
import { parseJobParameters } from "@lava/spec";
import { afterAll, describe, expect, test } from "vitest";
import type { JobContext } from "../handler.ts";
import { foreachGenerators, foreachValues } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-foreach-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function valuesOf(source: DataMap, render = (text: string) => text): Promise<DataMap[]> {
  const { foreach } = parseJobParameters("foreach", { foreach: source });
  // Local files need nothing of the realm.
  const context = { tmpdir: folder, signal: new AbortController().signal } as unknown as JobContext;
  const values: DataMap[] = [];
  for await (const value of foreachValues(foreach, { context, render })) values.push(value);
  return values;
}

test("each generator is named as the record names it", () => {
  expect(Object.entries(foreachGenerators).map(([name, { type }]) => [name, type])).toEqual(
    Object.keys(foreachGenerators).map((name) => [name, name]),
  );
});

describe("inline", () => {
  test("gives the values as they are (JOB-foreach-06)", async () => {
    const values: DataMap[] = [{ a: 1 }, { b: ["x", null] }];

    expect(await valuesOf({ type: "inline", values })).toEqual(values);
  });

  test.each(["lava", "LavaLamp", "lava_x"])(
    "refuses the name %s (JOB-foreach-11)",
    async (name) => {
      await expect(valuesOf({ type: "inline", values: [{ a: 1 }, { [name]: 1 }] })).rejects.toThrow(
        'foreach field names may not start with "lava"',
      );
    },
  );

  test.each([["text"], [[1]], [{ a: 1 }]])("refuses the values %o", async (values) => {
    await expect(valuesOf({ type: "inline", values })).rejects.toThrow(
      "values must be a sequence of objects",
    );
  });
});

describe("range", () => {
  test.each([
    [{ stop: 3, name: "n" }, [{ n: 0 }, { n: 1 }, { n: 2 }]],
    [{ start: 1, stop: 6, step: 2, name: "n" }, [{ n: 1 }, { n: 3 }, { n: 5 }]],
    [{ start: 2, stop: 0, step: -1, name: "n" }, [{ n: 2 }, { n: 1 }]],
    [{ start: 3, stop: 1, name: "n" }, []],
    [{ stop: 2 }, [{}, {}]],
  ])("counts %o as Python does (JOB-foreach-05)", async (fields, values) => {
    expect(await valuesOf({ type: "range", ...fields })).toEqual(values);
  });

  test("refuses steps of nothing", async () => {
    await expect(valuesOf({ type: "range", stop: 3, step: 0 })).rejects.toThrow(
      "range() arg 3 must not be zero",
    );
  });
});

describe("csv", () => {
  test("names values by the header; short rows lack, long ones have more (JOB-foreach-08)", async () => {
    const filename = write("a.csv", 'x,y\r\n1,"a,b"\r\n\r\n2\r\n3,c,d,e\r\n');

    expect(await valuesOf({ type: "csv", filename })).toEqual([
      { x: "1", y: "a,b" },
      { x: "2", y: null },
      { x: "3", y: "c", null: ["d", "e"] },
    ]);
  });

  test("reads a name relative to the job's directory, and renders it", async () => {
    write("b.csv", "x\n1\n");

    const values = await valuesOf({ type: "csv", filename: "{{b}}.csv" }, (text) =>
      text.replace("{{b}}", "b"),
    );

    expect(values).toEqual([{ x: "1" }]);
  });

  test("does not take a byte order mark for part of a name", async () => {
    const filename = write("bom.csv", "\uFEFFx\n1\n");

    expect(await valuesOf({ type: "csv", filename })).toEqual([{ x: "1" }]);
  });

  test("gives nothing for a header alone, and refuses a file without one", async () => {
    expect(await valuesOf({ type: "csv", filename: write("head.csv", "x,y\n") })).toEqual([]);
    await expect(valuesOf({ type: "csv", filename: write("none.csv", "") })).rejects.toThrow(
      "there is no header row",
    );
  });

  test("refuses reserved names", async () => {
    const filename = write("lava.csv", "a,Lava\n1,2\n");

    await expect(valuesOf({ type: "csv", filename })).rejects.toThrow(
      'foreach field names may not start with "lava"',
    );
  });

  test("names a file that does not exist", async () => {
    await expect(valuesOf({ type: "csv", filename: "/nowhere/x.csv" })).rejects.toThrow(
      "/nowhere/x.csv: ENOENT",
    );
  });

  test("names a file that is not UTF-8", async () => {
    const filename = write("latin.csv", Uint8Array.from([120, 10, 0xe9, 10]));

    await expect(valuesOf({ type: "csv", filename })).rejects.toThrow(`${filename}: `);
  });
});

describe("jsonl", () => {
  test("gives one object a line, the last without a line end too (JOB-foreach-07)", async () => {
    const filename = write("a.jsonl", '{"a": 1, "b": [true]}\r\n{"c": "é"}');

    expect(await valuesOf({ type: "jsonl", filename })).toEqual([{ a: 1, b: [true] }, { c: "é" }]);
  });

  test.each([
    ['{"a": 1}\n\n{"b": 1}\n', "line 2: Expecting value"],
    ['{"a": 1}\n{"a": \n', "line 2: "],
    ["[1]\n", "line 1: must be an object"],
    ['"text"\n', "line 1: must be an object"],
  ])("names the line of %j that is wrong", async (text, message) => {
    const filename = write("bad.jsonl", text);

    await expect(valuesOf({ type: "jsonl", filename })).rejects.toThrow(`${filename}: ${message}`);
  });

  test("refuses reserved names", async () => {
    const filename = write("lava.jsonl", '{"lava": 1}\n');

    await expect(valuesOf({ type: "jsonl", filename })).rejects.toThrow(
      'foreach field names may not start with "lava"',
    );
  });
});
