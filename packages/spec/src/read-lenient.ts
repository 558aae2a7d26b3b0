import { DecimalValue, FloatValue, isMap, isTruthy } from "@lava/core";
import * as z from "zod";
import { checkKeys } from "./check-keys.ts";
import { kindOf } from "./issue-text.ts";
import { lenientRules } from "./lenient-rules.ts";

/** What is wrong with a value, or the value as the schema would have it. */
export type Reading = { readonly value: unknown } | { readonly fault: string };

/** Told about values that were converted because they were not written as they should be. */
export type OnWarning = (text: string) => void;

/**
 * Reads a value by its schema as the original would: text for true and false, numbers as DynamoDB has them or as
 * text, null where nothing is meant. Only the kind of each value is checked, not its form: whoever uses it says what
 * is wrong with it, as the original does. Keys of maps are checked (JOB-all-01).
 */
export function readLenient(
  schema: z.core.$ZodType,
  value: unknown,
  warn: OnWarning = () => undefined,
  path = "",
): Reading {
  const rule = lenientRules.get(schema);
  if (rule?.read !== undefined) return rule.read(value);
  const reading = readByKind(schema, value, warn, path);
  if ("value" in reading || rule?.refusal === undefined) return reading;
  if (schema instanceof z.ZodDiscriminatedUnion) return reading;
  return { fault: rule.refusal(value) };
}

function readByKind(
  schema: z.core.$ZodType,
  value: unknown,
  warn: OnWarning,
  path: string,
): Reading {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    const absent = schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined;
    if (value === undefined) return { value: absent };
    const reading = readLenient(schema.unwrap(), value, warn, path);
    // Null means absent, unless the field can be null, or is true or false: then null is false.
    return value === null && "fault" in reading ? { value: absent } : reading;
  }
  if (schema instanceof z.ZodNullable) {
    return value === null ? { value } : readLenient(schema.unwrap(), value, warn, path);
  }
  if (schema instanceof z.ZodObject) return readObject(schema, value, warn, path);
  if (schema instanceof z.ZodRecord) return readRecord(schema, value, warn, path);
  if (schema instanceof z.ZodArray) return readArray(schema, value, warn, path);
  if (schema instanceof z.ZodDiscriminatedUnion) return readVariant(schema, value, warn, path);
  if (schema instanceof z.ZodUnion) return readUnion(schema, value, path);
  return readScalar(schema, value, warn, path);
}

function readScalar(
  schema: z.core.$ZodType,
  value: unknown,
  warn: OnWarning,
  path: string,
): Reading {
  if (schema instanceof z.ZodString) {
    return typeof value === "string" ? { value } : { fault: at(path, "must be a string") };
  }
  if (schema instanceof z.ZodBoolean) return { value: readBoolean(value, warn, path) };
  if (schema instanceof z.ZodNumber) {
    const number = readNumber(value);
    return number === undefined ? { fault: at(path, "must be a number") } : { value: number };
  }
  if (schema instanceof z.ZodEnum) {
    const words = schema.options.map(String);
    const word = typeof value === "string" ? value : "";
    const found =
      words.find((item) => item === word) ?? words.find((item) => item === word.toLowerCase());
    return found === undefined
      ? { fault: at(path, `must be one of ${words.join(", ")}`) }
      : { value: found };
  }
  const result = z.safeParse(schema, value);
  return result.success
    ? { value: result.data }
    : { fault: at(path, "has a value of the wrong kind") };
}

function readBoolean(value: unknown, warn: OnWarning, path: string): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "string") {
    const word = value.trim().toLowerCase();
    const isFalse = ["false", "f", "no", "n", "0", ""].includes(word);
    warn(`${path} is text, not true or false: taken as ${String(!isFalse)}`);
    return !isFalse;
  }
  return isTruthy(value);
}

function readNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof DecimalValue) return Number(value.text);
  if (value instanceof FloatValue) return value.value;
  return typeof value === "string" && /^\s*[+-]?\d+(?:\.\d+)?\s*$/.test(value)
    ? Number(value)
    : undefined;
}

function readObject(schema: z.ZodObject, value: unknown, warn: OnWarning, path: string): Reading {
  if (!isMap(value)) return { fault: at(path, "must be a map/dict") };
  const fields = Object.entries(schema.shape);
  const required = fields.filter(([, field]) => field._zod.optin === undefined);
  const fault = checkKeys(
    value,
    required.map(([name]) => name),
    Object.keys(schema.shape),
  );
  if (fault !== undefined) return { fault: at(path, fault) };
  const result: Record<string, unknown> = {};
  for (const [name, field] of fields) {
    const reading = readLenient(field, value[name], warn, join(path, name));
    if ("fault" in reading) return reading;
    if (reading.value !== undefined) result[name] = reading.value;
  }
  return { value: result };
}

function readRecord(schema: z.ZodRecord, value: unknown, warn: OnWarning, path: string): Reading {
  if (!isMap(value)) return { fault: at(path, "must be a map/dict") };
  const entries: [string, unknown][] = [];
  for (const [name, item] of Object.entries(value)) {
    const reading = readLenient(schema.valueType, item, warn, join(path, name));
    if ("fault" in reading) return reading;
    entries.push([name, reading.value]);
  }
  return { value: Object.fromEntries(entries) };
}

function readArray(schema: z.ZodArray, value: unknown, warn: OnWarning, path: string): Reading {
  if (!Array.isArray(value)) return { fault: at(path, "must be a list") };
  const items: unknown[] = [];
  for (const [index, item] of value.entries()) {
    const reading = readLenient(schema.element, item, warn, `${path}[${index}]`);
    if ("fault" in reading) return reading;
    items.push(reading.value);
  }
  return { value: items };
}

/** One of several maps, told apart by the word in one of their fields. */
function readVariant(
  schema: z.ZodDiscriminatedUnion,
  value: unknown,
  warn: OnWarning,
  path: string,
): Reading {
  const key = schema.def.discriminator;
  if (!isMap(value)) return { fault: at(path, "must be a map/dict") };
  if (value[key] === undefined) return { fault: at(path, `Missing keys: ${key}`) };
  const variant = schema.options.find(
    (option) => option instanceof z.ZodObject && isLiteral(option.shape[key], value[key]),
  );
  if (variant !== undefined) return readLenient(variant, value, warn, path);
  const refusal = lenientRules.get(schema)?.refusal;
  return { fault: refusal?.(value[key]) ?? at(path, `unknown ${key} ${kindOf(value[key])}`) };
}

function isLiteral(schema: unknown, value: unknown): boolean {
  return (
    schema instanceof z.ZodLiteral && schema.values.has(typeof value === "string" ? value : "")
  );
}

/** The first kind that the value is of; a number of DynamoDB is a number. */
function readUnion(schema: z.ZodUnion, value: unknown, path: string): Reading {
  const plain =
    value instanceof DecimalValue || value instanceof FloatValue || typeof value === "bigint"
      ? readNumber(value)
      : value;
  for (const option of schema.options) {
    const isText = option instanceof z.ZodString;
    if (isText !== (typeof plain === "string") && (isText || typeof plain === "string")) continue;
    if (option instanceof z.ZodNumber && typeof plain !== "number") continue;
    const reading = readLenient(option, plain, undefined, path);
    if ("value" in reading) return reading;
  }
  return { fault: at(path, "has a value of the wrong kind") };
}

function at(path: string, fault: string): string {
  return path === "" ? fault : `${path}: ${fault}`;
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
