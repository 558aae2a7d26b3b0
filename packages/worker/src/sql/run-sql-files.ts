import type { SqlClient } from "@lava/connectors";
import { errorText, LavaError } from "@lava/core";
import { type CopiedCsv, copyCsv } from "./copy-csv.ts";
import type { ResultWriter } from "./result-writer.ts";
import { createResultWriter, type ResultFormat } from "./result-writers.ts";
import { splitStatements } from "./split-statements.ts";

/** A text of SQL with its name. */
export interface SqlSource {
  readonly name: string;
  readonly text: string;
}

/** What lava-sql does. */
export interface SqlFilesOptions extends ResultFormat {
  readonly client: SqlClient;
  readonly sources: AsyncIterable<SqlSource> | Iterable<SqlSource>;
  /** Each source is one statement. */
  readonly raw: boolean;
  /** Several results may follow each other in the output, where its format can hold them (CLI-165). */
  readonly multi: boolean;
  /** One transaction over all of them (CLI-157). */
  readonly transaction: boolean;
  /** Rows fetched at a time. */
  readonly batchSize: number;
  readonly signal: AbortSignal;
  /** Takes what is to be in the output; bytes may be overwritten once it resolves. */
  write(text: string | Uint8Array): Promise<void>;
  /** Told what was done. */
  log(level: "debug" | "info" | "error", message: string): void;
}

/**
 * Runs SQL files and writes all that they select into one output (CLI-155..164).
 *
 * @throws {LavaError} what the database says, with `<file>: Rollback : ` before it in a transaction; SEVERAL_RESULTS
 * where the format holds one result only
 */
export async function runSqlFiles(options: SqlFilesOptions): Promise<void> {
  const { client, log, transaction } = options;
  const writer = await createResultWriter(options);
  const results = { count: 0 };
  let current: string | undefined;
  const runAll = async (): Promise<void> => {
    for await (const source of options.sources) {
      current = source.name;
      const { queries, rows } = await runFile(source, writer, results, options);
      const query = queries === 1 ? "query" : "queries";
      const row = rows === 1 ? "row" : "rows";
      log("info", `${source.name}: ${queries} ${query} completed, ${rows} ${row} returned`);
    }
  };
  if (!transaction) return runAll();
  log("info", "Starting transaction");
  await client.begin();
  try {
    await runAll();
  } catch (error) {
    await client.rollback().catch(() => undefined);
    if (current === undefined || options.signal.aborted) throw error;
    throw renamed(error, `${current}: Rollback : ${errorText(error)}`);
  }
  log("info", "Committing transaction");
  await client.commit();
}

async function runFile(
  { name, text }: SqlSource,
  writer: ResultWriter,
  results: { count: number },
  options: SqlFilesOptions,
): Promise<{ readonly queries: number; readonly rows: number }> {
  const { log, raw, signal } = options;
  const statements = raw ? [text] : splitStatements(text);
  let rows = 0;
  for (const [index, statement] of statements.entries()) {
    signal.throwIfAborted();
    const sql = statement.trim().replace(/;+$/, "");
    if (sql === "") {
      log("debug", `Skipping empty SQL statement # ${index + 1}`);
      continue;
    }
    log("debug", `Preparing SQL ${index + 1}: ${sql}`);
    try {
      rows += await runStatement(sql, `${name}: Statement ${index + 1}`, writer, results, options);
    } catch (error) {
      // What the database says does not tell which statement it means.
      if (!signal.aborted) log("error", `${name}: Statement ${index + 1}: ${excerpt(sql)}`);
      throw error;
    }
  }
  return { queries: statements.length, rows };
}

/** The beginning of a statement, in one line. */
const excerpt = (sql: string): string => sql.replace(/\s+/g, " ").slice(0, 80);

/** Runs one statement and writes what it selects; the count of rows. */
async function runStatement(
  sql: string,
  place: string,
  writer: ResultWriter,
  results: { count: number },
  options: SqlFilesOptions,
): Promise<number> {
  const { batchSize, client, signal } = options;
  const countResult = (): void => {
    results.count += 1;
    if (results.count > 1) requireSeveral(place, writer, options);
  };
  const copied = await copy(sql, options);
  if (copied !== undefined) {
    countResult();
    for await (const chunk of copied.chunks) await options.write(chunk);
    return copied.rows;
  }
  await using result = await client.stream(sql, { batchSize, signal, values: "exact" });
  if (result.columns === undefined) return 0;
  countResult();
  let rows = 0;
  await options.write(await writer.begin(result.columns));
  for await (const batch of result.batches) {
    await options.write(await writer.rows(batch));
    rows += batch.length;
  }
  await options.write(await writer.end());
  return rows;
}

/** @throws {LavaError} SEVERAL_RESULTS where a second result would not be told from the first */
function requireSeveral(
  place: string,
  { severalResults }: ResultWriter,
  { format, multi }: SqlFilesOptions,
): void {
  if (severalResults && multi) return;
  throw new LavaError(
    "SEVERAL_RESULTS",
    `${place} returns rows, and so did an earlier one: ${severalResults ? "an output" : format} holds one result`,
    {
      retry: "never",
      hint: severalResults
        ? "Run the statements one by one, or have all results follow each other by --multi."
        : "Write csv or jsonl with --multi, or run the statements one by one.",
    },
  );
}

/** CSV of a database that can write it by itself. */
async function copy(
  sql: string,
  { client, csv, format, header, signal, transaction: inTransaction }: SqlFilesOptions,
): Promise<CopiedCsv | undefined> {
  if (format !== "csv") return undefined;
  return await copyCsv(sql, { client, format: csv, header, signal, inTransaction });
}

function renamed(error: unknown, message: string): LavaError {
  return error instanceof LavaError
    ? new LavaError(error.code, message, { cause: error, retry: error.retry, hint: error.hint })
    : new LavaError("SQL_ERROR", message, { cause: error });
}
