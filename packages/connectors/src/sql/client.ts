import type { Data } from "@lava/core";

/** A value of a row: exact (core's Data) or plain (numbers as numbers), see {@link SqlOptions}. */
export type SqlValue = Data;

/** Values for the placeholders of a statement: by position, or by name. */
export type SqlParameters = readonly SqlValue[] | Readonly<Record<string, SqlValue>>;

/** A column of a result. */
export interface SqlColumn {
  readonly name: string;
  /** The type as the database names it, where it does. */
  readonly type?: string;
}

/** Options of one statement. */
export interface SqlOptions {
  readonly parameters?: SqlParameters;
  /** Aborting stops the statement; the call throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * `plain` (default): numbers are JavaScript numbers, whole ones beyond 2^53 bigint. `exact`: core's Data, in
   * which a float that happens to be whole is a FloatValue, so that it prints as Python prints it (T-02).
   */
  readonly values?: "plain" | "exact";
}

/** Options of {@link SqlClient.stream}. */
export interface StreamOptions extends SqlOptions {
  /** Rows fetched at a time, 1024 by default. */
  readonly batchSize?: number;
}

/**
 * A running statement. `columns` is undefined when it describes no result (DDL, an INSERT). Batches are fetched as
 * they are asked for; disposal ends the statement whether or not all were.
 */
export interface SqlResult extends AsyncDisposable {
  readonly columns: readonly SqlColumn[] | undefined;
  readonly batches: AsyncIterable<readonly (readonly SqlValue[])[]>;
}

/** Who answers at the other end; nothing of it is secret. */
export interface ServerInfo {
  /** Product and version: `PostgreSQL 15.7`. */
  readonly version: string;
  /** Version of TLS on this connection (`TLSv1.3`); undefined where there is none, or nobody can tell. */
  readonly tls: string | undefined;
}

/** A row by column name. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** What checks and types rows: any schema of zod, or a function that throws. */
export interface RowSchema<Row> {
  parse(row: unknown): Row;
}

/**
 * A connection to a database. Statements run one at a time, in the order of the calls; while a result of `stream` or
 * `copyOut` is being read, another one is refused (SQL_BUSY). Outside of a transaction each commits by itself.
 *
 * @example
 *   await using db = await connect("my-db", { realm: "prod", type: "sqlite3" });
 *   const rows = await db.query("select name from cities where state = ?", { parameters: ["WA"] });
 */
export interface SqlClient extends AsyncDisposable {
  /** `sqlite3`, `postgresql`, ... as the original names dialects (CON-all-15). */
  readonly dialect: string;
  /**
   * All rows of one statement, each as `row` reads it (a zod schema, say).
   *
   * @throws {LavaError} SQL_BAD_ROW for a row that it refuses
   */
  query<Row>(sql: string, options: SqlOptions & { readonly row: RowSchema<Row> }): Promise<Row[]>;
  /** All rows of one statement, as objects. */
  query(sql: string, options?: SqlOptions): Promise<SqlRow[]>;
  /** Starts one statement and gives its rows batch by batch, in flat memory. */
  stream(sql: string, options?: StreamOptions): Promise<SqlResult>;
  /** Runs one statement for its effect. */
  execute(sql: string, options?: SqlOptions): Promise<{ readonly rowsAffected: number }>;
  /** Runs `work` in a transaction: committed when it returns, rolled back when it throws. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  begin(): Promise<void>;
  /** Does nothing when no transaction is open (DDL may have ended it, T-48). */
  commit(): Promise<void>;
  /** Does nothing when no transaction is open. */
  rollback(): Promise<void>;
  /** Stops the statement that is running, if any; on the server too. */
  cancel(): Promise<void>;
  /** Asks the server who it is. */
  server(): Promise<ServerInfo>;
  /**
   * Sends bytes into the database by its own statement for that (`COPY .. FROM STDIN`, `LOAD DATA LOCAL INFILE`), as
   * fast as it takes them. Nothing of a copy that fails or is aborted stays. Absent where a database has no such
   * statement.
   */
  copyIn?(
    sql: string,
    source: AsyncIterable<Uint8Array>,
    options?: CopyOptions,
  ): Promise<{ readonly rowsAffected: number }>;
  /** The bytes that the database sends for a statement (`COPY .. TO STDOUT`), as fast as they are taken. */
  copyOut?(sql: string, options?: CopyOptions): AsyncIterable<Uint8Array>;
}

/** Options of a copy. */
export type CopyOptions = Pick<SqlOptions, "signal">;

/** A client of a database that takes bytes in. */
export type SqlCopyInClient = SqlClient & Required<Pick<SqlClient, "copyIn">>;

/** A client of a database that takes bytes in and gives them out. */
export type SqlCopyClient = SqlClient & Required<Pick<SqlClient, "copyIn" | "copyOut">>;
