import { type Data, DecimalValue, FloatValue } from "@lava/core";
import { toData } from "@lava/render";

/** A handler's result as plain data for the events item; what is undefined is left out (WK-165). */
export function toInfo(value: unknown, above: readonly object[] = []): Data {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case "string":
    case "boolean":
    case "bigint":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    default:
  }
  if (value instanceof DecimalValue || value instanceof FloatValue || value instanceof Uint8Array) {
    return value;
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? String(value) : value.toISOString();
  }
  if (above.includes(value)) return "[circular]";
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((item: unknown) => toInfo(item, path));
  if (Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([name, item]) => [name, toInfo(item, path)]),
    );
  }
  return toData(value);
}
