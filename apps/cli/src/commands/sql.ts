import { createReadStream } from "node:fs";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { CsvFormat, SqlFormat, SqlSource } from "@lava/worker";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";

interface SqlOptions extends RealmOptions {
  readonly connId: string;
  readonly appName?: string;
  readonly applicationName?: string;
  readonly batchSize: string;
  readonly format: string;
  readonly header?: boolean;
  readonly output?: string;
  readonly raw?: boolean;
  readonly multi?: boolean;
  readonly transaction?: boolean;
  readonly delimiter: string;
  readonly dialect: string;
  readonly doublequote?: boolean;
  readonly escapechar?: string;
  readonly quotechar: string;
  readonly quoting: string;
  readonly sortKeys?: boolean;
  readonly level: string;
  readonly tag: string;
}

const LEVELS = ["debug", "info", "warning", "error", "critical"];

/** `lava sql`, in the original `lava-sql` (CLI-155..165). */
export const registerSql: Register = (program, context) => {
  addRealmOptions(
    program
      .command("sql")
      .description("run SQL files over a connection and print what they select")
      .argument("[file...]", "SQL files, local or s3://bucket/key; - (default) is stdin")
      .requiredOption("-c, --conn-id <id>", "the connection")
      .option("-a, --app-name <name>", "name of this client at the server")
      .option("--application-name <name>", "the same")
      .option("-b, --batch-size <n>", "rows fetched at a time", "1024")
      .option("--format <format>", "csv, html, json, jsonl, parquet or xlsx", "csv")
      .option("--header", "names of the columns first (csv, html, xlsx)")
      .option("-o, --output <file>", "a file, or s3://bucket/key (default: stdout)")
      .option("--raw", "each file is one statement")
      .option("--multi", "several results, one after the other (csv, jsonl)")
      .option("--transaction", "all in one transaction")
      .option("--delimiter <char>", "between the fields of csv", "|")
      .option("--dialect <name>", "line ends of csv: excel, excel-tab or unix", "excel")
      .option("--doublequote", "double the quotes within fields of csv")
      .option("--escapechar <char>", "escapes others within fields of csv")
      .option("--quotechar <char>", "around quoted fields of csv", '"')
      .option("--quoting <style>", "which fields of csv are quoted", "minimal")
      .option("--sort-keys", "keys of JSON objects by name")
      .option("-l, --level <level>", `messages from this level on: ${LEVELS.join(", ")}`, "info")
      .option("--log <target>", "has no effect: messages go to stderr")
      .option("--no-colour", "has no effect: messages have no colours")
      .option("--no-color", "has no effect: messages have no colours")
      .option("--tag <text>", "before each message", "lava-sql")
      .addHelpText(
        "after",
        helpExamples(
          ["lava sql -c app/warehouse report.sql --header", "CSV on stdout"],
          ["echo 'select 1' | lava sql -c app/warehouse --format jsonl", "JSON lines"],
        ),
      ),
  ).action((files: string[], options: SqlOptions) => sql(files, options, context));
};

async function sql(
  files: readonly string[],
  options: SqlOptions,
  context: CliContext,
): Promise<void> {
  const { runSqlFiles } = await import("@lava/worker");
  const read = await readOptions(options);
  await withRealm(options, context, async (realm, { env }) => {
    const { connectSql } = await import("@lava/connectors");
    await using client = await connectSql(options.connId, {
      realm,
      env,
      applicationName: options.appName ?? options.applicationName,
    });
    await using output = await openOutput(options.output, realm, context);
    await runSqlFiles({
      client,
      sources: readSources(files.length === 0 ? ["-"] : files, realm, context),
      ...read,
      header: options.header ?? false,
      raw: options.raw ?? false,
      multi: options.multi ?? false,
      transaction: options.transaction ?? false,
      sortKeys: options.sortKeys ?? false,
      signal: context.signal,
      write: (content) => output.write(content),
      log(level, message) {
        if (LEVELS.indexOf(level) < LEVELS.indexOf(options.level)) return;
        context.stderr.write(`${options.tag}: MainThread: ${message}\n`);
      },
    });
    await output.complete();
  });
}

