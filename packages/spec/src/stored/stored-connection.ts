import { type DataMap, isTruthy } from "@lava/core";
import { parseRecord, shownField, textField } from "./record.ts";

/** A connection as it is read from the table; its fields are checked by its connector (CON-all-01, CON-all-17). */
export interface StoredConnection {
  readonly conn_id: string;
  /** In small letters (CON-all-02); as stored in `raw`. */
  readonly type: string;
  /** By truth, as the original has it; missing means no. */
  readonly enabled: boolean;
  readonly owner: string;
  readonly description: string;
  /** The whole item. */
  readonly raw: DataMap;
  readonly warnings: readonly string[];
}

/**
 * Reads an item of the connections table as the original does.
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD
 */
export function parseStoredConnection(item: unknown): StoredConnection {
  const raw = parseRecord("connection", item, ["conn_id", "type"]);
  const enabled = raw["enabled"];
  const conn_id = textField("connection", raw, "conn_id");
  return {
    conn_id,
    type: textField("connection", raw, "type").toLowerCase(),
    enabled: isTruthy(enabled),
    owner: shownField(raw, "owner"),
    description: shownField(raw, "description"),
    raw,
    warnings:
      typeof enabled === "string" ? [`${conn_id}: enabled is text; any text counts as true`] : [],
  };
}
