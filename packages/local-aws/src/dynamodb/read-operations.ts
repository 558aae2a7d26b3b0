import { crc32 } from "node:zlib";
import { booleanOf, choiceOf, integerOf, objectOf, required, textOf } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import { consumedCapacity, readUnits } from "./capacity.ts";
import { project } from "./expressions/document.ts";
import { attributesIn, checkCondition, meets } from "./expressions/evaluate-condition.ts";
import { openExpressions, type ResolvedPath } from "./expressions/placeholders.ts";
import type { Range } from "./items.ts";
import { rangeOf } from "./key-condition.ts";
import { keyOfIndex, keyOfInput, pick } from "./keys.ts";
import { refuseLegacy, type Resources, tableOf } from "./resources.ts";
import { type Index, keyNames, type Table } from "./table.ts";
import { invalid, type Item, parseItem } from "./values.ts";

/** A page ends when it has read this much. */
const PAGE_SIZE = 1024 * 1024;

/** Query. */
export function query(resources: Resources, input: JsonObject): object {
  const source = required(textOf(input, "KeyConditionExpression"), "KeyConditionExpression");
  return read(resources, input, source);
}

/** Scan. */
export function scan(resources: Resources, input: JsonObject): object {
  return read(resources, input, undefined);
}

function read(resources: Resources, input: JsonObject, keySource: string | undefined): object {
  refuseLegacy(input);
  const isQuery = keySource !== undefined;
  const expressions = openExpressions(input, [
    ...(isQuery ? ["KeyConditionExpression"] : []),
    "FilterExpression",
    "ProjectionExpression",
  ]);
  const keyCondition = isQuery
    ? expressions.condition("KeyConditionExpression", keySource)
    : undefined;
  const filterSource = textOf(input, "FilterExpression");
  const filter =
    filterSource === undefined
      ? undefined
      : expressions.condition("FilterExpression", filterSource);
  if (filter !== undefined) checkCondition("FilterExpression", filter, expressions);
  const projection = textOf(input, "ProjectionExpression");
  const wanted = projection === undefined ? undefined : expressions.projection(projection);
  expressions.finish();

  const table = tableOf(resources, input);
  const index = indexOf(table, input);
  const schema = index?.key ?? table.key;
  const consistent = booleanOf(input, "ConsistentRead") ?? false;
  if (consistent && index?.kind === "global") {
    throw invalid("Consistent reads are not supported on global secondary indexes");
  }
  if (isQuery && filter !== undefined) {
    const attributes = attributesIn(filter, expressions);
    const key = keyNames(schema).find((name) => attributes.has(name));
    if (key !== undefined) {
      throw invalid(
        `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${key}`,
      );
    }
  }
  const range: Range = {
    ...(keyCondition === undefined ? {} : rangeOf(keyCondition, schema, expressions)),
    descending: isQuery && booleanOf(input, "ScanIndexForward") === false,
    after: startOf(table, index, input),
  };
  const limit = integerOf(input, "Limit") ?? Number.POSITIVE_INFINITY;
  if (limit < 1) {
    throw invalid(
      `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1`,
    );
  }
  const selected = selectionOf(table, index, input, wanted);
  const inSegment = isQuery ? () => true : segmentOf(input);

  const items: Item[] = [];
  let count = 0;
  let scanned = 0;
  let size = 0;
  let last: Item | undefined;
  let more = false;
  for (const found of resources.items.iterate(table, index, range)) {
    if (!inSegment(found.pk)) continue;
    scanned += 1;
    size += found.size;
    last = found.item;
    const visible = selected.visible(found.item);
    if (filter === undefined || meets(visible, filter, expressions)) {
      count += 1;
      if (!selected.countOnly) {
        items.push(wanted === undefined ? visible : project(visible, wanted));
      }
    }
    if (scanned >= limit || size >= PAGE_SIZE) {
      more = true;
      break;
    }
  }

  const names = [...new Set([...keyNames(schema), ...keyNames(table.key)])];
  return {
    ...(selected.countOnly ? {} : { Items: items }),
    Count: count,
    ScannedCount: scanned,
    ...(more && last !== undefined ? { LastEvaluatedKey: pick(last, names) } : {}),
    ...consumedCapacity(input, table, readUnits(size, consistent), index),
  };
}

function indexOf(table: Table, input: JsonObject): Index | undefined {
  const name = textOf(input, "IndexName");
  if (name === undefined) return undefined;
  const index = table.indexes.find((candidate) => candidate.name === name);
  if (index === undefined) {
    throw invalid(`The table does not have the specified index: ${name}`);
  }
  return index;
}

function startOf(table: Table, index: Index | undefined, input: JsonObject): Range["after"] {
  const given = objectOf(input, "ExclusiveStartKey");
  if (given === undefined) return undefined;
  const start = parseItem(given);
  const names = new Set([
    ...keyNames(table.key),
    ...(index === undefined ? [] : keyNames(index.key)),
  ]);
  const bad = invalid("The provided starting key is invalid");
  if (Object.keys(start).length !== names.size) throw bad;
  try {
    const base = keyOfInput(table, pick(start, keyNames(table.key)));
    const key = index === undefined ? base : keyOfIndex(index.key, start, index.name);
    if (key === undefined) throw bad;
    return { key, base };
  } catch {
    throw bad;
  }
}

/** What of an item is seen: an index has only the attributes that it projects. */
function selectionOf(
  table: Table,
  index: Index | undefined,
  input: JsonObject,
  wanted: readonly ResolvedPath[] | undefined,
): { countOnly: boolean; visible: (item: Item) => Item } {
  const select = choiceOf(input, "Select", [
    "ALL_ATTRIBUTES",
    "ALL_PROJECTED_ATTRIBUTES",
    "COUNT",
    "SPECIFIC_ATTRIBUTES",
  ]);
  if (wanted !== undefined && select !== undefined && select !== "SPECIFIC_ATTRIBUTES") {
    throw invalid(
      `Cannot specify the ProjectionExpression when choosing to get ${select === "COUNT" ? "only the Count" : select}`,
    );
  }
  if (wanted === undefined && select === "SPECIFIC_ATTRIBUTES") {
    throw invalid(
      "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
    );
  }
  if (index === undefined && select === "ALL_PROJECTED_ATTRIBUTES") {
    throw invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
  }
  const countOnly = select === "COUNT";
  if (index?.projected === undefined) return { countOnly, visible: (item) => item };
  // A local index fetches from the table what it lacks itself.
  const fetches = select === "ALL_ATTRIBUTES" || wanted !== undefined;
  if (index.kind === "local" && fetches) return { countOnly, visible: (item) => item };
  if (select === "ALL_ATTRIBUTES") {
    throw invalid(
      `One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    );
  }
  const names = [...new Set([...keyNames(table.key), ...keyNames(index.key), ...index.projected])];
  const outside = wanted?.find(([name]) => !names.includes(String(name)));
  if (outside !== undefined) {
    throw invalid(
      `One or more parameter values were invalid: Global secondary index ${index.name} does not project [${String(outside[0])}]`,
    );
  }
  return { countOnly, visible: (item) => pick(item, names) };
}

function segmentOf(input: JsonObject): (pk: Buffer) => boolean {
  const segment = integerOf(input, "Segment");
  const total = integerOf(input, "TotalSegments");
  if (segment === undefined && total === undefined) return () => true;
  if (segment === undefined || total === undefined) {
    throw invalid(
      "The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
    );
  }
  if (segment < 0 || segment >= total) {
    throw invalid(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${segment} is not less than TotalSegments: ${total}`,
    );
  }
  return (pk) => crc32(pk) % total === segment;
}
