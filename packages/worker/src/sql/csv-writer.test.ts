import type { SqlValue } from "@lava/connectors";
import { DecimalValue, errorText, FloatValue } from "@lava/core";
import { expect, test } from "vitest";
import { createCsvWriter, type CsvFormat } from "./csv-writer.ts";

const defaults: CsvFormat = {
  delimiter: "|",
  quotechar: '"',
  escapechar: null,
  doublequote: false,
  quoting: "minimal",
  dialect: "excel",
};

interface Result {
  readonly text?: string;
  readonly error?: string;
}

/** What the rows are as text, or the message of what is wrong with them. */
function write(format: CsvFormat, rows: readonly (readonly SqlValue[])[]): Result {
  try {
    const writer = createCsvWriter(format);
    return { text: rows.map((row) => writer.row(row)).join("") };
  } catch (error) {
    return { error: errorText(error) };
  }
}

// The results are those of Python's csv module for the same format and rows (T-10 to T-14).
const cases: readonly (readonly [Partial<CsvFormat>, readonly (readonly SqlValue[])[], Result])[] =
  [
    [
      {},
      [
        ["a", "b c"],
        ["p|q", "l\nm", "r\rs"],
      ],
      { text: 'a|b c\r\n"p|q"|"l\nm"|"r\rs"\r\n' },
    ],
    [{}, [[""]], { text: '""\r\n' }],
    [{}, [[null]], { text: '""\r\n' }],
    [{}, [["", ""]], { text: "|\r\n" }],
    [{}, [[]], { text: "\r\n" }],
    [{}, [['a"b']], { error: "need to escape, but no escapechar set" }],
    [{ quoting: "all" }, [['a"b']], { error: "need to escape, but no escapechar set" }],
    [{ quoting: "all" }, [["a", null, 1, ""]], { text: '"a"|""|"1"|""\r\n' }],
    [
      { escapechar: "\\" },
      [['a"b', "c|d", "e\\f", 'g"|h']],
      { text: 'a\\"b|"c|d"|e\\\\f|"g\\"|h"\r\n' },
    ],
    [{ doublequote: true }, [['a"b', '"']], { text: '"a""b"|""""\r\n' }],
    [{ doublequote: true, escapechar: "\\" }, [['a"b\\c']], { text: '"a""b\\\\c"\r\n' }],
    [{ quoting: "none" }, [["a", "b"]], { text: "a|b\r\n" }],
    [{ quoting: "none" }, [["a|b"]], { error: "need to escape, but no escapechar set" }],
    [{ quoting: "none" }, [[""]], { error: "single empty field record must be quoted" }],
    [
      { quoting: "none", escapechar: "\\" },
      [["a|b", 'c"d', "e\nf", "g\\h"]],
      { text: 'a\\|b|c\\"d|e\\\nf|g\\\\h\r\n' },
    ],
    [
      { quoting: "none", escapechar: "\\" },
      [[""]],
      { error: "single empty field record must be quoted" },
    ],
    [{ quoting: "none", quotechar: null }, [['a"b']], { text: 'a"b\r\n' }],
    [
      { quoting: "nonnumeric" },
      [["a", 1, null, true, new FloatValue(2), new DecimalValue("1.50")]],
      { text: '"a"|1|""|True|2.0|1.50\r\n' },
    ],
    [{ dialect: "unix" }, [["a\rb", "c\nd"]], { text: 'a\rb|"c\nd"\n' }],
    [{ dialect: "excel-tab" }, [["a\tb", "c"]], { text: "a\tb|c\r\n" }],
    [{ dialect: "nope" }, [["a"]], { error: "unknown dialect" }],
    [{ quotechar: null }, [["a"]], { error: "quotechar must be set if quoting enabled" }],
    [{ delimiter: "ab" }, [["a"]], { error: '"delimiter" must be a 1-character string' }],
    [{ delimiter: "" }, [["a"]], { error: '"delimiter" must be a 1-character string' }],
    [{ escapechar: "xx" }, [["a"]], { error: '"escapechar" must be a 1-character string' }],
    [{ quotechar: "" }, [["a"]], { error: '"quotechar" must be a 1-character string' }],
    [
      { delimiter: "^", quotechar: "]", doublequote: true },
      [["a^b", "]", "-"]],
      { text: "]a^b]^]]]]^-\r\n" },
    ],
    [
      {},
      [[true, null, new FloatValue(1e16), Uint8Array.from([97, 255]), "2026-01-02 03:04:05+11:00"]],
      { text: "True||1e+16|b'a\\xff'|2026-01-02 03:04:05+11:00\r\n" },
    ],
  ];

test.each(cases)("with %o writes %o as Python does", (format, rows, result) => {
  expect(write({ ...defaults, ...format }, rows)).toEqual(result);
});

test("quotes texts alone, or all but null, where Python 3.12 can (JOB-sql-03)", () => {
  const row = ["a", 1, null, ""];

  const strings = createCsvWriter({ ...defaults, quoting: "strings" }).row(row);
  const notnull = createCsvWriter({ ...defaults, quoting: "notnull" }).row(row);

  expect(strings).toBe('"a"|1||""\r\n');
  expect(notnull).toBe('"a"|"1"||""\r\n');
});
