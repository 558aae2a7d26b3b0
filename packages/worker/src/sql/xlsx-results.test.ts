import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { SqlValue } from "@lava/connectors";
import { DecimalValue, FloatValue } from "@lava/core";
import { expect, onTestFinished, test } from "vitest";
import { fromBufferPromise } from "yauzl";
import { xlsxResults } from "./xlsx-results.ts";

async function write(
  names: readonly string[],
  batches: readonly (readonly (readonly SqlValue[])[])[],
  header = true,
): Promise<Buffer> {
  const writer = xlsxResults({ header });
  const parts = [await writer.begin(names.map((name) => ({ name })))];
  for (const batch of batches) parts.push(await writer.rows(batch));
  parts.push(await writer.end());
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

async function files(zip: Buffer): Promise<Record<string, string>> {
  const archive = await fromBufferPromise(zip);
  const found: Record<string, string> = {};
  for await (const entry of archive.eachEntry()) {
    found[entry.fileName] = await text(await archive.openReadStreamPromise(entry));
  }
  return found;
}

/** The cells of the sheet, row by row: what is between the tags, with the kind before it. */
async function cells(zip: Buffer): Promise<string[][]> {
  const sheet = (await files(zip))["xl/worksheets/sheet1.xml"] ?? "";
  return [...sheet.matchAll(/<row>(.*?)<\/row>/gs)].map(([, row = ""]) =>
    [...row.matchAll(/<c(?: t="(\w+)")?(?:\/>|>(.*?)<\/c>)/gs)].map(
      ([, kind = "n", content = ""]) => `${kind}:${content.replace(/<[^>]*>/g, "")}`,
    ),
  );
}

test("numbers that Excel keeps are numbers, all else is text, over several batches (CLI-165)", async () => {
  const first = [1, -1.5, new FloatValue(2), new DecimalValue("12.340"), true, null];
  const second = [
    9007199254740993n,
    new DecimalValue("1234567890.1234567"),
    new FloatValue(Number.POSITIVE_INFINITY),
    "2026-01-02 03:04:05",
    false,
    Uint8Array.from([97]),
  ];

  const zip = await write(["a", "b", "c", "d", "e", "f"], [[first], [second]]);

  expect(await cells(zip)).toEqual([
    ["a", "b", "c", "d", "e", "f"].map((name) => `inlineStr:${name}`),
    ["n:1", "n:-1.5", "n:2.0", "n:12.340", "b:1", "n:"],
    [
      "inlineStr:9007199254740993",
      "inlineStr:1234567890.1234567",
      "inlineStr:inf",
      "inlineStr:2026-01-02 03:04:05",
      "b:0",
      "inlineStr:b'a'",
    ],
  ]);
});

test("text is kept: marks of XML, blanks, signs that XML has not", async () => {
  const value = " <a href='x'>&amp;\n\t\u0007_x0041_\ud800 é😀 ";

  expect(await cells(await write(["a"], [[[value]]], false))).toEqual([
    ["inlineStr: &lt;a href='x'&gt;&amp;amp;\n\t_x0007__x005F_x0041__xD800_ é😀 "],
  ]);
});

test("a result without rows is a workbook with its columns; the same result is the same file", async () => {
  expect(await cells(await write(["a"], []))).toEqual([["inlineStr:a"]]);
  expect(await write(["a"], [[["x"]]])).toEqual(await write(["a"], [[["x"]]]));
});

test("another program finds the archive whole", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lava-xlsx-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "a.xlsx");
  const rows = Array.from({ length: 5000 }, (_, index) => [index, `row ${index}`]);
  writeFileSync(path, await write(["n", "t"], [rows.slice(0, 2500), rows.slice(2500)]));

  const script =
    "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()))";
  expect(execFileSync("python3", ["-c", script, path], { encoding: "utf8" })).toBe("None 5\n");
});

test.each<[string, readonly string[], readonly SqlValue[]]>([
  ["a value of 32768 characters in column a", ["a"], ["x".repeat(32_768)]],
  ["more than 16384 columns", Array.from({ length: 16_385 }, (_, index) => `c${index}`), []],
])("refuses %s", async (message, names, row) => {
  await expect(write(names, [[row]])).rejects.toThrow(message);
});
