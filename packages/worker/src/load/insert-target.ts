import { type FloatValue, LavaError } from "@lava/core";
import { type CsvReadFormat, readCsvRows } from "../sql/csv-reader.ts";
import { csvQuotings } from "../sql/csv-writer.ts";
import { type LoadObject, loadObjects, readObject } from "./load-objects.ts";
import { badOption, readLoadOptions } from "./load-options.ts";
import type { LoadTarget, TargetContext } from "./load-target.ts";
import { badName, type SqlTarget, sqlTarget } from "./sql-target.ts";
import type { LoadNames } from "./table-names.ts";

const OPTIONS = [
  ...["DELIMITER", "DOUBLEQUOTE", "ESCAPECHAR", "GZIP", "HEADER", "MANIFEST"],
  ...["QUOTECHAR", "QUOTING"],
];

/** What differs between databases that are loaded by INSERT. */
interface InsertDialect {
  readonly target: SqlTarget;
  /** One INSERT of several rows. */
  insert(head: string, rows: number, columns: number): string;
  /** Values that one statement may have. */
  readonly maxValues: number;
}

/** `sqlite3`, `oracle` and `mssql`: CSV is read by the worker and inserted (JOB-db_from_s3-36, 37). */
function insertTarget(
  host: TargetContext,
  dialect: InsertDialect,
  isQuotedName = true,
): LoadTarget {
  const { target } = dialect;
  return {
    ...target,
    async load(request, events) {
      const options = readLoadOptions(request.args, OPTIONS);
      const format = readFormat(options);
      const { schema, table } = request;
      const columns = request.columns ?? (await target.columns(request));
      if (columns.length === 0) {
        throw new LavaError("NO_SUCH_TABLE", `${schema}.${table}: Cannot get columns`);
      }
      const name = target.objectName(schema, table);
      const head = `INSERT INTO ${name}(${target.columnNames(columns).join(",")})`;
      events.push(`Running INSERTs for ${isQuotedName ? name : `${schema}.${table}`}`);
      const isManifest = options.has("MANIFEST");
      for await (const object of loadObjects(request, host.context, isManifest, events)) {
        events.push(`Inserting data from ${object.uri}`);
        const rows = await insertObject(object, head, columns.length, {
          host,
          dialect,
          options,
          format,
        });
        events.push(`Inserted ${rows} rows from ${object.uri}`);
      }
    },
  };
}

interface InsertRun {
  readonly host: TargetContext;
  readonly dialect: InsertDialect;
  readonly options: ReadonlyMap<string, string>;
  readonly format: CsvReadFormat;
}

async function insertObject(
  object: LoadObject,
  head: string,
  width: number,
  { host, dialect, options, format }: InsertRun,
): Promise<number> {
  const { client, context, signal } = host;
  const batchSize = Math.max(1, Math.min(500, Math.floor(dialect.maxValues / width)));
  const text = decode(readObject(object, context, options.has("GZIP")), object.uri);
  // By presence alone, whatever follows it (JOB-db_from_s3-37).
  let isHeader = options.has("HEADER");
  let rows = 0;
  let batch: (string | FloatValue)[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const sql = dialect.insert(head, batch.length / width, width);
    await client.execute(sql, { parameters: batch, signal });
    batch = [];
  };
  for await (const { fields, line, unclosed } of readCsvRows(text, format)) {
    if (unclosed !== undefined) {
      // The original loads the rest of the file as one value.
      const message = `${object.uri}: A quote is never closed (line ${unclosed})`;
      throw new LavaError("BAD_CSV", message, { retry: "never" });
    }
    if (isHeader) {
      isHeader = false;
      continue;
    }
    rows += 1;
    if (fields.length !== width) {
      throw new LavaError(
        "BAD_CSV",
        `${object.uri}: Expected ${width} columns but got ${fields.length} (line ${line})`,
        { retry: "never" },
      );
    }
    batch.push(...fields);
    if (batch.length >= batchSize * width) await flush();
  }
  await flush();
  return rows;
}

async function* decode(chunks: AsyncIterable<Uint8Array>, uri: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let line = 1;
  const read = (chunk?: Uint8Array): string => {
    try {
      const text = decoder.decode(chunk, { stream: chunk !== undefined });
      line += ends(text);
      return text;
    } catch (cause) {
      // What is wrong becomes a mark where errors are not fatal, so that the lines before it can be counted.
      const [good = ""] = new TextDecoder().decode(chunk).split("\u{fffd}", 1);
      const place = `${uri} is not UTF-8 text (line ${line + ends(good)})`;
      throw new LavaError("BAD_CSV", place, { cause, retry: "never" });
    }
  };
  for await (const chunk of chunks) yield read(chunk);
  yield read();
}

const ends = (text: string): number => text.split("\n").length - 1;

function readFormat(options: ReadonlyMap<string, string>): CsvReadFormat {
  const character = (name: string): string | undefined => {
    const option = options.get(name);
    if (option === undefined) return undefined;
    const found = / '(.)'$/su.exec(option)?.[1];
    if (found === undefined) throw badOption(`Bad ${name} value: ${option}`);
    return found;
  };
  const delimiter = character("DELIMITER");
  const escapechar = character("ESCAPECHAR");
  const quotechar = character("QUOTECHAR");
  const quoting = readQuoting(options.get("QUOTING"));
  return {
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(escapechar === undefined ? {} : { escapechar }),
    ...(quotechar === undefined ? {} : { quotechar }),
    ...(quoting === undefined ? {} : { quoting }),
  };
}

