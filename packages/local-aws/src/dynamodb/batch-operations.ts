import { choiceOf, objectOf, objectsOf, required } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import { isJsonObject } from "../protocols/json.ts";
import { capacityOf, readUnits, writeUnits } from "./capacity.ts";
import { readOne } from "./item-operations.ts";
import type { Resources } from "./resources.ts";
import type { Table } from "./table.ts";
import { invalid, type Item } from "./values.ts";
import { carryOut, prepareDelete, preparePut, readKey, type Write } from "./writes.ts";

const MAX_GETS = 100;
const MAX_WRITES = 25;
const MAX_ANSWER = 16 * 1024 * 1024;
const DUPLICATES = "Provided list of item keys contains duplicates";

/** BatchGetItem. */
export function batchGetItem(resources: Resources, input: JsonObject): object {
  const requests = readRequests(input);
  const total = requests.reduce((sum, [, request]) => {
    const keys = isJsonObject(request) ? objectsOf(request, "Keys") : undefined;
    return sum + required(keys, "Keys").length;
  }, 0);
  if (total > MAX_GETS) throw invalid("Too many items requested for the BatchGetItem call");
  if (total === 0) throw emptyRequest();

  const responses: Record<string, Item[]> = {};
  const unprocessed: Record<string, object> = {};
  const capacity = new Map<Table, number>();
  let answered = 0;
  for (const [name, request] of requests) {
    if (!isJsonObject(request)) throw invalid("RequestItems must hold objects");
    const keys = objectsOf(request, "Keys") ?? [];
    const table = resources.tables.get(name);
    rejectDuplicates(keys.map((Key) => readKey(table, { Key }).key));
    const found: Item[] = [];
    const left: JsonObject[] = [];
    for (const Key of keys) {
      if (answered >= MAX_ANSWER) {
        left.push(Key);
        continue;
      }
      const { item, size } = readOne(resources, { ...request, TableName: name, Key });
      answered += size;
      const units = readUnits(size, request["ConsistentRead"] === true);
      capacity.set(table, (capacity.get(table) ?? 0) + units);
      if (item !== undefined) found.push(item);
    }
    responses[name] = found;
    if (left.length > 0) unprocessed[name] = { ...request, Keys: left };
  }
  return { Responses: responses, UnprocessedKeys: unprocessed, ...capacities(input, capacity) };
}

/** BatchWriteItem. */
export function batchWriteItem(resources: Resources, input: JsonObject): object {
  const writes: Write[] = [];
  for (const [name, list] of readRequests(input)) {
    const table = resources.tables.get(name);
    const own = required(objectsOf({ list }, "list"), "RequestItems").map((request) => {
      const put = objectOf(request, "PutRequest");
      const remove = objectOf(request, "DeleteRequest");
      if (put !== undefined && remove === undefined) {
        return preparePut(resources, { TableName: name, Item: put["Item"] });
      }
      if (remove !== undefined && put === undefined) {
        return prepareDelete(resources, { TableName: name, Key: remove["Key"] });
      }
      throw invalid(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
      );
    });
    rejectDuplicates(own.map(({ key }) => key));
    writes.push(...own.map((write) => ({ ...write, table })));
  }
  if (writes.length === 0) throw emptyRequest();
  if (writes.length > MAX_WRITES)
    throw invalid("Too many items requested for the BatchWriteItem call");

  const capacity = new Map<Table, number>();
  resources.context.store.write(() => {
    for (const write of writes) {
      const { size } = carryOut(resources, write);
      capacity.set(write.table, (capacity.get(write.table) ?? 0) + writeUnits(size));
    }
  });
  return { UnprocessedItems: {}, ...capacities(input, capacity) };
}

/** Refuses a key that comes twice. */
function rejectDuplicates(keys: readonly { readonly pk: Buffer; readonly sk: Buffer }[]): void {
  const texts = keys.map(({ pk, sk }) => `${pk.toString("hex")}/${sk.toString("hex")}`);
  if (new Set(texts).size < texts.length) throw invalid(DUPLICATES);
}

function readRequests(input: JsonObject): readonly [string, unknown][] {
  return Object.entries(required(objectOf(input, "RequestItems"), "RequestItems"));
}

function emptyRequest(): Error {
  return invalid(
    "1 validation error detected: Value '{}' at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
  );
}

/** ConsumedCapacity of an operation on several tables. */
export function capacities(
  input: JsonObject,
  units: ReadonlyMap<Table, number>,
): { ConsumedCapacity?: readonly object[] } {
  const mode = choiceOf(input, "ReturnConsumedCapacity", ["INDEXES", "TOTAL", "NONE"]);
  if (mode === undefined || mode === "NONE") return {};
  return { ConsumedCapacity: [...units].map(([table, count]) => capacityOf(mode, table, count)) };
}
