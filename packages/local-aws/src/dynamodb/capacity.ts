import { choiceOf } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import type { Index, Table } from "./table.ts";

/** The member ConsumedCapacity of an answer, where the request asks for it. */
export function consumedCapacity(
  input: JsonObject,
  table: Table,
  units: number,
  index?: Index,
): { ConsumedCapacity?: object } {
  const mode = choiceOf(input, "ReturnConsumedCapacity", ["INDEXES", "TOTAL", "NONE"]);
  if (mode === undefined || mode === "NONE") return {};
  return { ConsumedCapacity: capacityOf(mode, table, units, index) };
}

/** One entry of ConsumedCapacity. */
export function capacityOf(
  mode: "INDEXES" | "TOTAL",
  table: Table,
  units: number,
  index?: Index,
): object {
  const total = { TableName: table.name, CapacityUnits: units };
  if (mode === "TOTAL") return total;
  if (index === undefined) return { ...total, Table: { CapacityUnits: units } };
  const member = index.kind === "global" ? "GlobalSecondaryIndexes" : "LocalSecondaryIndexes";
  return {
    ...total,
    Table: { CapacityUnits: 0 },
    [member]: { [index.name]: { CapacityUnits: units } },
  };
}

/** Units of a read: 4 KB each, half for one that may be stale. */
export function readUnits(size: number, consistent: boolean): number {
  return Math.max(1, Math.ceil(size / 4096)) * (consistent ? 1 : 0.5);
}

/** Units of a write: 1 KB each. */
export function writeUnits(size: number): number {
  return Math.max(1, Math.ceil(size / 1024));
}
