import { pipeline } from "node:stream/promises";
import type { ConnectionOptions } from "node:tls";
import { LavaError } from "@lava/core";
import type { Client, FieldDef } from "pg";
import type {
  CopyOptions,
  SqlColumn,
  SqlCopyClient,
  SqlOptions,
  SqlParameters,
  SqlResult,
  SqlValue,
  StreamOptions,
} from "../client.ts";
import { inTransaction, rowsToObjects } from "../rows.ts";
import { type SqlTarget, statementCancelled } from "../sql-errors.ts";
import { sendCancelRequest } from "./cancel-request.ts";
import { createPortal, type Portal, type PortalRows } from "./portal.ts";
import { fromPostgresError, sqlState } from "./postgres-errors.ts";
import { postgresReader, postgresTypeName, toPostgresInput } from "./postgres-values.ts";

const BATCH_SIZE = 1024;

/** What a client is made of. */
export interface PostgresClientOptions {
  /** Connected. */
  readonly client: Client;
  readonly target: SqlTarget;
  /** TLS options of the connection; undefined without TLS. */
  readonly tls: ConnectionOptions | undefined;
  readonly dialect: "postgresql" | "redshift";
}

/**
 * A client for a PostgreSQL server, or one that speaks its protocol. Rows are fetched batch by batch through a
 * portal of the server, so that memory stays flat; a statement that is stopped is stopped on the server.
 */
export function createPostgresClient(options: PostgresClientOptions): SqlCopyClient {
  const { client, target, tls, dialect } = options;
  let cancelled: AbortController | undefined;
  let closed: Promise<void> | undefined;
  // A connection that breaks while nothing runs is told by the next statement.
  client.on("error", () => undefined);

  async function cancelOnServer(): Promise<void> {
    const processId: unknown = Reflect.get(client, "processID");
    const secretKey: unknown = Reflect.get(client, "secretKey");
    if (typeof processId !== "number" || typeof secretKey !== "number") return;
    await sendCancelRequest({ ...target, tls, processId, secretKey });
  }

  /** Runs `work`; while it does, an abort of one of the signals stops what the server does. */
  async function guarded<T>(
    sql: string,
    signals: readonly AbortSignal[],
    work: () => Promise<T>,
  ): Promise<T> {
    for (const signal of signals) signal.throwIfAborted();
    let request: Promise<void> | undefined;
    const stop = (): void => {
      request ??= cancelOnServer().catch(() => undefined);
    };
    for (const signal of signals) signal.addEventListener("abort", stop, { once: true });
    try {
      return await work();
    } catch (error) {
      for (const signal of signals) signal.throwIfAborted();
      throw fromPostgresError(error, sql, target);
    } finally {
      for (const signal of signals) signal.removeEventListener("abort", stop);
      // One that comes late must not hit the next statement.
      await request;
    }
  }

  async function stream(sql: string, given: StreamOptions = {}): Promise<SqlResult> {
    const { batchSize = BATCH_SIZE, signal, values } = given;
    const controller = new AbortController();
    cancelled = controller;
    const signals = signal === undefined ? [controller.signal] : [controller.signal, signal];
    const started = await guarded(sql, signals, () => start(client, sql, given, batchSize));
    const columns = started.rows.fields?.map(toColumn);
    const readers = started.rows.fields?.map(({ dataTypeID }) =>
      postgresReader(dataTypeID, values === "exact"),
    );
    const convert = (row: readonly (string | null)[]): SqlValue[] =>
      row.map((text, index) => (text === null ? null : (readers?.[index]?.(text) ?? text)));
    async function* batches(): AsyncGenerator<SqlValue[][]> {
      for (let fetched = started.rows; ;) {
        if (fetched.rows.length > 0) yield fetched.rows.map((row) => convert(row));
        const { portal } = started;
        if (fetched.tag !== undefined || portal === undefined) return;
        fetched = await guarded(sql, signals, () => portal.next(batchSize));
      }
    }
    const generator = batches();
    return {
      columns,
      batches: generator,
      async [Symbol.asyncDispose]() {
        if (cancelled === controller) cancelled = undefined;
        await generator.return(undefined);
        await started.portal?.close();
      },
    };
  }

  async function command(sql: string): Promise<string> {
    const portal = createPortal({ sql, values: [], rows: 0 });
    const { tag = "" } = await guarded(sql, [], () => client.query(portal).first());
    return tag;
  }

  const inBlock = (): boolean => client.getTransactionStatus() !== "I";
  const db: SqlCopyClient = {
    dialect,
    stream,
    async query(sql, given) {
      await using result = await stream(sql, given);
      return await rowsToObjects(result);
    },
    async execute(sql, { signal, parameters }: SqlOptions = {}) {
      const controller = new AbortController();
      cancelled = controller;
      const signals = signal === undefined ? [controller.signal] : [controller.signal, signal];
      try {
        const started = await guarded(sql, signals, () => start(client, sql, { parameters }, 0));
        return { rowsAffected: rowCount(started.rows.tag) };
      } finally {
        if (cancelled === controller) cancelled = undefined;
      }
    },
    transaction: (work) => inTransaction(db, work),
    async begin() {
      await command("BEGIN");
    },
    async commit() {
      if (!inBlock()) return;
      if ((await command("COMMIT")).startsWith("ROLLBACK")) {
        throw new LavaError(
          "SQL_ERROR",
          "The transaction was rolled back, because a statement in it had failed",
        );
      }
    },
    async rollback() {
      if (inBlock()) await command("ROLLBACK");
    },
    async cancel() {
      cancelled?.abort(statementCancelled());
    },
    async copyIn(sql, source, { signal }: CopyOptions = {}) {
      const { from } = await import("pg-copy-streams");
      const copy = from(sql);
      await guarded(sql, signal === undefined ? [] : [signal], async () => {
        await pipeline(source, client.query(copy), signal === undefined ? {} : { signal });
      });
      return { rowsAffected: copy.rowCount };
    },
    async *copyOut(sql, { signal }: CopyOptions = {}) {
      const { to } = await import("pg-copy-streams");
      const chunks: AsyncIterator<unknown> = client.query(to(sql))[Symbol.asyncIterator]();
      const signals = signal === undefined ? [] : [signal];
      let done = false;
      try {
        while (!done) {
          const next = await guarded(sql, signals, () => chunks.next());
          done = next.done === true;
          if (next.value instanceof Uint8Array) yield next.value;
        }
      } finally {
        if (!done) {
          await cancelOnServer().catch(() => undefined);
          await chunks.return?.();
        }
      }
    },
    [Symbol.asyncDispose]() {
      closed ??= client.end().catch(() => undefined);
      return closed;
    },
  };
  return db;
}

