import { open } from "node:fs/promises";
import { join } from "node:path";
import { connectSql } from "@lava/connectors";
import { errorText, LavaError } from "@lava/core";
import { defineHandler, type Job, type JobContext, type PayloadFile } from "../handler.ts";
import { csvFormat } from "../sql/csv-format.ts";
import { readSqlFile } from "../sql/read-sql-file.ts";
import { sqlFormats } from "../sql/result-writers.ts";
import { runSqlFiles, type SqlSource } from "../sql/run-sql-files.ts";
import { readHeadOrTail } from "../stderr-text.ts";
import { renderPayloadFile } from "../templates/file-renderer.ts";
import { withinTimeout } from "../within-timeout.ts";

/** `sqlv`: runs SQL files as lava-sql does, all results into one output (JOB-sqlv-01..07). */
export const sqlv = defineHandler({
  type: "sqlv",
  async run(job, context) {
    const { jinja, vars } = job.parameters;
    const files = await context.downloadPayload({
      payload: job.payload,
      maxSize: context.config.SQL_MAX_PAYLOAD_SIZE,
    });
    const sources: SqlSource[] = [];
    for (const file of files) {
      const text = await readSqlFile(file);
      // As the program names them, the job's own directory left out.
      sources.push({ name: file.name, text: jinja ? render(file, text, { vars }, context) : text });
    }
    const folder =
      context.lineage.length === 1 ? context.tmpdir : await context.makeTempDir("sqlv-", ".d");
    const stdout = join(folder, "stdout");
    const stderr = join(folder, "stderr");
    const error = await runProgram(job, sources, { stdout, stderr }, context);
    context.signal.throwIfAborted();
    const isLate = error instanceof LavaError && error.code === "JOB_TIMEOUT";
    const exit_status = error === undefined ? 0 : isLate ? 28 : 1;
    const uris = {
      // What was written before a failure is not the whole result.
      stdout: await context.uploadOutput(stdout, "stdout"),
      stderr: await context.uploadOutput(stderr, "stderr"),
    };
    const output = [
      {
        exit_status,
        ...(uris.stdout === undefined ? {} : { stdout: uris.stdout }),
        ...(uris.stderr === undefined ? {} : { stderr: uris.stderr }),
      },
    ];
    if (error === undefined) return { exit_status, output };
    const message = isLate ? error.message : "Failed with exit status 1";
    const said = isLate ? {} : { error: await readHeadOrTail(stderr, context.config.STDERR_SIZE) };
    throw new LavaError("PROGRAM_FAILED", message, {
      cause: error,
      data: { exit_status, output, ...said },
    });
  },
});

function render(
  file: PayloadFile,
  text: string,
  extra: Parameters<typeof renderPayloadFile>[2],
  context: JobContext,
): string {
  try {
    return renderPayloadFile(file, text, extra, context);
  } catch (error) {
    const why = `Jinja2 render failed on ${file.name}: ${errorText(error)}`;
    throw new LavaError("PROGRAM_FAILED", "Failed with exit status 1", {
      cause: error,
      data: { exit_status: 1, output: [], error: why },
    });
  }
}

const LEVELS = ["debug", "info", "warning", "error", "critical"];

/** Runs it all, and puts what lava-sql would print into two files; gives what went wrong. */
async function runProgram(
  job: Job<"sqlv">,
  sources: readonly SqlSource[],
  files: { readonly stdout: string; readonly stderr: string },
  context: JobContext,
): Promise<unknown> {
  const { parameters } = job;
  const { clock, config, killGraceMs, realm, signal } = context;
  await using out = await open(files.stdout, "w", 0o600);
  await using messages = await open(files.stderr, "w", 0o600);
  const level = LEVELS.indexOf(parameters.level ?? "info");
  const say = (own: string, message: string): void => {
    const isWanted = LEVELS.indexOf(own) >= level;
    if (isWanted) lines.push(`${job.job_id}:${job.run_id}: MainThread: ${message}\n`);
  };
  const lines: string[] = [];
  try {
    const format = sqlFormats.find((name) => name === (parameters.format ?? "csv"));
    if (format === undefined) {
      throw new LavaError(
        "BAD_SQL_FORMAT",
        `Format ${parameters.format} is not available: there are ${sqlFormats.join(", ")}`,
        { retry: "never" },
      );
    }
    const host = { signal, clock, graceMs: killGraceMs };
    await withinTimeout(parameters.timeout ?? config.SQLV_TIMEOUT, host, async (limited) => {
      await using client = await connectSql(parameters.conn_id, {
        realm,
        job_id: job.job_id,
        env: context.env,
        tmpdir: context.tmpdir,
      });
      await runSqlFiles({
        client,
        sources,
        format,
        csv: csvFormat(parameters, config),
        header: parameters.header,
        raw: parameters.raw,
        multi: true,
        transaction: parameters.transaction,
        batchSize: parameters.batch_size ?? config.SQL_BATCH_SIZE,
        sortKeys: false,
        signal: limited,
        write: (content) => out.appendFile(content),
        log: say,
      });
    });
    return undefined;
  } catch (thrown) {
    const error: unknown = thrown instanceof SuppressedError ? thrown.suppressed : thrown;
    say("error", errorText(error));
    return error;
  } finally {
    await messages.appendFile(lines.join(""));
  }
}