function readQuoting(option: string | undefined): string | undefined {
  if (option === undefined) return undefined;
  const word = /^QUOTING\s+'([A-Z]+)'\s*$/i.exec(option)?.[1];
  if (word === undefined) throw badOption(`Bad quoting spec: ${option}`);
  const name = csvQuotings.find((quoting) => quoting === word.toLowerCase());
  if (name === undefined) throw badOption(`Bad quoting style: ${word}`);
  return name;
}

const groups = (rows: number, group: (row: number) => string): string =>
  Array.from({ length: rows }, (_, row) => group(row)).join(",");

const marks = (count: number, mark: (position: number) => string): string =>
  Array.from({ length: count }, (_, index) => mark(index)).join(",");

/** `sqlite3` (JOB-db_from_s3-37). */
export function sqliteTarget(host: TargetContext): LoadTarget {
  const { client, signal } = host;
  const target = sqlTarget(host, { quotes: ['"', '"'], placeholder: () => "?" });
  // Only the INSERT names the schema, which is why it has to be "" or main.
  const alone = (names: LoadNames): LoadNames => ({ ...names, schema: "" });
  return insertTarget(host, {
    maxValues: 30_000,
    insert: (head, rows, columns) =>
      `${head} VALUES ${groups(rows, () => `(${marks(columns, () => "?")})`)}`,
    target: {
      ...target,
      async exists({ table }) {
        const sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?";
        return (await client.query(sql, { parameters: [table], signal })).length > 0;
      },
      async columns({ table }) {
        const sql = `PRAGMA table_info(${target.objectName(table)})`;
        return (await client.query(sql, { signal })).map(({ name }) => String(name));
      },
      isEmpty: (names) => target.isEmpty(alone(names)),
      async create(names, columns) {
        await target.create(alone(names), columns);
        // The INSERT will not find the table, which stays all the same (JOB-db_from_s3-37).
        if (names.schema === "" || names.schema === "main") return;
        await client.commit();
        await client.begin();
      },
      drop: (names) => target.drop(alone(names)),
      truncate: (names) => target.deleteAll(alone(names)),
      // It cannot be done in a transaction.
      afterTruncate: async () => void (await client.execute("VACUUM", { signal })),
    },
  });
}

/** `mssql`: names are in brackets. */
export function mssqlTarget(host: TargetContext): LoadTarget {
  return insertTarget(
    host,
    {
      // SQL Server takes 2100 values in one statement, and 1000 rows.
      maxValues: 2000,
      insert: (head, rows, columns) =>
        `${head} VALUES ${groups(rows, (row) => `(${marks(columns, (index) => `@p${row * columns + index + 1}`)})`)}`,
      target: sqlTarget(host, {
        quotes: ["[", "]"],
        placeholder: (position) => `@p${position}`,
        anyRow: (table) => `SELECT TOP 1 1 AS found FROM ${table}`,
      }),
    },
    false,
  );
}

/** `oracle` and `oracle-rds`: names are never quoted, so they are plain words. */
export function oracleTarget(host: TargetContext): LoadTarget {
  const { client, signal } = host;
  const target = sqlTarget(host, { quotes: ['"', '"'], placeholder: (position) => `:${position}` });
  const run = async (sql: string): Promise<void> => void (await client.execute(sql, { signal }));
  const objectName = (...parts: readonly string[]): string => {
    const bad = parts.find((part) => !/^[$#\p{L}\p{N}_]*$/u.test(part));
    if (bad !== undefined) throw badName(bad);
    return parts.filter((part) => part !== "").join(".");
  };
  const named = ({ schema, table }: LoadNames): string => objectName(schema, table);
  const ask = ({ schema, table }: LoadNames, sql: string) =>
    client.query(sql, { parameters: [schema.toUpperCase(), table.toUpperCase()], signal });
  const exists = async (names: LoadNames): Promise<boolean> =>
    (
      await ask(
        names,
        "SELECT 1 AS found FROM all_tables WHERE UPPER(owner) = :1 AND UPPER(table_name) = :2",
      )
    ).length > 0;
  return insertTarget(
    host,
    {
      maxValues: 30_000,
      insert: (head, rows, columns) =>
        `${head} ${Array.from({ length: rows }, (_, row) => `SELECT ${marks(columns, (index) => `:${row * columns + index + 1}`)} FROM dual`).join(" UNION ALL ")}`,
      target: {
        ...target,
        objectName,
        columnNames: (columns) =>
          columns.map((column) => objectName(column.split(" ", 1)[0] ?? "")),
        exists,
        async columns(names) {
          const rows = await ask(
            names,
            "SELECT column_name FROM all_tab_columns WHERE UPPER(owner) = :1 AND UPPER(table_name) = :2 ORDER BY column_id",
          );
          return rows.map((row) => String(Object.values(row)[0]));
        },
        async isEmpty(names) {
          const sql = `SELECT 1 AS found FROM ${named(names)} FETCH FIRST 1 ROWS ONLY`;
          return (await client.query(sql, { signal })).length === 0;
        },
        truncate: (names) => run(`TRUNCATE TABLE ${named(names)}`),
        create: (names, columns) => run(`CREATE TABLE ${named(names)} (${columns.join(", ")})`),
        async drop(names) {
          if (await exists(names)) await run(`DROP TABLE ${named(names)}`);
        },
        deleteAll: (names) => run(`DELETE FROM ${named(names)}`),
      },
    },
    false,
  );
}
