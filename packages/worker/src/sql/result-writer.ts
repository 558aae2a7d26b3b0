import type { SqlColumn, SqlValue } from "@lava/connectors";

/** Turns the results of queries into one text, or bytes. */
export interface ResultWriter {
  /** Whether one text can hold the results of several queries. */
  readonly severalResults: boolean;
  /** What comes before the rows of a result. */
  begin(columns: readonly SqlColumn[]): Written;
  rows(batch: readonly (readonly SqlValue[])[]): Written;
  /** What comes after them. */
  end(): Written;
}

/** The next part of a file; later where it is compressed. */
type Written = string | Uint8Array | Promise<Uint8Array>;
