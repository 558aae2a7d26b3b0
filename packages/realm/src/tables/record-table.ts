import type { DataMap } from "@lava/core";

/** Condition of a write, for callers that decided on what they saw. */
export interface WriteOptions {
  /** The item as it was seen; `null` when it was seen to be absent. Without it the write is unconditional. */
  readonly expected?: DataMap | null;
}

/** What {@link RecordTable.list} may be told. */
export interface ListOptions {
  /** Only records of this type, worker or dispatcher, judged by the table's side. */
  readonly where?: Readonly<Record<string, string>>;
  /** Called for each record that cannot be read; without it the fault is logged as a warning. */
  readonly onUnreadable?: (id: string, error: unknown) => void;
}

/** One table of records: `T` is a record as its schema reads it, items are as they are stored. */
export interface RecordTable<T> {
  /** Name of the table. */
  readonly table: string;
  /** Name of the key attribute: `job_id`, `conn_id`, `trigger_id` or `realm`. */
  readonly key: string;
  /** The record; undefined when there is none. @throws what the schema throws for a bad record. */
  get(id: string): Promise<T | undefined>;
  /** All records that can be read, sorted by id. */
  list(options?: ListOptions): Promise<T[]>;
  /** The item as it is stored. */
  getItem(id: string): Promise<DataMap | undefined>;
  /** All items as they are stored, sorted by id. */
  listItems(options?: Pick<ListOptions, "where">): Promise<DataMap[]>;
  /** Stores an item whole. @throws {LavaError} RECORD_CHANGED when it is not as expected. */
  put(item: DataMap, options?: WriteOptions): Promise<void>;
  /** Removes an item. @throws {LavaError} RECORD_CHANGED when it is not as expected. */
  delete(id: string, options?: WriteOptions): Promise<void>;
}
