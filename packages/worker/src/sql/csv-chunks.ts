import type { SqlResult } from "@lava/connectors";
import { type CsvFormat, createCsvWriter } from "./csv-writer.ts";

/** A result as CSV, batch by batch, its column names first when `header` is set. */
export async function* csvChunks(
  { columns = [], batches }: SqlResult,
  format: CsvFormat,
  header: boolean,
): AsyncGenerator<Uint8Array> {
  const writer = createCsvWriter(format);
  if (header) yield Buffer.from(writer.row(columns.map(({ name }) => name)));
  for await (const batch of batches) {
    yield Buffer.from(batch.map((row) => writer.row(row)).join(""));
  }
}
