import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { connectSql, type SqlClient, type SqlResult } from "@lava/connectors";
import { errorText, LavaError } from "@lava/core";
import { outputName } from "../foreach/output-name.ts";
import type { Job, JobContext } from "../handler.ts";
import { cutPieces } from "../templates/cut-pieces.ts";
import { csvFormat } from "./csv-format.ts";
import { type CsvFormat, createCsvWriter } from "./csv-writer.ts";
import { splitStatements } from "./split-statements.ts";

/** SQL of a payload: a file, or an entry of the job itself. */
export interface SqlPiece {
  /** Key of its outputs in the result, head of their names. */
  readonly name: string;
  readonly text: string;
  /** The field of the job that holds it; errors of templates point there. */
  readonly path?: readonly (string | number)[];
}

/** What `sql` and `sqli` have in common. */
export type SqlJob = Job<"sql"> | Job<"sqli">;

/**
 * Runs the statements of all pieces on one connection; what selects something is written as CSV and stored
 * (JOB-sql-01..16). Returns the URIs of the outputs by piece.
 */
export async function runSql(
  job: SqlJob,
  pieces: readonly SqlPiece[],
  context: JobContext,
): Promise<Record<string, string[]>> {
  try {
    return await connectAndRun(job, pieces, context);
  } catch (error) {
    // The first fault is the one to tell, not that closing failed as well.
    throw error instanceof SuppressedError ? error.suppressed : error;
  }
}

async function connectAndRun(
  job: SqlJob,
  pieces: readonly SqlPiece[],
  context: JobContext,
): Promise<Record<string, string[]>> {
  const { parameters } = job;
  await using client = await connectSql(parameters.conn_id, {
    realm: context.realm,
    job_id: job.job_id,
  });
  const output: Record<string, string[]> = {};
  const runAll = async (): Promise<void> => {
    for (const piece of pieces) {
      output[piece.name] = [];
      await runPiece(piece, output[piece.name] ?? [], { client, job, context });
    }
  };
  await (parameters.transaction ? client.transaction(runAll) : runAll());
  return output;
}

interface SqlRun {
  readonly client: SqlClient;
  readonly job: SqlJob;
  readonly context: JobContext;
}

async function runPiece(
  { name, text, path = [name] }: SqlPiece,
  uris: string[],
  run: SqlRun,
): Promise<void> {
  const { parameters } = run.job;
  const { context } = run;
  const statements = parameters.raw ? [text] : splitStatements(text);
  for (const [number, { text: statement, place }] of cutPieces(text, statements, path).entries()) {
    context.signal.throwIfAborted();
    const rendered = parameters.jinja
      ? context.render(statement, { vars: parameters.vars }, place)
      : statement;
    // Some drivers refuse a `;` at the end. Pieces that are empty count all the same (JOB-sql-09).
    const sql = rendered.trim().replace(/;+$/, "");
    if (sql === "") continue;
    try {
      const uri = await runStatement(
        sql,
        `${name}.${number}${context.config.SQL_OUTPUT_SUFFIX}`,
        run,
      );
      if (uri !== undefined) uris.push(uri);
    } catch (error) {
      context.signal.throwIfAborted();
      throw atStatement(error, name, number, sql);
    }
  }
}

/** The driver's own text, with the place in the hint. */
function atStatement(error: unknown, name: string, number: number, sql: string): unknown {
  if (!(error instanceof LavaError)) return error;
  const start = sql.replace(/\s+/g, " ").slice(0, 80);
  const place = `Statement ${number} of ${name}: ${start}`;
  return new LavaError(error.code, errorText(error), {
    cause: error,
    retry: error.retry,
    hint: error.hint === undefined ? place : `${place} (${error.hint})`,
  });
}

async function runStatement(
  sql: string,
  name: string,
  { client, job, context }: SqlRun,
): Promise<string | undefined> {
  const { parameters } = job;
  await using result = await client.stream(sql, {
    batchSize: parameters.batch_size ?? context.config.SQL_BATCH_SIZE,
    values: "exact",
    signal: context.signal,
  });
  if (result.columns === undefined) return undefined;
  const folder = parameters.output ? [parameters.output] : [];
  const dir = join(context.tmpdir, ...folder);
  await mkdir(dir, { recursive: true });
  const path = join(dir, name);
  await writeCsv(path, result, csvFormat(parameters, context.config), parameters.header);
  const nested = context.lineage.length > 1;
  const key = [...folder, outputName(name, job.lava, nested)].join("/");
  return await context.realm.temp.putOutput(context.job, key, { file: path });
}

async function writeCsv(
  path: string,
  { columns = [], batches }: SqlResult,
  format: CsvFormat,
  header: boolean,
): Promise<void> {
  const writer = createCsvWriter(format);
  await using file = await open(path, "w");
  if (header) await file.appendFile(writer.row(columns.map(({ name }) => name)));
  for await (const batch of batches) {
    await file.appendFile(batch.map((row) => writer.row(row)).join(""));
  }
}
