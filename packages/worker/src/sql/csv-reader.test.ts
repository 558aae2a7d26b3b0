import { expect, test } from "vitest";
import { readCsv } from "./csv-reader.ts";

async function* chunksOf(text: string, size: number): AsyncGenerator<string> {
  for (let i = 0; i < text.length; i += size) yield text.slice(i, i + size);
}

async function read(text: string, size = 1000): Promise<string[][]> {
  const rows: string[][] = [];
  for await (const row of readCsv(chunksOf(text, size))) rows.push(row);
  return rows;
}

// The rows are those of Python's csv.reader (T-16).
test.each([
  [
    "a,b\r\nc,d\r\n",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  ["a,b", [["a", "b"]]],
  ["a\rb\n", [["a"], ["b"]]],
  ["a,\n", [["a", ""]]],
  [",", [["", ""]]],
  ["\n\na\n", [[], [], ["a"]]],
  ['"a,b","c""d"\n', [["a,b", 'c"d']]],
  ['"line\r\nbreak",x\n', [["line\r\nbreak", "x"]]],
  ['a"b,c\n', [['a"b', "c"]]],
  ['"a"b,c\n', [["ab", "c"]]],
  ['""\n', [[""]]],
  [' "a"\n', [[' "a"']]],
  ['"open\nend', [["open\nend"]]],
  ["", []],
] as const)("reads %j as Python does", async (text, rows) => {
  expect(await read(text)).toEqual(rows);
  expect(await read(text, 1)).toEqual(rows);
});
