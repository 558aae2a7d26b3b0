import { type Data, LavaError } from "@lava/core";
import { readCsv } from "../sql/csv-reader.ts";
import { checkNames, defineForeach } from "./generator.ts";
import { readText } from "./text-source.ts";

/**
 * `csv`: rows of a file or an object in S3; the first row names the globals, values are text. A short row gives
 * null for what it lacks, cells beyond the names come as a list named `null` (JOB-foreach-08); blank lines do not
 * count.
 */
export const csv = defineForeach({
  type: "csv",
  async *values(source, { context, render }) {
    const filename = render(source.filename, "filename");
    let names: readonly string[] | undefined;
    for await (const row of readCsv(readText(filename, context))) {
      if (names === undefined) {
        checkNames(row);
        names = row;
      } else if (row.length > 0) yield toValues(names, row);
    }
    if (names === undefined) {
      throw new LavaError("BAD_CSV", `${filename}: there is no header row`, { retry: "never" });
    }
  },
});

function toValues(names: readonly string[], row: readonly string[]): Record<string, Data> {
  const values: Record<string, Data> = {};
  for (const [index, name] of names.entries()) values[name] = row[index] ?? null;
  if (row.length > names.length) values["null"] = row.slice(names.length);
  return values;
}