interface ReadOptions {
  readonly format: SqlFormat;
  readonly csv: CsvFormat;
  readonly batchSize: number;
}

async function readOptions(options: SqlOptions): Promise<ReadOptions> {
  const { csvQuotings, sqlFormats } = await import("@lava/worker");
  const usage = (message: string): LavaError =>
    new LavaError("BAD_OPTIONS", message, { kind: "usage" });
  const batchSize = Number(options.batchSize);
  if (!Number.isInteger(batchSize)) throw usage(`--batch-size: ${options.batchSize} is no number`);
  if (batchSize < 1) throw usage("Batch size must be >= 1.");
  const format = sqlFormats.find((name) => name === options.format);
  if (format === undefined) {
    throw usage(`--format: ${options.format} is none of ${sqlFormats.join(", ")}`);
  }
  if (!LEVELS.includes(options.level)) {
    throw usage(`--level: ${options.level} is none of ${LEVELS.join(", ")}`);
  }
  const quoting = csvQuotings.find((name) => name === options.quoting.toLowerCase());
  if (quoting === undefined) throw usage(`Bad quoting style: ${options.quoting}`);
  const { delimiter, dialect, doublequote = false, escapechar = null, quotechar } = options;
  return {
    format,
    batchSize,
    csv: { delimiter, dialect, doublequote, escapechar, quotechar, quoting },
  };
}

async function* readSources(
  files: readonly string[],
  realm: Realm,
  { cwd, stdin }: CliContext,
): AsyncGenerator<SqlSource> {
  const { openS3Object, toS3Location } = await import("@lava/connectors");
  for (const name of files) {
    const location = toS3Location(name);
    const stream =
      name === "" || name === "-"
        ? stdin
        : location === undefined
          ? createReadStream(join(name.startsWith("/") ? "" : cwd, name))
          : (await openS3Object(realm.clients, location)).body;
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(Buffer.from(part));
    yield { name, text: Buffer.concat(parts).toString("utf8") };
  }
}

/** Where results go; what is not completed is removed. */
interface Output extends AsyncDisposable {
  /** The bytes are the caller's again when it resolves. */
  write(content: string | Uint8Array): Promise<void>;
  complete(): Promise<void>;
}

/** Resolves when the content is written, or nobody reads any more. */
async function writeThrough(
  stdout: CliContext["stdout"],
  content: string | Uint8Array,
): Promise<void> {
  if (stdout instanceof Writable) {
    await new Promise<void>((resolve) => stdout.write(content, () => resolve()));
  } else stdout.write(content);
}

async function openOutput(
  name: string | undefined,
  realm: Realm,
  { cwd, stdout }: CliContext,
): Promise<Output> {
  if (name === undefined) {
    const none = (): Promise<void> => Promise.resolve();
    return {
      // A reader that is slower than the database must not make it all pile up here.
      write: (content) => writeThrough(stdout, content),
      complete: none,
      [Symbol.asyncDispose]: none,
    };
  }
  const { putS3File, toS3Location } = await import("@lava/connectors");
  const location = toS3Location(name);
  const folder = location === undefined ? undefined : await mkdtemp(join(tmpdir(), "lava-sql-"));
  const path =
    folder === undefined ? join(name.startsWith("/") ? "" : cwd, name) : join(folder, "output");
  const file = await open(path, "w");
  let isComplete = false;
  return {
    write: (content) => file.appendFile(content),
    async complete() {
      await file.close();
      if (location !== undefined) {
        await putS3File(realm.clients, location, path);
      }
      isComplete = true;
    },
    async [Symbol.asyncDispose]() {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
      else if (!isComplete && (await stat(path)).isFile()) await rm(path, { force: true });
      if (!isComplete) await file.close();
    },
  };
}
