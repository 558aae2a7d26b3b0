import type { SqlColumn, SqlValue } from "@lava/connectors";
import { DecimalValue, FloatValue } from "@lava/core";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import { parquetResults } from "./parquet-results.ts";

async function write(
  columns: readonly SqlColumn[],
  ...batches: readonly (readonly (readonly SqlValue[])[])[]
): Promise<Buffer> {
  const writer = await parquetResults();
  const parts = [await writer.begin(columns)];
  for (const batch of batches) parts.push(await writer.rows(batch));
  parts.push(await writer.end());
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

async function read(file: Buffer): Promise<Record<string, unknown>[]> {
  const bytes = Uint8Array.from(file).buffer;
  return await parquetReadObjects({ file: bytes, utf8: false });
}

test("keeps values of every kind, and nulls, over several row groups (CLI-162, JOB-sqlv-04)", async () => {
  const columns = [
    ...["i", "f", "d", "yes", "b", "t"].map((name) => ({ name })),
    { name: "day", type: "date" },
    { name: "at", type: "timestamp" },
    { name: "none" },
  ];
  const first = [
    [
      1,
      new FloatValue(2),
      new DecimalValue("-12345678901234567.50"),
      true,
      Uint8Array.from([0, 255]),
      "é",
      "2026-01-02",
      "2026-01-02 03:04:05.123456",
      null,
    ],
    [9007199254740993n, 2.5, null, false, null, null, null, null, null],
  ];
  const second = [
    [
      null,
      1,
      new DecimalValue("1.5"),
      null,
      null,
      "x",
      "1969-12-31",
      "1969-12-31 23:59:59",
      "late",
    ],
  ];

  const [a, b, c] = await read(await write(columns, first, second));

  expect(a).toEqual({
    i: 1n,
    f: 2,
    d: Number("-12345678901234567.5"),
    yes: true,
    b: Uint8Array.from([0, 255]),
    t: "é",
    day: new Date("2026-01-02"),
    at: new Date("2026-01-02T03:04:05.123Z"),
    none: null,
  });
  expect(b).toMatchObject({ i: 9007199254740993n, f: 2.5, d: null, yes: false, t: null });
  expect(c).toMatchObject({
    i: null,
    d: 1.5,
    day: new Date("1969-12-31"),
    at: new Date("1969-12-31T23:59:59Z"),
    none: "late",
  });
});

test("values of several kinds are text; no rows are a file with the columns (CLI-162, CLI-165)", async () => {
  const [row] = await read(await write([{ name: "m" }], [["x"], [1]]));

  expect(row).toEqual({ m: "x" });
  const empty = await write([{ name: "m" }, { name: "day", type: "date" }]);
  expect(await read(empty)).toEqual([]);
  const { schema } = parquetMetadata(Uint8Array.from(empty).buffer);
  expect(schema.slice(1)).toMatchObject([{ name: "m" }, { name: "day", converted_type: "DATE" }]);
});

test.each([
  [[[1]], [["x"]]],
  [[[new DecimalValue("1.5")]], [[new DecimalValue("1.25")]]],
  [[[1]], [[2n ** 64n]]],
])("%o and then %o is one clear failure", async (first, second) => {
  await expect(write([{ name: "m" }], first, second)).rejects.toMatchObject({
    code: "BAD_PARQUET_VALUE",
    message: expect.stringMatching(/^Column m: .* does not fit the type that the first rows have$/),
  });
});