interface Started {
  /** Undefined for a text of several statements, whose last result is there as a whole. */
  readonly portal: Portal | undefined;
  readonly rows: PortalRows;
}

async function start(
  client: Client,
  sql: string,
  { parameters }: SqlOptions,
  rows: number,
): Promise<Started> {
  const values = bind(parameters);
  const portal = client.query(createPortal({ sql, values, rows }));
  try {
    return { portal, rows: await portal.first() };
  } catch (error) {
    // The extended protocol takes one statement; several of them, as `raw` gives them, go in the simple one.
    if (!isSeveralStatements(error) || values.length > 0) throw error;
  }
  return { portal: undefined, rows: await runSeveral(client, sql) };
}

function isSeveralStatements(error: unknown): boolean {
  return (
    sqlState(error) === "42601" &&
    error instanceof Error &&
    error.message.includes("multiple commands into a prepared statement")
  );
}

/** Runs a text of several statements; the last result is the result. */
async function runSeveral(client: Client, sql: string): Promise<PortalRows> {
  const asText = { getTypeParser: () => (text: string) => text };
  const answer: unknown = await client.query({ text: sql, rowMode: "array", types: asText });
  const results: readonly SimpleResult[] = Array.isArray(answer) ? answer : [answer];
  const last = results.findLast(({ fields }) => fields.length > 0) ?? results.at(-1);
  const { fields, rows, command, rowCount } = last ?? EMPTY;
  return {
    fields: fields.length > 0 ? fields : undefined,
    rows,
    tag: `${command ?? ""} ${rowCount ?? 0}`,
  };
}

interface SimpleResult {
  readonly fields: readonly FieldDef[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly command: string | null;
  readonly rowCount: number | null;
}

const EMPTY: SimpleResult = { fields: [], rows: [], command: "", rowCount: 0 };

function bind(parameters: SqlParameters | undefined): (string | Buffer | null)[] {
  if (parameters === undefined) return [];
  if (!isList(parameters)) {
    throw new LavaError("SQL_BAD_PARAMETER", "PostgreSQL fills placeholders by position: $1, $2", {
      hint: "Give the parameters as a list.",
    });
  }
  return parameters.map(toPostgresInput);
}

function isList(value: SqlParameters): value is readonly SqlValue[] {
  return Array.isArray(value);
}

function toColumn({ name, dataTypeID }: FieldDef): SqlColumn {
  const type = postgresTypeName(dataTypeID);
  return type === undefined ? { name } : { name, type };
}

/** The last word of `INSERT 0 5`, `UPDATE 2`; 0 for `CREATE TABLE`. */
function rowCount(tag = ""): number {
  const count = /\d+$/.exec(tag)?.[0];
  return count === undefined ? 0 : Number(count);
}
