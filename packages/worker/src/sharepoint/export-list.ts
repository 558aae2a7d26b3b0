import type { ListColumn, SharePointClient } from "@lava/connectors";
import type { Data } from "@lava/core";
import { createCsvWriter, type CsvFormat } from "../sql/csv-writer.ts";

/** What is fetched of a list. */
export interface ListExport {
  readonly list: string;
  readonly format: CsvFormat;
  /** Whether the first row has the names of the columns. */
  readonly header: boolean;
  /** Names separated by commas; all columns that can be written when undefined. */
  readonly dataColumns?: string | undefined;
  /** Names of system columns to add, separated by commas. */
  readonly systemColumns?: string | undefined;
}

/**
 * The items of a list as CSV, row by row, the header (if there is one) first (JOB-sharepoint_get_list-02).
 *
 * @throws {LavaError} NO_SUCH_LIST, BAD_CSV_FORMAT, CSV_VALUE
 */
export async function* exportList(
  client: SharePointClient,
  options: ListExport,
): AsyncGenerator<Buffer> {
  const writer = createCsvWriter(options.format);
  const { pythonText } = await import("@lava/connectors");
  const textOf = (value: unknown): string => (value === undefined ? "" : pythonText(toData(value)));
  const names = await chosenColumns(client, options);
  if (options.header) yield Buffer.from(writer.row(names));
  for await (const { id, fields } of client.lists.items(options.list, names)) {
    const row = names.map((name) => (name === "ID" ? id : textOf(fields[name])));
    yield Buffer.from(writer.row(row));
  }
}

async function chosenColumns(
  client: SharePointClient,
  { list, dataColumns, systemColumns }: ListExport,
): Promise<string[]> {
  const { columnNames } = await import("@lava/connectors");
  const columns = await client.lists.columns(list);
  const byKey = new Map(columns.map((column) => [column.key, column]));
  const isData = (column: ListColumn): boolean => column.kind === "standard";
  const wanted = columnNames(dataColumns)
    .flatMap((key) => byKey.get(key) ?? [])
    .filter(isData);
  const data = wanted.length > 0 ? wanted : columns.filter(isData);
  const system = columnNames(systemColumns).flatMap((key) => {
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
