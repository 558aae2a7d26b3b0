import { AwsError } from "../errors.ts";
import { choiceOf, required, textOf } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import { applyUpdate, checkUpdate, pathsOf } from "./expressions/apply-update.ts";
import { checkCondition, meets } from "./expressions/evaluate-condition.ts";
import {
  type Expressions,
  openExpressions,
  type ResolvedPath,
} from "./expressions/placeholders.ts";
import type { Condition } from "./expressions/syntax.ts";
import { type Key, keyOfInput, keyOfItem } from "./keys.ts";
import { refuseLegacy, type Resources, tableOf } from "./resources.ts";
import { keyNames, type Table } from "./table.ts";
import { invalid, type Item, itemSize, parseItem } from "./values.ts";

/** A write that was checked as far as that is possible without the item. */
export interface Write {
  readonly table: Table;
  readonly key: Key;
  readonly expressions: Expressions;
  readonly condition: Condition | undefined;
  /** ReturnValuesOnConditionCheckFailure=ALL_OLD. */
  readonly returnsOldOnFailure: boolean;
  /** What an update touches. */
  readonly paths: readonly ResolvedPath[];
  /** What becomes of the item; undefined: it goes. */
  next(old: Item | undefined): Item | undefined;
}

/** The item before and after. */
export interface Written {
  readonly old: Item | undefined;
  readonly next: Item | undefined;
  /** The larger size of the two, for capacity. */
  readonly size: number;
}

/** PutItem, or Put of a transaction. */
export function preparePut(resources: Resources, input: JsonObject): Write {
  const write = prepare(resources, input, ["ConditionExpression"]);
  const item = parseItem(required(input["Item"] ?? undefined, "Item"));
  write.expressions.finish();
  return { ...write, key: keyOfItem(write.table, item), paths: [], next: () => item };
}

/** DeleteItem, or Delete of a transaction. */
export function prepareDelete(resources: Resources, input: JsonObject): Write {
  const write = prepare(resources, input, ["ConditionExpression"]);
  write.expressions.finish();
  return { ...write, key: readKey(write.table, input).key, paths: [], next: () => undefined };
}

/** ConditionCheck of a transaction. */
export function prepareCheck(resources: Resources, input: JsonObject): Write {
  required(textOf(input, "ConditionExpression"), "ConditionExpression");
  const write = prepare(resources, input, ["ConditionExpression"]);
  write.expressions.finish();
  return { ...write, key: readKey(write.table, input).key, paths: [], next: (old) => old };
}

/** UpdateItem, or Update of a transaction. */
export function prepareUpdate(resources: Resources, input: JsonObject): Write {
  const write = prepare(resources, input, ["UpdateExpression", "ConditionExpression"]);
  const { expressions, table } = write;
  const source = textOf(input, "UpdateExpression");
  const update = source === undefined ? undefined : expressions.update(source);
  expressions.finish();
  const { key, keyItem } = readKey(table, input);
  const paths = update === undefined ? [] : pathsOf(update, expressions);
  if (update !== undefined) checkUpdate(update, expressions);
  for (const [name] of paths) {
    if (typeof name === "string" && keyNames(table.key).includes(name)) {
      throw invalid(
        `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
      );
    }
  }
  return {
    ...write,
    key,
    paths,
    next: (old) => {
      const item = old ?? keyItem;
      return update === undefined ? item : applyUpdate(item, update, expressions);
    },
  };
}

function prepare(
  resources: Resources,
  input: JsonObject,
  sources: readonly string[],
): Pick<Write, "table" | "expressions" | "condition" | "returnsOldOnFailure"> {
  refuseLegacy(input);
  const expressions = openExpressions(input, sources);
  const source = textOf(input, "ConditionExpression");
  const condition =
    source === undefined ? undefined : expressions.condition("ConditionExpression", source);
  if (condition !== undefined) checkCondition("ConditionExpression", condition, expressions);
  const onFailure = choiceOf(input, "ReturnValuesOnConditionCheckFailure", ["ALL_OLD", "NONE"]);
  return {
    table: tableOf(resources, input),
    expressions,
    condition,
    returnsOldOnFailure: onFailure === "ALL_OLD",
  };
}

/** The member Key of an input. */
export function readKey(table: Table, input: JsonObject): { key: Key; keyItem: Item } {
  const keyItem = parseItem(required(input["Key"] ?? undefined, "Key"));
  return { key: keyOfInput(table, keyItem), keyItem };
}

/** Carries out a write; ConditionalCheckFailedException when its condition is not met. */
export function carryOut({ items }: Resources, write: Write): Written {
  const { table, key, condition } = write;
  const stored = items.get(table, key);
  const old = stored?.item;
  if (condition !== undefined && !meets(old ?? {}, condition, write.expressions)) {
    throw new AwsError("ConditionalCheckFailedException", "The conditional request failed", {
      fields: write.returnsOldOnFailure && old !== undefined ? { Item: old } : {},
    });
  }
  const next = write.next(old);
  if (next === undefined) {
    if (old !== undefined) items.remove(table, key, old);
  } else if (next !== old) {
    items.put(table, key, next, old);
  }
  const size = Math.max(stored?.size ?? 0, next === undefined ? 0 : itemSize(next));
  return { old, next, size };
}
