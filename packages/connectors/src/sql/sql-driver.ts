import type { ServerInfo, SqlColumn, SqlParameters, SqlValue } from "./client.ts";

/** What a driver is asked to run. */
export interface DriverStatement {
  readonly sql: string;
  readonly parameters: SqlParameters | undefined;
  /** Whether floats that are whole are told from ints (T-02). */
  readonly exact: boolean;
  /** Rows of one fetch; 0 when nobody reads the rows. */
  readonly batchSize: number;
}

/** A statement that a driver runs. */
export interface DriverResult {
  /** Undefined when the statement describes no result. */
  readonly columns: readonly SqlColumn[] | undefined;
  /** The next rows, one batch at most; undefined after the last. */
  next(): Promise<readonly (readonly SqlValue[])[] | undefined>;
  /** Rows that the statement changed. */
  readonly rowsAffected: number;
  /** Lets go of what was not fetched; never throws. */
  close(): Promise<void>;
}

/**
 * What differs between databases; {@link createSqlClient} makes a client of it. It is called for one thing at a time,
 * `stop` excepted. Faults are the driver's own: `toError` turns them into LavaErrors.
 */
export interface SqlDriver {
  readonly dialect: string;
  start(statement: DriverStatement): Promise<DriverResult>;
  /** Stops, on the server, what `start`, `next` or a copy waits for; that then fails. */
  stop(): Promise<void>;
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  server(): Promise<ServerInfo>;
  copyIn?(sql: string, source: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<number>;
  copyOut?(sql: string): AsyncIterable<Uint8Array>;
  toError(error: unknown, sql: string): unknown;
  close(): Promise<void>;
}
