import { pythonText, type SqlValue } from "@lava/connectors";
import { DecimalValue, FloatValue, LavaError } from "@lava/core";

/** When fields are quoted; the names are those of Python's csv module without `QUOTE_`. */
export const csvQuotings = ["all", "minimal", "nonnumeric", "none", "notnull", "strings"] as const;

/** One of {@link csvQuotings}. */
export type CsvQuoting = (typeof csvQuotings)[number];

/** How CSV is written, as Python's `csv.writer` is told (JOB-sql-03). */
export interface CsvFormat {
  readonly delimiter: string;
  readonly quotechar: string | null;
  readonly escapechar: string | null;
  readonly doublequote: boolean;
  readonly quoting: CsvQuoting;
  /** Only decides the line end: `excel` and `excel-tab` CRLF, `unix` LF (T-14). */
  readonly dialect: string;
}

/** Turns rows into lines. */
export interface CsvWriter {
  /** One row with its line end. @throws {LavaError} CSV_ERROR when a field cannot be written */
  row(fields: readonly SqlValue[]): string;
  /** One field of several. @throws {LavaError} CSV_ERROR */
  field(value: SqlValue): string;
  readonly lineEnd: string;
}

const LINE_ENDS: Readonly<Record<string, string>> = {
  excel: "\r\n",
  "excel-tab": "\r\n",
  unix: "\n",
};

/**
 * A writer that gives the same bytes as Python's (T-10 to T-14).
 *
 * @throws {LavaError} BAD_CSV_FORMAT with Python's text
 */
export function createCsvWriter(format: CsvFormat): CsvWriter {
  const lineEnd = checkFormat(format);
  const { delimiter, quotechar, escapechar, doublequote, quoting } = format;
  // The quotechar and escapechar are special even where nothing is quoted.
  const special = new Set([delimiter, quotechar, escapechar, ...lineEnd]);
  const pattern = new RegExp(
    `[${[...special].map((char) => (char === null ? "" : escapeForSet(char))).join("")}]`,
    "u",
  );

  function field(value: SqlValue): string {
    const text = value === null ? "" : pythonText(value);
    let quoted = isQuoted(value, quoting);
    if (!pattern.test(text)) return quoted ? `${quotechar}${text}${quotechar}` : text;
    let out = "";
    for (const char of text) {
      if (!special.has(char)) out += char;
      else if (quoting !== "none" && char === quotechar && doublequote) {
        out += char + char;
        quoted = true;
      } else if (quoting === "none" || char === quotechar || char === escapechar) {
        if (escapechar === null) throw csvError("need to escape, but no escapechar set");
        out += escapechar + char;
      } else {
        out += char;
        quoted = true;
      }
    }
    return quoted ? `${quotechar}${out}${quotechar}` : out;
  }

  return {
    field,
    lineEnd,
    row(fields) {
      const line = fields.map((value) => field(value)).join(delimiter);
      if (line !== "" || fields.length === 0) return line + lineEnd;
      const isNull = fields[0] === null && (quoting === "strings" || quoting === "notnull");
      if (quoting === "none" || isNull) {
        throw csvError("single empty field record must be quoted");
      }
      return `${quotechar}${quotechar}${lineEnd}`;
    },
  };
}

function isQuoted(value: SqlValue, quoting: CsvQuoting): boolean {
  switch (quoting) {
    case "all":
      return true;
    case "notnull":
      return value !== null;
    case "strings":
      return typeof value === "string";
    case "nonnumeric":
      return !isNumber(value);
    case "minimal":
    case "none":
    default:
      return false;
  }
}

/** Python counts booleans among the numbers (T-13). */
function isNumber(value: SqlValue): boolean {
  return (
    typeof value === "number" ||
    typeof value === "bigint" ||
    typeof value === "boolean" ||
    value instanceof FloatValue ||
    value instanceof DecimalValue
  );
}

/** Python's checks in Python's order; returns the line end. */
function checkFormat(format: CsvFormat): string {
  const lineEnd = LINE_ENDS[format.dialect];
  if (lineEnd === undefined || !Object.hasOwn(LINE_ENDS, format.dialect)) {
    throw badFormat("unknown dialect");
  }
  for (const name of ["delimiter", "escapechar", "quotechar"] as const) {
    const value = format[name];
    if (value !== null && [...value].length !== 1) {
      throw badFormat(`"${name}" must be a 1-character string`);
    }
  }
  if (format.quotechar === null && format.quoting !== "none") {
    throw badFormat("quotechar must be set if quoting enabled");
  }
  return lineEnd;
}

function escapeForSet(char: string): string {
  return /[\\\]^-]/.test(char) ? `\\${char}` : char;
}

function badFormat(message: string): LavaError {
  return new LavaError("BAD_CSV_FORMAT", message, { retry: "never" });
}

function csvError(message: string): LavaError {
  return new LavaError("CSV_ERROR", message, {
    hint: "Set `escapechar`, or `doublequote: true`, or quote all fields.",
  });
}
