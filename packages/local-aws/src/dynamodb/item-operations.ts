import { booleanOf, choiceOf, textOf } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import { consumedCapacity, readUnits, writeUnits } from "./capacity.ts";
import { project } from "./expressions/document.ts";
import { openExpressions } from "./expressions/placeholders.ts";
import { refuseLegacy, type Resources, tableOf } from "./resources.ts";
import { type Item, invalid } from "./values.ts";
import {
  carryOut,
  prepareDelete,
  preparePut,
  prepareUpdate,
  readKey,
  type Write,
} from "./writes.ts";

/** GetItem. */
export function getItem(resources: Resources, input: JsonObject): object {
  const { item, size, table } = readOne(resources, input);
  const units = readUnits(size, booleanOf(input, "ConsistentRead") ?? false);
  return {
    ...(item === undefined ? {} : { Item: item }),
    ...consumedCapacity(input, table, units),
  };
}

/** The item that GetItem, or Get of a transaction, names. */
export function readOne(resources: Resources, input: JsonObject) {
  refuseLegacy(input);
  const expressions = openExpressions(input, ["ProjectionExpression"]);
  const source = textOf(input, "ProjectionExpression");
  const paths = source === undefined ? undefined : expressions.projection(source);
  expressions.finish();
  const table = tableOf(resources, input);
  const stored = resources.items.get(table, readKey(table, input).key);
  const item =
    stored !== undefined && paths !== undefined ? project(stored.item, paths) : stored?.item;
  return { table, item, size: stored?.size ?? 0 };
}

/** PutItem. */
export function putItem(resources: Resources, input: JsonObject): object {
  return writeOne(resources, input, preparePut, ["NONE", "ALL_OLD"]);
}

/** DeleteItem. */
export function deleteItem(resources: Resources, input: JsonObject): object {
  return writeOne(resources, input, prepareDelete, ["NONE", "ALL_OLD"]);
}

/** UpdateItem. */
export function updateItem(resources: Resources, input: JsonObject): object {
  const all = ["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"] as const;
  return writeOne(resources, input, prepareUpdate, all);
}

type ReturnValues = "NONE" | "ALL_OLD" | "UPDATED_OLD" | "ALL_NEW" | "UPDATED_NEW";

function writeOne(
  resources: Resources,
  input: JsonObject,
  prepare: (resources: Resources, input: JsonObject) => Write,
  allowed: readonly ReturnValues[],
): object {
  const returns =
    choiceOf(input, "ReturnValues", ["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"]) ??
    "NONE";
  if (!allowed.includes(returns)) throw invalid("Return values set to invalid value");
  const write = prepare(resources, input);
  const { old, next, size } = resources.context.store.write(() => carryOut(resources, write));
  const attributes: Item | undefined = {
    NONE: () => undefined,
    ALL_OLD: () => old,
    ALL_NEW: () => next,
    UPDATED_OLD: () => old && project(old, write.paths),
    UPDATED_NEW: () => next && project(next, write.paths),
  }[returns]();
  const empty = attributes === undefined || Object.keys(attributes).length === 0;
  return {
    ...(empty ? {} : { Attributes: attributes }),
    ...consumedCapacity(input, write.table, writeUnits(size)),
  };
}
