import { pythonText, type SqlColumn, type SqlValue } from "@lava/connectors";
import { DecimalValue, FloatValue } from "@lava/core";
import { pythonJson } from "../python-json.ts";
import { type CsvFormat, createCsvWriter } from "./csv-writer.ts";
import { parquetResults } from "./parquet-results.ts";
import type { ResultWriter } from "./result-writer.ts";
import { xlsxResults } from "./xlsx-results.ts";

/** The formats that lava-sql writes. */
export const sqlFormats = ["csv", "html", "json", "jsonl", "parquet", "xlsx"] as const;

/** One of {@link sqlFormats}. */
export type SqlFormat = (typeof sqlFormats)[number];

/** How results are written. */
export interface ResultFormat {
  readonly format: SqlFormat;
  readonly csv: CsvFormat;
  readonly header: boolean;
  /** Keys of JSON objects in the order of their names. */
  readonly sortKeys: boolean;
}

/** A writer of one format (CLI-159..162). @throws {LavaError} BAD_CSV_FORMAT, DRIVER_MISSING */
export async function createResultWriter(options: ResultFormat): Promise<ResultWriter> {
  switch (options.format) {
    case "csv":
      return csvResults(options);
    case "html":
      return htmlResults(options);
    case "json":
      return jsonResults(options, { open: "[\n", between: ",\n", close: "\n]\n" });
    case "parquet":
      return await parquetResults();
    case "xlsx":
      return xlsxResults(options);
    case "jsonl":
    default:
      return jsonResults(options, undefined);
  }
}

function csvResults({ csv, header }: ResultFormat): ResultWriter {
  const writer = createCsvWriter(csv);
  return {
    severalResults: true,
    begin: (columns) => (header ? writer.row(columns.map(({ name }) => name)) : ""),
    rows: (batch) => batch.map((row) => writer.row(row)).join(""),
    end: () => "",
  };
}

/** One object for each row (CLI-160); within a list when it is framed. */
function jsonResults(
  { sortKeys }: ResultFormat,
  frame: { readonly open: string; readonly between: string; readonly close: string } | undefined,
): ResultWriter {
  let columns: readonly SqlColumn[] = [];
  let isFirst = true;
  const line = (row: readonly SqlValue[]): string => {
    const entries = columns.map(({ name, type }, index): [string, SqlValue] => [
      name,
      toJson(row[index] ?? null, type),
    ]);
    if (sortKeys) entries.sort(([a], [b]) => (a < b ? -1 : 1));
    const text = pythonJson(Object.fromEntries(entries));
    if (frame === undefined) return `${text}\n`;
    const before = isFirst ? "" : frame.between;
    isFirst = false;
    return before + text;
  };
  return {
    severalResults: frame === undefined,
    begin(given) {
      columns = given;
      isFirst = true;
      return frame?.open ?? "";
    },
    rows: (batch) => batch.map((row) => line(row)).join(""),
    end: () => frame?.close ?? "",
  };
}

/** A decimal is a number, a date and time has the T of ISO; what JSON has no kind for is text. */
function toJson(value: SqlValue, type: string | undefined): SqlValue {
  if (value instanceof DecimalValue) {
    return value.text.includes(".") ? new FloatValue(Number(value.text)) : BigInt(value.text);
  }
  if (value instanceof Uint8Array) return pythonText(value);
  if (typeof value === "string" && /^(?:timestamp|datetime)/i.test(type ?? "")) {
    return value.replace(/^(\d{4}-\d\d-\d\d) /, "$1T");
  }
  return value;
}

/** A table of HTML for other pages to hold, white space as the original's (CLI-161). */
function htmlResults({ header }: ResultFormat): ResultWriter {
  const cells = (tag: string, texts: readonly string[]): string =>
    texts.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>\n${" ".repeat(20)}`).join("");
  return {
    severalResults: false,
    begin(columns) {
      const names = columns.map(({ name }) => name);
      const head = header
        ? `<THEAD>\n                <TR>\n                    ${cells("TH", names)}\n                </TR>\n            </THEAD>`
        : "";
      return `<TABLE class="lava-sql">\n            ${head}\n            <TBODY>`;
    },
    rows: (batch) =>
      batch
        .map(
          (row) =>
            `\n                <TR>\n                    ${cells(
              "TD",
              row.map((value) => pythonText(value)),
            )}\n                </TR>\n            `,
        )
        .join(""),
    end: () => "\n            </TBODY>\n        </TABLE>\n    ",
  };
}

const MARKS: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&#39;",
  '"': "&#34;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>'"]/g, (mark) => MARKS[mark] ?? mark);
}
