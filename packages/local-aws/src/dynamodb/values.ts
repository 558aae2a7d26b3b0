import { AwsError } from "../errors.ts";
import { isJsonObject } from "../protocols/json.ts";
import { compareNumbers, normalizeNumber, numberSize } from "./decimal.ts";

/** A value as it travels and is stored; numbers normalised, bytes as base64. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Item };

/** Attributes by name. */
export type Item = { readonly [name: string]: AttributeValue };

/** Names of the types. */
export type AttributeType = "S" | "N" | "B" | "BOOL" | "NULL" | "SS" | "NS" | "BS" | "L" | "M";

const MAX_DEPTH = 32;

/** ValidationException with this text. */
export function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

/** The type of a value. */
export function typeOf(value: AttributeValue): AttributeType {
  if ("S" in value) return "S";
  if ("N" in value) return "N";
  if ("M" in value) return "M";
  if ("L" in value) return "L";
  if ("BOOL" in value) return "BOOL";
  if ("NULL" in value) return "NULL";
  if ("B" in value) return "B";
  if ("SS" in value) return "SS";
  if ("NS" in value) return "NS";
  return "BS";
}

/** Checks and normalises the attributes of an item, key, or placeholder map. */
export function parseItem(input: unknown, depth = 0): Item {
  if (!isJsonObject(input)) throw malformed("a map of attribute values was expected");
  const item: Record<string, AttributeValue> = Object.create(null);
  for (const [name, value] of Object.entries(input)) item[name] = parseValue(value, depth);
  return item;
}

/** Checks and normalises one value. */
export function parseValue(input: unknown, depth = 0): AttributeValue {
  if (!isJsonObject(input)) throw malformed("an attribute value was expected");
  if (depth > MAX_DEPTH) {
    throw invalid("Nesting Levels have exceeded supported limits: 32");
  }
  const entries = Object.entries(input).filter(([, value]) => value !== null);
  const [entry] = entries;
  if (entry === undefined) {
    throw invalid(
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
    );
  }
  if (entries.length > 1) {
    throw invalid(
      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
    );
  }
  const [type, value] = entry;
  switch (type) {
    case "S":
      return { S: text(value) };
    case "N":
      return { N: normalizeNumber(text(value)) };
    case "B":
      return { B: base64(value) };
    case "BOOL":
      if (typeof value !== "boolean") throw malformed("BOOL is not a boolean");
      return { BOOL: value };
    case "NULL":
      if (value !== true) {
        throw invalid(
          "One or more parameter values were invalid: Null attribute value types must have the value of true",
        );
      }
      return { NULL: true };
    case "SS":
      return { SS: set(value, text, "string") };
    case "NS":
      return { NS: set(value, (item) => normalizeNumber(text(item)), "number") };
    case "BS":
      return { BS: set(value, base64, "binary") };
    case "L":
      if (!Array.isArray(value)) throw malformed("L is not a list");
      return { L: value.map((item: unknown) => parseValue(item, depth + 1)) };
    case "M":
      return { M: parseItem(value, depth + 1) };
    default:
      throw invalid(
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
      );
  }
}

/** Bytes that an item counts for. */
export function itemSize(item: Item): number {
  let size = 0;
  for (const [name, value] of Object.entries(item))
    size += Buffer.byteLength(name) + valueSize(value);
  return size;
}

function valueSize(value: AttributeValue): number {
  if ("S" in value) return Buffer.byteLength(value.S);
  if ("N" in value) return numberSize(value.N);
  if ("B" in value) return Buffer.byteLength(value.B, "base64");
  if ("SS" in value) return total(value.SS, (item) => Buffer.byteLength(item));
  if ("NS" in value) return total(value.NS, numberSize);
  if ("BS" in value) return total(value.BS, (item) => Buffer.byteLength(item, "base64"));
  if ("L" in value) return 3 + total(value.L, (item) => 1 + valueSize(item));
  if ("M" in value) return 3 + Object.keys(value.M).length + itemSize(value.M);
  return 1;
}

/** Whether two values are the same; sets without regard to order. */
export function isEqual(a: AttributeValue, b: AttributeValue): boolean {
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  if ("L" in a && "L" in b) {
    return a.L.length === b.L.length && a.L.every((item, index) => isSame(item, b.L[index]));
  }
  if ("M" in a && "M" in b) {
    const names = Object.keys(a.M);
    return (
      names.length === Object.keys(b.M).length &&
      names.every((name) => isSame(a.M[name], b.M[name]))
    );
  }
  const set = elementsOf(a);
  const other = elementsOf(b);
  if (set !== undefined && other !== undefined) {
    return set.length === other.length && set.every((item) => other.includes(item));
  }
  return scalarText(a) === scalarText(b);
}

function isSame(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  return a !== undefined && b !== undefined && isEqual(a, b);
}

/** As for sorting; undefined where there is no order (other types, or types that differ). */
export function compareValues(a: AttributeValue, b: AttributeValue): number | undefined {
  if ("S" in a && "S" in b) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if ("N" in a && "N" in b) return compareNumbers(a.N, b.N);
  if ("B" in a && "B" in b) {
    return Buffer.compare(Buffer.from(a.B, "base64"), Buffer.from(b.B, "base64"));
  }
  return undefined;
}

/** The elements of a set. */
export function elementsOf(value: AttributeValue): readonly string[] | undefined {
  if ("SS" in value) return value.SS;
  if ("NS" in value) return value.NS;
  if ("BS" in value) return value.BS;
  return undefined;
}

/** A set of the same type with other elements. */
export function withElements(value: AttributeValue, elements: readonly string[]): AttributeValue {
  if ("SS" in value) return { SS: elements };
  return "NS" in value ? { NS: elements } : { BS: elements };
}

function scalarText(value: AttributeValue): string {
  if ("S" in value) return value.S;
  if ("N" in value) return value.N;
  if ("B" in value) return value.B;
  return "BOOL" in value ? String(value.BOOL) : "";
}

function text(value: unknown): string {
  if (typeof value !== "string") throw malformed("a string was expected");
  return value;
}

function base64(value: unknown): string {
  const bytes = text(value);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(bytes) || bytes.length % 4 !== 0) {
    throw malformed("Invalid base64");
  }
  return Buffer.from(bytes, "base64").toString("base64");
}

function set(value: unknown, parse: (item: unknown) => string, name: string): string[] {
  if (!Array.isArray(value)) throw malformed("a set is not a list");
  if (value.length === 0) {
    throw invalid(`One or more parameter values were invalid: An ${name} set  may not be empty`);
  }
  const items = value.map((item: unknown) => parse(item));
  if (new Set(items).size < items.length) {
    throw invalid(
      `One or more parameter values were invalid: Input collection [${items.join(", ")}] contains duplicates.`,
    );
  }
  return items;
}

function total<T>(items: readonly T[], size: (item: T) => number): number {
  return items.reduce((sum, item) => sum + size(item), 0);
}

function malformed(why: string): AwsError {
  return new AwsError("SerializationException", why);
}
