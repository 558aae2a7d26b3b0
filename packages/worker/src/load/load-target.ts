import type { S3AccessKeys, S3Location, SqlClient } from "@lava/connectors";
import type { JobContext } from "../handler.ts";
import type { LoadNames } from "./table-names.ts";

/** What a load is told. */
export interface LoadRequest extends LoadNames {
  readonly source: S3Location;
  readonly args: readonly string[];
  /** `name type ...` of each column to load; all of the table when undefined. */
  readonly columns: readonly string[] | undefined;
  readonly minSize: number;
  readonly keys: S3AccessKeys | undefined;
  readonly role: string | undefined;
  /** Of the bucket. */
  readonly region: string;
}

/** What a target needs. */
export interface TargetContext {
  readonly client: SqlClient;
  readonly context: JobContext;
  readonly signal: AbortSignal;
  /** Names keep their case in quotes. */
  readonly preserveCase: boolean;
}

/** A kind of database that can be loaded from S3; the modes of `db_from_s3` are made of these. */
export interface LoadTarget {
  /** The name in SQL: quoted, in lower case unless the connection keeps case. @throws BAD_TABLE_NAME */
  objectName(...parts: readonly string[]): string;
  exists(names: LoadNames): Promise<boolean>;
  isEmpty(names: LoadNames): Promise<boolean>;
  /** Empties a table; where the database can, as a part of the transaction. */
  truncate(names: LoadNames): Promise<void>;
  /** What is done when a truncation is committed. */
  afterTruncate?(): Promise<void>;
  create(names: LoadNames, columns: readonly string[]): Promise<void>;
  drop(names: LoadNames): Promise<void>;
  deleteAll(names: LoadNames): Promise<void>;
  /** Loads, without a commit; adds what it does to `events`. */
  load(request: LoadRequest, events: string[]): Promise<void>;
}
