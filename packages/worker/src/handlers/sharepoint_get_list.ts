import { Readable } from "node:stream";
import type { ListColumn, SharePointClient } from "@lava/connectors";
import type { Data } from "@lava/core";
import { defineHandler, type Job } from "../handler.ts";
import { listCsvFormat } from "../sharepoint-csv.ts";
import { openSharePoint, renderParameter } from "../sharepoint-transfer.ts";
import { createCsvWriter } from "../sql/csv-writer.ts";
import { storeTransferFile } from "../transfer-file.ts";

/** `sharepoint_get_list`: fetches a list as CSV (JOB-sharepoint_get_list-01, 02). */
export const sharepoint_get_list = defineHandler({
  type: "sharepoint_get_list",
  async run(job, context) {
    const { parameters } = job;
    const list = renderParameter(parameters.list, "list", parameters, context);
    const file = renderParameter(parameters.file, "file", parameters, context);
    const writer = createCsvWriter(listCsvFormat(parameters, context.config));
    const { pythonText } = await import("@lava/connectors");
    const textOf = (value: unknown): string =>
      value === undefined ? "" : pythonText(toData(value));
    await using client = await openSharePoint(job, context);
    const names = await chosenColumns(client, list, parameters);
    let rows = 0;
    async function* lines(): AsyncGenerator<Buffer> {
      if (parameters.header) yield Buffer.from(writer.row(names));
      for await (const { id, fields } of client.lists.items(list, names)) {
        rows += 1;
        const row = names.map((name) => (name === "ID" ? id : textOf(fields[name])));
        yield Buffer.from(writer.row(row));
      }
    }
    const { basedir, kms_key_id } = parameters;
    const source = Readable.from(lines(), { objectMode: false });
    await storeTransferFile(source, { file, basedir, kms_key_id }, context);
    // The original counts one more than there are.
    return { exit_status: 0, row_count: rows + 1, rows, source: list, destination: file };
  },
});

async function chosenColumns(
  client: SharePointClient,
  list: string,
  { data_columns, system_columns }: Job<"sharepoint_get_list">["parameters"],
): Promise<string[]> {
  const { columnNames } = await import("@lava/connectors");
  const columns = await client.lists.columns(list);
  const byKey = new Map(columns.map((column) => [column.key, column]));
  const isData = (column: ListColumn): boolean => column.kind === "standard";
  const wanted = columnNames(data_columns)
    .flatMap((key) => byKey.get(key) ?? [])
    .filter(isData);
  const data = wanted.length > 0 ? wanted : columns.filter(isData);
  const system = columnNames(system_columns).flatMap((key) => {
    if (key === "id") return ["ID"];
    const column = byKey.get(key);
    return column?.kind === "readonly" || column?.kind === "hidden" ? [column.name] : [];
  });
  return [...data.map(({ name }) => name), ...system];
}

/** What came as JSON is data. */
function toData(value: unknown): Data {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return value;
  if (Array.isArray(value)) return value.map((item: unknown) => toData(item));
  return Object.fromEntries(
    Object.entries(Object(value)).map(([name, item]) => [name, toData(item)]),
  );
}
