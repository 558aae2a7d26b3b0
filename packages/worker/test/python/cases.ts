import type { SqlValue } from "@lava/connectors";
import { DecimalValue, FloatValue } from "@lava/core";
import type { CsvFormat } from "../../src/sql/csv-writer.ts";

/** A value as Python is told of it: its kind, and its text. */
export type Cell = readonly [kind: string, text: string];

/** What Python is asked. */
export type PythonCase =
  | {
      readonly ask: "write";
      readonly format: CsvFormat;
      readonly rows: readonly (readonly Cell[])[];
    }
  | { readonly ask: "read"; readonly format: CsvFormat; readonly text: string }
  | { readonly ask: "split" | "quote"; readonly text: string }
  | { readonly ask: "fnmatch"; readonly text: string; readonly pattern: string };

const QUOTINGS = ["all", "minimal", "none", "nonnumeric"] as const;
const KINDS = ["write", "read", "split", "quote", "fnmatch"] as const;
const SQL_CHARS = ["a", "b", "é", "😀", " ", "|", ",", ";", '"', "'", "\\", "\n", "\r", "\t", "1"];
const SHELL_CHARS = [
  "a",
  "b",
  "é",
  " ",
  "'",
  '"',
  "\\",
  "\n",
  "#",
  ";",
  "$",
  "`",
  "|",
  "-",
  "=",
  "\t",
];
const GLOB_CHARS = ["a", "b", "/", ".", "*", "?", "[", "]", "!", "-", "^", "\\", "\n", "{", "}"];

/** The same cases for the same seed, always. */
export function pythonCases(count: number, seed: number): PythonCase[] {
  let state = seed;
  const random = (below: number): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
  const pick = <T>(list: readonly [T, ...T[]] | readonly T[]): T => {
    const found = list[random(list.length)];
    if (found === undefined) throw new Error("an empty list");
    return found;
  };
  const text = (chars: readonly string[], most: number): string =>
    Array.from({ length: random(most + 1) }, () => pick(chars)).join("");
  const format = (): CsvFormat => ({
    delimiter: pick(["|", ",", ";", "\t"]),
    quotechar: pick(['"', "'"]),
    escapechar: pick([null, "\\"]),
    doublequote: pick([true, false]),
    quoting: pick(QUOTINGS),
    dialect: pick(["excel", "excel-tab", "unix"]),
  });
  const cell = (): Cell =>
    pick<() => Cell>([
      () => ["str", text(SQL_CHARS, 6)],
      () => ["str", text(SQL_CHARS, 6)],
      () => ["none", ""],
      () => ["bool", pick(["true", "false"])],
      () => ["int", String((random(2) - 0.5) * 2 * random(2 ** 31)).replace("-0", "0")],
      () => ["int", String(2n ** 70n + BigInt(random(1000)))],
      () => [
        "float",
        pick(["0.1", "1e16", "1e-7", "-0.0", "2.0", "1e300", "123456789.125", "inf", "nan"]),
      ],
      () => [
        "decimal",
        pick(["1.50", "-0.00", "100", "12345678901234567890.123456789", "0.0000001"]),
      ],
      () => ["bytes", Buffer.from(text(SQL_CHARS, 4)).toString("base64")],
      () => [
        "datetime",
        pick(["2026-01-02 03:04:05", "2026-01-02 03:04:05.120000", "2026-01-02 00:00:00+10:30"]),
      ],
    ])();
  const make: Readonly<Record<(typeof KINDS)[number], () => PythonCase>> = {
    write: () => ({
      ask: "write",
      format: format(),
      rows: Array.from({ length: 1 + random(3) }, () => {
        const width = 1 + random(4);
        return Array.from({ length: width }, cell);
      }),
    }),
    // Numbers where numbers have to be are another test's; here all is text.
    read: () => ({
      ask: "read",
      format: { ...format(), quoting: pick(["all", "minimal", "none"]) },
      text: text([...SQL_CHARS, "\r\n", '"', "|", ","], 16),
    }),
    split: () => ({ ask: "split", text: text(SHELL_CHARS, 12) }),
    quote: () => ({ ask: "quote", text: text(SHELL_CHARS, 6) }),
    fnmatch: () => ({ ask: "fnmatch", text: text(GLOB_CHARS, 5), pattern: text(GLOB_CHARS, 5) }),
  };
  return Array.from({ length: count }, (_, index) =>
    make[KINDS[index % KINDS.length] ?? "write"](),
  );
}

/** A value of Python as it is here. */
export function toValue([kind, text]: Cell): SqlValue {
  switch (kind) {
    case "none":
      return null;
    case "bool":
      return text === "true";
    case "int":
      return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
    case "float":
      return toFloat(text);
    case "decimal":
      return new DecimalValue(text === "0.0000001" ? "1E-7" : text);
    case "bytes":
      return Uint8Array.from(Buffer.from(text, "base64"));
    case "datetime":
    default:
      return text;
  }
}

function toFloat(text: string): SqlValue {
  const number = text === "inf" ? Infinity : Number(text);
  return Number.isInteger(number) ? new FloatValue(number) : number;
}
