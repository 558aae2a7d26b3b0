import { LavaError } from "@lava/core";
import type { JobParameters, RealmConfig } from "@lava/spec";
import { type CsvFormat, csvQuotings } from "./sql/csv-writer.ts";

/** How CSV of a list is written and read: the job's parameters, else SP_LIST_*. */
export function listCsvFormat(
  parameters: JobParameters<"sharepoint_get_list" | "sharepoint_put_list">,
  config: RealmConfig,
): CsvFormat {
  const { delimiter, doublequote, escapechar, quotechar, quoting } = parameters;
  const word = (quoting ?? config.SP_LIST_QUOTING).toLowerCase();
  const known = csvQuotings.find((name) => name === word);
  if (known === undefined) {
    throw new LavaError("BAD_JOB_PARAMETERS", `Bad quoting atyle: ${word.toUpperCase()}`, {
      retry: "never",
    });
  }
  return {
    delimiter: delimiter ?? config.SP_LIST_DELIMITER,
    doublequote: doublequote ?? config.SP_LIST_DOUBLEQUOTE,
    escapechar: (escapechar === undefined ? config.SP_LIST_ESCAPECHAR : escapechar) ?? null,
    quotechar: (quotechar === undefined ? config.SP_LIST_QUOTECHAR : quotechar) ?? null,
    quoting: known,
    dialect: "excel",
  };
}
