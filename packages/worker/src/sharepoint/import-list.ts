import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { ListChange, ListColumn, SharePointClient } from "@lava/connectors";
import { LavaError } from "@lava/core";
import { readCsvRows } from "../sql/csv-reader.ts";
import type { CsvFormat } from "../sql/csv-writer.ts";

/** What becomes of a list. */
export interface ListImport {
  readonly list: string;
  readonly mode: "append" | "delete" | "replace" | "update";
  readonly format: CsvFormat;
  /** Names of the columns to be written, separated by commas; all that can be when undefined. */
  readonly dataColumns?: string | undefined;
  /** Columns of the file that the list lacks are a fault. */
  readonly errorMissing?: boolean;
  readonly signal?: AbortSignal;
}

/** A column of the file that the list has too. */
interface Matched {
  readonly at: number;
  readonly column: ListColumn;
}

/**
 * Changes a list by the rows of CSV, the first of which has the names of the columns; the number of rows
 * (JOB-sharepoint_put_list-02 to 04).
 *
 * @throws {LavaError} NO_SUCH_LIST, BAD_SHAREPOINT_FILE, BAD_CSV, SHAREPOINT_ROWS_FAILED
 */
export async function importList(
  client: SharePointClient,
  source: Readable | { readonly file: string },
  options: ListImport,
): Promise<number> {
  const { list, mode, signal } = options;
  const { delimiter, quotechar, escapechar, doublequote, quoting } = options.format;
  const stream = source instanceof Readable ? source : createReadStream(source.file);
  // A fault that comes before the first row is asked for is told when it is.
  stream.on("error", () => undefined);
  const rows = readCsvRows(stream.setEncoding("utf8"), {
    delimiter,
    doublequote,
    quoting,
    ...(quotechar === null ? {} : { quotechar }),
    ...(escapechar === null ? {} : { escapechar }),
  });
  const columns = await client.lists.columns(list, ["genericList"]);
  const first = await rows.next();
  const header = first.done === true ? [] : first.value.fields.map(String);
  checkHeader(header, columns, options);
  const matched = await matchColumns(header, columns, options);
  const idAt = header.findIndex((name) => name.toLowerCase() === "id");
  if (mode === "replace") {
    const ids: ListChange[] = [];
    for await (const { id } of client.lists.items(list, ["id"])) ids.push({ method: "delete", id });
    const { refused } = await client.lists.change(list, ids, signal);
    if (refused.length > 0) throw rowsFailed(list, mode, refused, 0);
  }
  async function* changes(): AsyncGenerator<ListChange> {
    for await (const { fields } of rows) {
      const row = fields.map(String);
      const id = row[idAt] ?? "";
      if (mode === "delete") yield { method: "delete", id };
      else if (mode === "update") yield { method: "update", id, fields: toUpdate(row, matched) };
      else yield { method: "add", fields: toItem(row, matched) };
    }
  }
  const { count, refused } = await client.lists.change(list, changes(), signal);
  if (refused.length > 0) throw rowsFailed(list, mode, refused, count);
  return count;
}

function checkHeader(
  header: readonly string[],
  columns: readonly ListColumn[],
  { mode, errorMissing }: ListImport,
): void {
  const names = new Set(header.map((name) => name.toLowerCase()));
  const missing = columns
    .filter(({ kind, required, person }) => kind === "standard" && required && person !== "name")
    .filter(({ key }) => !names.has(key))
    .map(({ key }) => `'${key}'`);
  if (missing.length > 0 && (mode === "append" || mode === "replace")) {
    throw bad(`Missing required column: {${missing.join(", ")}} must be present in header`);
  }
  const keys = new Set(columns.map(({ key }) => key));
  const unknown = header.filter((name) => !keys.has(name.toLowerCase()));
  if (unknown.length > 0 && errorMissing) {
    const shown = unknown.map((name) => `'${name}'`).join(", ");
    throw bad(`Columns present in file but not in SharePoint list: [${shown}]`);
  }
  if ((mode === "update" || mode === "delete") && !names.has("id")) {
    throw bad(`Missing column: Mode ${mode} requires ID column to be present in header`);
  }
}

async function matchColumns(
  header: readonly string[],
  columns: readonly ListColumn[],
  { dataColumns }: ListImport,
): Promise<Matched[]> {
  const { columnNames } = await import("@lava/connectors");
  const wanted = new Set(columnNames(dataColumns));
  const writable = columns.filter(({ kind, person }) => kind === "standard" && person !== "name");
  const chosen = writable.filter(({ key }) => wanted.has(key));
  const used = chosen.length > 0 ? chosen : writable;
  return header.flatMap((name, at) => {
    const column = used.find(({ key }) => key === name.toLowerCase());
    return column === undefined ? [] : [{ at, column }];
  });
}

/** Empty cells are left out; booleans by their first letter (JOB-sharepoint_put_list-03). */
function toItem(row: readonly string[], matched: readonly Matched[]) {
  const fields: Record<string, string | boolean> = {};
  for (const { at, column } of matched) {
    const cell = row[at] ?? "";
    if (cell.trim() === "") continue;
    const letter = cell.trim()[0]?.toLowerCase() ?? "";
    const isTrue = "1yt".includes(letter);
    const isBoolean = column.dataType === "boolean" && (isTrue || "0nf".includes(letter));
    fields[column.name] = isBoolean ? isTrue : cell;
  }
  return fields;
}

/** Empty cells empty the field. */
function toUpdate(row: readonly string[], matched: readonly Matched[]) {
  const cells = matched.map(({ at, column }): [string, string | null] => {
    const cell = row[at] ?? "";
    return [column.name, cell.trim() === "" ? null : cell];
  });
  return Object.fromEntries(cells);
}

function rowsFailed(
  list: string,
  mode: string,
  refused: readonly { readonly index: number; readonly status: number; readonly text: string }[],
  row_count: number,
): LavaError {
  const [first] = refused;
  const rows = refused.map(({ index }) => index + 1);
  const shown = rows.slice(0, 20).join(", ") + (rows.length > 20 ? ", ..." : "");
  return new LavaError(
    "SHAREPOINT_ROWS_FAILED",
    `Unable to write to list "${list}" as mode "${mode}": rows ${shown}: Status ${first?.status ?? 0}: ${first?.text ?? ""}`,
    { data: { exit_status: 1, row_count, failed_rows: rows } },
  );
}

function bad(message: string): LavaError {
  return new LavaError("BAD_SHAREPOINT_FILE", message, { retry: "never" });
}
