import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type Data, type DataMap, DecimalValue, FloatValue, isMap } from "@lava/core";

/**
 * A value as DynamoDB takes it. Every number goes out as its exact text. DynamoDB has no NaN and no infinity: these
 * become texts, as JSON has them in the original (WF-002).
 */
export function toAttribute(value: Data): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === "string") return { S: value };
  if (typeof value === "boolean") return { BOOL: value };
  if (typeof value === "number") {
    return Number.isFinite(value) ? { N: String(value) } : { S: String(value) };
  }
  if (typeof value === "bigint") return { N: String(value) };
  if (value instanceof FloatValue) return toAttribute(value.value);
  if (value instanceof DecimalValue) return { N: value.text };
  if (value instanceof Uint8Array) return { B: value };
  if (isDataMap(value)) return { M: toAttributeMap(value) };
  return { L: value.map((item) => toAttribute(item)) };
}

/** An item as DynamoDB takes it; what is undefined is left out. */
export function toAttributeMap(
  map: Readonly<Record<string, Data | undefined>>,
): Record<string, AttributeValue> {
  const attributes: [string, AttributeValue][] = [];
  for (const [name, item] of Object.entries(map)) {
    if (item !== undefined) attributes.push([name, toAttribute(item)]);
  }
  return Object.fromEntries(attributes);
}

/** A stored value: numbers are decimals, sets become sorted lists. */
export function fromAttribute(attribute: AttributeValue): Data {
  const { S, N, M, L, BOOL, NULL, B, SS, NS, BS } = attribute;
  if (S !== undefined) return S;
  if (N !== undefined) return new DecimalValue(N);
  if (M !== undefined) return fromAttributeMap(M);
  if (L !== undefined) return L.map((item) => fromAttribute(item));
  if (BOOL !== undefined) return BOOL;
  if (NULL !== undefined) return null;
  if (B !== undefined) return B;
  if (SS !== undefined) return fromSet(SS);
  if (NS !== undefined) return fromSet(NS.map((text) => new DecimalValue(text)));
  if (BS !== undefined) return fromSet(BS);
  throw new TypeError("DynamoDB gave a value of a type that is not known");
}

/** A stored item. */
export function fromAttributeMap(item: Readonly<Record<string, AttributeValue>>): DataMap {
  return Object.fromEntries(
    Object.entries(item).map(([name, attribute]) => [name, fromAttribute(attribute)]),
  );
}

/** The nearest double of a stored number; undefined for anything else. */
export function numberOf(value: Data | undefined): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof DecimalValue) return value.valueOf();
  if (value instanceof FloatValue) return value.value;
  return undefined;
}

/** A stored text; undefined for anything else. */
export function textOf(value: Data | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A stored map; empty for anything else. */
export function dataMapOf(value: Data | undefined): DataMap {
  return isDataMap(value) ? value : {};
}

/** Whether a stored value is a map. */
export function isDataMap(value: Data | undefined): value is DataMap {
  return isMap(value);
}

function fromSet(set: readonly Data[]): Data {
  const key = (item: Data): string =>
    item instanceof Uint8Array ? item.join() : JSON.stringify(item);
  return set.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
