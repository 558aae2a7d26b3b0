import type { EngineContext } from "../engine.ts";
import { notImplemented } from "../errors.ts";
import { required, textOf } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import type { Items } from "./items.ts";
import type { Table } from "./table.ts";
import type { Tables } from "./tables.ts";

/** What all operations share. */
export interface Resources {
  readonly context: EngineContext;
  readonly tables: Tables;
  readonly items: Items;
}

/** The table that an input names. */
export function tableOf(resources: Resources, input: JsonObject): Table {
  return resources.tables.get(required(textOf(input, "TableName"), "TableName"));
}

const LEGACY = [
  "AttributesToGet",
  "AttributeUpdates",
  "ConditionalOperator",
  "Expected",
  "KeyConditions",
  "QueryFilter",
  "ScanFilter",
];

/** Refuses the parameters that expressions replaced in 2014. */
export function refuseLegacy(input: JsonObject): void {
  const legacy = LEGACY.find((name) => input[name] !== undefined && input[name] !== null);
  if (legacy !== undefined) throw notImplemented("dynamodb", `legacy parameter ${legacy}`);
}
