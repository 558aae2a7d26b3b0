import { type Data, DecimalValue, FloatValue } from "@lava/core";

/**
 * JSON text of a value, kinds of numbers kept (WF-002, WF-075): a whole float is written `1.0`, a DynamoDB number as
 * it stands, an int of any size by its digits.
 */
export function toWireJson(value: Data): string {
  if (value instanceof FloatValue) return value.value.toFixed(1);
  if (value instanceof DecimalValue) return value.text;
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("utf8"));
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number")
    return Number.isFinite(value) ? String(value) : pythonConstant(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) {
    return `[${value.map((item: Data) => toWireJson(item)).join(", ")}]`;
  }
  const members = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}: ${toWireJson(item)}`,
  );
  return `{${members.join(", ")}}`;
}

function pythonConstant(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}
