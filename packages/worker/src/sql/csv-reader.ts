import { FloatValue, LavaError } from "@lava/core";

/** How CSV is read, as Python's `csv.reader` is told; the defaults are those of its `excel` dialect. */
export interface CsvReadFormat {
  readonly delimiter?: string;
  readonly quotechar?: string;
  readonly escapechar?: string;
  readonly doublequote?: boolean;
  /** `none`: quotes are not special; `nonnumeric`: what is not quoted is a number. */
  readonly quoting?: string;
}

/** One row of a CSV text. */
export interface CsvRow {
  readonly fields: readonly (string | FloatValue)[];
  /** Number of its last line, from 1. */
  readonly line: number;
  /** The line of a quote that nothing closes up to the end of the text: Python takes it all for one field. */
  readonly unclosed?: number;
}

type State = "start" | "plain" | "quoted" | "quote" | "escape" | "quoted escape";

/**
 * Reads CSV as Python's reader does: quotes are special only at the start of a field, two in a quoted field are one,
 * line ends inside of quotes are kept, an empty line is an empty row (T-16).
 *
 * @throws {LavaError} BAD_CSV with the line, for a number that is none
 */
export async function* readCsvRows(
  chunks: AsyncIterable<string>,
  format: CsvReadFormat = {},
): AsyncGenerator<CsvRow> {
  const { delimiter = ",", quotechar = '"', escapechar, doublequote = true, quoting } = format;
  const quote = quoting === "none" ? undefined : quotechar;
  let row: (string | FloatValue)[] = [];
  let field = "";
  let isQuoted = false;
  let state: State = "start";
  /** The last character was CR, so that LF belongs to it. */
  let afterReturn = false;
  let afterEscape = false;
  /** Whether the row has begun: a field, a delimiter or a quote was seen. */
  let begun = false;
  let line = 1;
  /** Where the quoted field began. */
  let opened = 1;

  const endField = (): void => {
    const isNumber = quoting === "nonnumeric" && !isQuoted;
    row.push(isNumber ? toNumber(field, line) : field);
    field = "";
    isQuoted = false;
    state = "start";
  };
  const endRow = (): CsvRow => {
    if (begun) endField();
    const done = { fields: row, line };
    row = [];
    state = "start";
    begun = false;
    return done;
  };
  const add = (char: string, next: State): void => {
    field += char;
    state = next;
    begun = true;
  };

  for await (const chunk of chunks) {
    for (const char of chunk) {
      const continues = afterReturn && char === "\n";
      afterReturn = false;
      // After a CR that was escaped, LF ends the row all the same.
      if (continues && !isOpen(state) && !afterEscape) continue;
      const isEnd = char === "\n" || char === "\r";
      if (isEnd && isOpen(state) && !continues) line += 1;
      afterEscape = state === "escape";
      if (state === "escape") add(char, "plain");
      else if (state === "quoted escape") add(char, "quoted");
      else if (state === "quoted") {
        if (char === escapechar) state = "quoted escape";
        else if (char === quote) state = doublequote ? "quote" : "plain";
        else field += char;
      } else if (state === "quote" && char === quote) add(char, "quoted");
      else if (state === "start" && char === quote) {
        state = "quoted";
        opened = line;
        isQuoted = true;
        begun = true;
      } else if (isEnd) {
        yield endRow();
        if (!continues) line += 1;
      } else if (char === delimiter) {
        endField();
        begun = true;
      } else if (char === escapechar && state !== "quote") {
        state = "escape";
        begun = true;
      } else add(char, "plain");
      afterReturn = char === "\r";
    }
  }
  const unclosed = state === "quoted" || state === "quoted escape" ? { unclosed: opened } : {};
  // Python escapes the line end that it takes to be there.
  if (state === "escape" || state === "quoted escape") field += "\n";
  if (begun) yield { ...endRow(), ...unclosed };
}

/** Whether a line end at this place belongs to a field. */
function isOpen(state: State): boolean {
  return state === "quoted" || state === "escape" || state === "quoted escape";
}

/** Reads CSV in the `excel` dialect, rows as lists of texts. */
export async function* readCsv(chunks: AsyncIterable<string>): AsyncGenerator<string[]> {
  for await (const { fields } of readCsvRows(chunks)) yield fields.map(String);
}

function toNumber(text: string, line: number): FloatValue {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) {
    const message = `could not convert string to float: '${text}'`;
    throw new LavaError("BAD_CSV", `${message} (line ${line})`, { retry: "never" });
  }
  return new FloatValue(value);
}
