import { DecimalValue, FloatValue, isMap } from "@lava/core";

const SHOWN = 40;

/** What a value is, for people: a short value itself, otherwise its kind. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (value instanceof FloatValue) return String(value.value);
  if (value instanceof DecimalValue) return value.text;
  if (isMap(value)) return "a map";
  if (typeof value === "string") {
    return value.length > SHOWN || /[\r\n]/.test(value) ? "text" : `"${value}"`;
  }
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint"
    ? String(value)
    : "something else";
}

/** The value at a path of a record; undefined when there is none. */
export function valueAt(data: unknown, path: readonly (string | number)[]): unknown {
  let value = data;
  for (const part of path) {
    if (Array.isArray(value) && typeof part === "number") value = value[part];
    else if (isMap(value) && Object.hasOwn(value, part)) value = value[part];
    else return undefined;
  }
  return value;
}
