import { LavaError } from "@lava/core";
import type { JobParameters, RealmConfig } from "@lava/spec";
import { type CsvFormat, type CsvQuoting, csvQuotings } from "./csv-writer.ts";

/** The format that a sql or sqli job asks for; the realm's configuration has what it leaves open. */
export function csvFormat(parameters: JobParameters<"sqli">, config: RealmConfig): CsvFormat {
  const { delimiter, doublequote, escapechar, quotechar, quoting, dialect } = parameters;
  return {
    delimiter: delimiter ?? config.SQL_DELIMITER,
    doublequote: doublequote ?? config.SQL_DOUBLEQUOTE,
    // null is a value of its own: no such character.
    escapechar: (escapechar === undefined ? config.SQL_ESCAPECHAR : escapechar) ?? null,
    quotechar: (quotechar === undefined ? config.SQL_QUOTECHAR : quotechar) ?? null,
    quoting: parseQuoting(quoting ?? config.SQL_QUOTING),
    dialect: dialect ?? config.SQL_DIALECT,
  };
}

function parseQuoting(word: string): CsvQuoting {
  const name = csvQuotings.find((quoting) => quoting === word.toLowerCase());
  if (name !== undefined) return name;
  throw new LavaError("BAD_CSV_FORMAT", `Bad quoting style: ${word.toUpperCase()}`, {
    retry: "never",
  });
}
