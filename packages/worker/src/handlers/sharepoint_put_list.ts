import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { ListChange, ListColumn } from "@lava/connectors";
import { LavaError } from "@lava/core";
import { defineHandler, type Job } from "../handler.ts";
import { listCsvFormat } from "../sharepoint-csv.ts";
import { openSharePoint, renderParameter } from "../sharepoint-transfer.ts";
import { readCsvRows } from "../sql/csv-reader.ts";
import { openTransferFile } from "../transfer-file.ts";

type Parameters = Job<"sharepoint_put_list">["parameters"];

/** A column of the file that the list has too. */
interface Matched {
  readonly at: number;
  readonly column: ListColumn;
}

/** `sharepoint_put_list`: changes a list by the rows of a CSV file (JOB-sharepoint_put_list-01 to 04). */
export const sharepoint_put_list = defineHandler({
  type: "sharepoint_put_list",
  async run(job, context) {
    const { parameters } = job;
    const { mode } = parameters;
    const list = renderParameter(parameters.list, "list", parameters, context);
    const file = renderParameter(parameters.file, "file", parameters, context);
    const source = await openTransferFile(file, parameters.basedir, context);
    const stream = source instanceof Readable ? source : createReadStream(source.file);
    const { delimiter, quotechar, escapechar, doublequote, quoting } = listCsvFormat(
      parameters,
      context.config,
    );
    const rows = readCsvRows(stream.setEncoding("utf8"), {
      delimiter,
      doublequote,
      quoting,
      ...(quotechar === null ? {} : { quotechar }),
      ...(escapechar === null ? {} : { escapechar }),
    });
    await using client = await openSharePoint(job, context);
    const columns = await client.lists.columns(list, ["genericList"]);
    const first = await rows.next();
    const header = first.done === true ? [] : first.value.fields.map(String);
    checkHeader(header, columns, parameters);
    const matched = await matchColumns(header, columns, parameters);
    const idAt = header.findIndex((name) => name.toLowerCase() === "id");
    if (mode === "replace") {
      const ids: ListChange[] = [];
      for await (const { id } of client.lists.items(list, ["id"]))
        ids.push({ method: "delete", id });
      const { refused } = await client.lists.change(list, ids, context.signal);
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
    const { count, refused } = await client.lists.change(list, changes(), context.signal);
    if (refused.length > 0) throw rowsFailed(list, mode, refused, count);
    return { exit_status: 0, row_count: count, source: file, destination: list };
  },
});

function checkHeader(
  header: readonly string[],
  columns: readonly ListColumn[],
  { mode, error_missing }: Parameters,
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
  if (unknown.length > 0 && error_missing) {
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
  { data_columns }: Parameters,
): Promise<Matched[]> {
  const { columnNames } = await import("@lava/connectors");
  const wanted = new Set(columnNames(data_columns));
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
