import { LavaError } from "@lava/core";
import type { RealmConfig } from "@lava/spec";
import { type CsvFormat, csvQuotings } from "../sql/csv-writer.ts";

/** What a job or a command says of its CSV. */
export interface ListCsvOptions {
  readonly delimiter?: string | undefined;
  readonly doublequote?: boolean | undefined;
  readonly escapechar?: string | null | undefined;
  readonly quotechar?: string | null | undefined;
  readonly quoting?: string | undefined;
}

/** How CSV of a list is written and read: as the job or command says, else SP_LIST_*. */
export function listCsvFormat(parameters: ListCsvOptions, config: RealmConfig): CsvFormat {
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
