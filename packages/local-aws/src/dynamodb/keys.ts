import { numberSortKey } from "./decimal.ts";
import { keyNames, type KeyAttribute, type KeySchema, type Table } from "./table.ts";
import { type AttributeValue, invalid, type Item, typeOf } from "./values.ts";

/** A key as it is stored: bytes that sort as the values do. */
export interface Key {
  readonly pk: Buffer;
  /** Empty when there is no sort key. */
  readonly sk: Buffer;
}

const NO_SORT_KEY = Buffer.alloc(0);

/** The key of an item that is put; complains as PutItem does. */
export function keyOfItem(table: Table, item: Item): Key {
  return makeKey(table.key, item, (attribute, value) => {
    if (value === undefined) {
      return `One or more parameter values were invalid: Missing the key ${attribute.name} in the item`;
    }
    return `One or more parameter values were invalid: Type mismatch for key ${attribute.name} expected: ${attribute.type} actual: ${typeOf(value)}`;
  });
}

/** The key that GetItem and others name: these attributes, no others. */
export function keyOfInput(table: Table, key: Item): Key {
  const mismatch = "The provided key element does not match the schema";
  if (Object.keys(key).length !== keyNames(table.key).length) throw invalid(mismatch);
  return makeKey(table.key, key, () => mismatch);
}

/** The entry of an item in an index, if it belongs there. */
export function keyOfIndex(schema: KeySchema, item: Item, indexName: string): Key | undefined {
  if (keyNames(schema).some((name) => item[name] === undefined)) return undefined;
  return makeKey(schema, item, (attribute, value) => {
    const actual = value === undefined ? "NULL" : typeOf(value);
    return `One or more parameter values were invalid: Type mismatch for Index Key ${attribute.name} Expected: ${attribute.type} Actual: ${actual} IndexName: ${indexName}`;
  });
}

function makeKey(
  schema: KeySchema,
  item: Item,
  complain: (attribute: KeyAttribute, value: AttributeValue | undefined) => string,
): Key {
  const encode = (attribute: KeyAttribute, limit: number): Buffer => {
    const value = item[attribute.name];
    if (value === undefined || typeOf(value) !== attribute.type) {
      throw invalid(complain(attribute, value));
    }
    const bytes = encodeKeyValue(value);
    if (bytes.length === 0) {
      throw invalid(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${attribute.type === "S" ? "string" : "binary"} value. Key: ${attribute.name}`,
      );
    }
    if (bytes.length > limit) {
      throw invalid(
        `One or more parameter values were invalid: Size of ${limit === 2048 ? "hashkey" : "rangekey"} has exceeded the maximum size limit of ${limit} bytes`,
      );
    }
    return bytes;
  };
  return {
    pk: encode(schema.partition, 2048),
    sk: schema.sort === undefined ? NO_SORT_KEY : encode(schema.sort, 1024),
  };
}

/** A key value as bytes that sort as the values do. */
export function encodeKeyValue(value: AttributeValue): Buffer {
  if ("S" in value) return Buffer.from(value.S);
  if ("N" in value) return numberSortKey(value.N);
  if ("B" in value) return Buffer.from(value.B, "base64");
  throw new TypeError(`${typeOf(value)} cannot be a key`);
}

/** The attributes of an item that make up a key. */
export function pick(item: Item, names: readonly string[]): Item {
  const result: Record<string, AttributeValue> = {};
  for (const name of names) {
    const value = item[name];
    if (value !== undefined) result[name] = value;
  }
  return result;
}
