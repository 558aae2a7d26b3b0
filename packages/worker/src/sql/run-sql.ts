import { connectSql, type SqlClient } from "@lava/connectors";
import { errorText, LavaError } from "@lava/core";
import { outputName } from "../foreach/output-name.ts";
import type { Job, JobContext } from "../handler.ts";
import { cutPieces } from "../templates/cut-pieces.ts";
import { withinTimeout } from "../within-timeout.ts";
import { copyCsv } from "./copy-csv.ts";
import { csvChunks } from "./csv-chunks.ts";
import { csvFormat } from "./csv-format.ts";
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
  const runAll = async (): Promise<void> => {
    for (const piece of pieces) {
      output[piece.name] = [];
      await runPiece(piece, output[piece.name] ?? [], { client, job, context, signal });
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

/** What a statement selects goes into S3 as it comes, without a file between; a part of it is never stored. */
async function runStatement(sql: string, name: string, run: SqlRun): Promise<string | undefined> {
  const { client, job, context, signal } = run;
  const { parameters } = job;
  const { header, transaction: inTransaction } = parameters;
  const format = csvFormat(parameters, context.config);
  const nested = context.lineage.length > 1;
  const key = [
    ...(parameters.output ? [parameters.output] : []),
    outputName(name, job.lava, nested),
  ].join("/");
  const store = (stream: AsyncIterable<Uint8Array>): Promise<string> =>
    context.realm.temp.putOutput(context.job, key, { stream });
  const copied = await copyCsv(sql, { client, format, header, signal, inTransaction });
  if (copied !== undefined) return await store(copied.chunks);
  await using result = await client.stream(sql, {
    batchSize: parameters.batch_size ?? context.config.SQL_BATCH_SIZE,
    values: "exact",
    signal,
  });
  if (result.columns === undefined) return undefined;
  return await store(csvChunks(result, format, header));
}
