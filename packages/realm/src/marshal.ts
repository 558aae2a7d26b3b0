import type { NumberValue } from "@aws-sdk/lib-dynamodb";
import { type Data, type DataMap, DecimalValue, FloatValue, isMap } from "@lava/core";

/** Makes an exact DynamoDB number of its text; `NumberValue.from` of `@aws-sdk/lib-dynamodb`. */
export type MakeNumber = (text: string) => NumberValue;

/**
 * A value as the document client takes it. Every number goes out as its exact text. DynamoDB has no NaN and no
 * infinity: these become texts, as JSON has them in the original (WF-002).
 */
export function toDocument(value: Data, makeNumber: MakeNumber): unknown {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") {
    return Number.isFinite(value) ? makeNumber(String(value)) : String(value);
  }
  if (typeof value === "bigint") return makeNumber(String(value));
  if (value instanceof FloatValue) return toDocument(value.value, makeNumber);
  if (value instanceof DecimalValue) return makeNumber(value.text);
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item: Data) => toDocument(item, makeNumber));
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([name, item]) => [name, toDocument(item, makeNumber)] as const);
  // The SDK tells types by `constructor.name`, which a member of this name hides.
  return Object.hasOwn(value, "constructor") ? new Map(entries) : Object.fromEntries(entries);
}

/** A value from the document client (wrapped numbers): numbers are decimals, sets become sorted lists. */
export function fromDocument(value: unknown): Data {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => fromDocument(item));
  if (value instanceof Set) return fromSet(value);
  if (isMap(value)) {
    if (isNumberValue(value)) return new DecimalValue(value.value);
    return mapOf(value, fromDocument);
  }
  throw new TypeError("The document client gave a value of a type that DynamoDB does not have");
}

/** An item from the document client. */
export function fromDocumentMap(item: Readonly<Record<string, unknown>>): DataMap {
  return mapOf(item, fromDocument);
}

/** A value as it is on the wire (`{ S: ... }`), which the document client leaves in errors. */
function fromAttribute(attribute: unknown): Data {
  if (!isMap(attribute)) return null;
  const [type, value] = Object.entries(attribute).find(([, item]) => item !== undefined) ?? [
    "NULL",
  ];
  switch (type) {
    case "N":
      return new DecimalValue(String(value));
    case "M":
      return isMap(value) ? fromAttributeMap(value) : {};
    case "L":
      return Array.isArray(value) ? value.map((item: unknown) => fromAttribute(item)) : [];
    case "NS":
      return Array.isArray(value) ? value.map((item) => new DecimalValue(String(item))) : [];
    case "NULL":
      return null;
    default:
      return fromDocument(value);
  }
}

/** An item as it is on the wire. */
export function fromAttributeMap(item: Readonly<Record<string, unknown>>): DataMap {
  return mapOf(item, fromAttribute);
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

function isNumberValue(value: object): value is { value: string } {
  return (
    "toAttributeValue" in value &&
    typeof value.toAttributeValue === "function" &&
    "value" in value &&
    typeof value.value === "string"
  );
}

function fromSet(set: ReadonlySet<unknown>): Data {
  const key = (item: Data): string =>
    item instanceof Uint8Array ? item.join() : JSON.stringify(item);
  return [...set].map((item) => fromDocument(item)).toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

function mapOf(
  map: Readonly<Record<string, unknown>>,
  convert: (value: unknown) => Data,
): Record<string, Data> {
  return Object.fromEntries(Object.entries(map).map(([name, item]) => [name, convert(item)]));
}
