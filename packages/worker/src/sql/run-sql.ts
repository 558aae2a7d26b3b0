import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { connectSql, type SqlClient, type SqlResult } from "@lava/connectors";
import { errorText, LavaError } from "@lava/core";
import { outputName } from "../foreach/output-name.ts";
import type { Job, JobContext } from "../handler.ts";
import { cutPieces } from "../templates/cut-pieces.ts";
import { withinTimeout } from "../within-timeout.ts";
import { copyToFile } from "./copy-to-file.ts";
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
  /** Name of the file that it is; errors of templates name it. */
  readonly file?: string;
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
  const { signal, clock, killGraceMs } = context;
  const host = { signal, clock, graceMs: killGraceMs };
  warnOfSameNames(pieces, context);
  try {
    return await withinTimeout(job.parameters.timeout, host, (limited) =>
      connectAndRun(job, pieces, context, limited),
    );
  } catch (error) {
    // The first fault is the one to tell, not that closing failed as well.
    throw error instanceof SuppressedError ? error.suppressed : error;
  }
}

async function connectAndRun(
  job: SqlJob,
  pieces: readonly SqlPiece[],
  context: JobContext,
  signal: AbortSignal,
): Promise<Record<string, string[]>> {
  const { parameters } = job;
  await using client = await connectSql(parameters.conn_id, {
    realm: context.realm,
    job_id: job.job_id,
  });
  const output: Record<string, string[]> = {};
  // Children of one job share its directory, and may run at the same time (WK-085).
  const folder =
    context.lineage.length > 1 ? await context.makeTempDir("sql-", ".d") : context.tmpdir;
  const runAll = async (): Promise<void> => {
    for (const piece of pieces) {
      output[piece.name] = [];
      await runPiece(piece, output[piece.name] ?? [], { client, job, context, signal, folder });
    }
  };
  await (parameters.transaction ? client.transaction(runAll) : runAll());
  return output;
}

interface SqlRun {
  readonly client: SqlClient;
  readonly job: SqlJob;
  readonly context: JobContext;
  readonly signal: AbortSignal;
  /** Where outputs are until they are in S3. */
  readonly folder: string;
}

/** Files of one name have the same key in the result, and the same names of outputs (JOB-sql-14). */
function warnOfSameNames(pieces: readonly SqlPiece[], { logger }: JobContext): void {
  const seen = new Set<string>();
  for (const { name } of pieces) {
    if (seen.has(name)) {
      logger.warn(
        { code: "SAME_PAYLOAD_NAME", file: name },
        `The payload has more than one file ${name}: outputs of the later one replace those of the earlier`,
      );
    }
    seen.add(name);
  }
}

async function runPiece(
  { name, text, path = ["payload"], file }: SqlPiece,
  uris: string[],
  run: SqlRun,
): Promise<void> {
  const { parameters } = run.job;
  const { context, signal } = run;
  const statements = parameters.raw ? [text] : splitStatements(text);
  for (const [number, { text: statement, place }] of cutPieces(text, statements, path).entries()) {
    signal.throwIfAborted();
    const rendered = parameters.jinja
      ? context.render(
          statement,
          { vars: parameters.vars },
          file === undefined ? place : { ...place, file },
        )
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
      signal.throwIfAborted();
      throw atStatement(error, { name, number, sql }, context);
    }
  }
}

/** The driver's own text, with the place in the hint; events have no hints, so it goes into the log as well. */
function atStatement(
  error: unknown,
  { name, number, sql }: { readonly name: string; readonly number: number; readonly sql: string },
  { logger }: JobContext,
): unknown {
  if (!(error instanceof LavaError)) return error;
  const start = sql.replace(/\s+/g, " ").slice(0, 80);
  const place = `Statement ${number} of ${name}: ${start}`;
  const hint = error.hint === undefined ? place : `${place} (${error.hint})`;
  logger.error({ code: error.code, statement: number, payload: name, ...error.data }, hint);
  return new LavaError(error.code, errorText(error), { cause: error, retry: error.retry, hint });
}

async function runStatement(sql: string, name: string, run: SqlRun): Promise<string | undefined> {
  const { client, job, context, signal, folder: base } = run;
  const { parameters } = job;
  const format = csvFormat(parameters, context.config);
  const folder = parameters.output ? [parameters.output] : [];
  const dir = join(base, ...folder);
  const path = join(dir, name);
  const open = async (): Promise<void> => void (await mkdir(dir, { recursive: true }));
  const copied = parameters.transaction
    ? false
    : await copyToFile(sql, { client, format, header: parameters.header, path, signal, open });
  if (!copied) {
    await using result = await client.stream(sql, {
      batchSize: parameters.batch_size ?? context.config.SQL_BATCH_SIZE,
      values: "exact",
      signal,
    });
    if (result.columns === undefined) return undefined;
    await open();
    await writeCsv(path, result, format, parameters.header);
  }
  const nested = context.lineage.length > 1;
  const key = [...folder, outputName(name, job.lava, nested)].join("/");
  const uri = await context.realm.temp.putOutput(context.job, key, { file: path });
  // Outputs of a long run must not fill the disk.
  await rm(path);
  return uri;
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
